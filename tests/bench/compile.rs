//! How long a compile takes beside the store's own load of the same quads, and which share of it
//! goes into claims, in one run.
//!
//! `STEMMA_BENCH_INPUT=docs.nl-NL cargo bench` (default: the bundled sample). Prints seconds, the
//! ratio, of which what is above 1 is what stemma adds to loading, and the share of claims: what a
//! compile takes less if nothing is read of what pages state about data.

#![expect(clippy::print_stdout, reason = "figures are what a bench says")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use stemma::compile::{self, Options};
use stemma::store::{LoadOptions, Snapshot, StoreError};

const RUNS: usize = 3;

fn main() {
    let sample = PathBuf::from("data/sample");
    let input = std::env::var_os("STEMMA_BENCH_INPUT").map_or(sample, PathBuf::from);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut compiles = Vec::new();
    let mut loads = Vec::new();
    let mut unread = Vec::new();
    for run in 0..RUNS {
        let out = folder.path().join(format!("compiled-{run}"));
        let options = Options::new(out.clone());
        let start = Instant::now();
        compile::compile(std::slice::from_ref(&input), &options).expect("the input compiles");
        compiles.push(start.elapsed());
        let without = folder.path().join(format!("without-{run}"));
        let options = Options { without_claims: true, ..Options::new(without) };
        let start = Instant::now();
        compile::compile(std::slice::from_ref(&input), &options).expect("the input compiles");
        unread.push(start.elapsed());
        let quads: Vec<_> = Snapshot::open(&out)
            .expect("the graph can be opened")
            .quads()
            .collect::<Result<_, _>>()
            .expect("the graph can be read");
        let count = quads.len();
        let again = folder.path().join(format!("loaded-{run}"));
        let start = Instant::now();
        Snapshot::build(&again, LoadOptions::default(), |sink| {
            for batch in quads.chunks(1000) {
                sink.send(batch.to_vec())?;
            }
            Ok::<_, StoreError>(((), Vec::new()))
        })
        .expect("the quads can be loaded");
        loads.push(start.elapsed());
        println!(
            "run {}: compile {:.2?}, without claims {:.2?}, load of its {count} quads {:.2?}",
            run + 1,
            compiles[run],
            unread[run],
            loads[run]
        );
    }
    let (compile, load, unread) = (median(compiles), median(loads), median(unread));
    println!(
        "median: compile {compile:.2?}, load {load:.2?}, ratio {:.2}",
        compile.as_secs_f64() / load.as_secs_f64()
    );
    println!(
        "share of claims: {:.0} %",
        100.0 * (1.0 - unread.as_secs_f64() / compile.as_secs_f64())
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
