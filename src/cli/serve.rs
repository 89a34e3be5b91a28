//! `stemma serve`: the graph over HTTP.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use super::{DataArgs, Failure, GraphArgs};
use crate::engine::Limits;
use crate::serve::{self, Options, ServeError};

/// Serve the graph over HTTP, for programs and for people
///
/// SPARQL at `/sparql`, saved queries at `/query/NAME`, every IRI of the graph under the server's
/// own address, and an explorer at `/`. Nothing can be changed. A graph that `stemma compile` puts
/// in place while it is served is picked up.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    graph: GraphArgs,
    /// Where to listen; 0.0.0.0 lets other machines in
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7878", value_parser = bind)]
    bind: SocketAddr,
    /// The public address, behind a proxy, without a path (default: the one that is asked)
    #[arg(long, value_name = "URL", value_parser = address)]
    address: Option<String>,
    /// How long a query may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    timeout: f64,
    /// Rows or statements an answer may have
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = at_least_one)]
    rows: usize,
    /// Memory a query may take, in MB
    #[arg(long, value_name = "MB", default_value_t = 1024, value_parser = at_least_one)]
    memory: usize,
    /// Queries at once (default: two for each processor)
    #[arg(long, value_name = "N")]
    queries: Option<usize>,
    /// Queries that may wait for these; more are told to come back
    #[arg(long, value_name = "N", default_value_t = 256)]
    waiting: usize,
    /// Answers to keep for the next who asks the same, in MB
    #[arg(long, value_name = "MB", default_value_t = 64)]
    cache: usize,
    /// A host that queries may ask with `SERVICE`; may be given several times (default: none)
    #[arg(long = "allow-service", value_name = "HOST")]
    services: Vec<String>,
    /// Do not say each request on stderr
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    data: DataArgs,
}

impl ServeArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let options = Options {
            graph: self.graph.graph,
            bind: self.bind,
            address: self.address,
            limits: Limits {
                time: Duration::from_secs_f64(self.timeout),
                rows: self.rows,
                memory: self.memory.saturating_mul(1_000_000),
                at_once: self.queries.unwrap_or(2 * processors).max(1),
                waiting: self.waiting,
            },
            cache: self.cache << 20,
            services: self.services,
            data: self.data.data,
            program: std::env::current_exe()?,
            log: !self.quiet,
        };
        let is_open = !is_local(options.bind.ip());
        serve::serve(options, |address| {
            eprintln!("serving at http://{address}/ (end with Ctrl-C)");
            if is_open {
                eprintln!("other machines can read this graph");
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn is_local(address: IpAddr) -> bool {
    address.is_loopback()
}

fn address(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        // Pages link to each other from the root.
        Ok(url)
            if url.origin().is_tuple()
                && url.as_str() == format!("{}/", url.origin().ascii_serialization()) =>
        {
            Ok(url.into())
        }
        _ => Err("write it as https://graph.example.com/".to_owned()),
    }
}

/// Digits, or a name that this machine knows, such as `localhost`; and a port.
fn bind(text: &str) -> Result<SocketAddr, String> {
    let known = text.to_socket_addrs().ok().and_then(|mut known| known.next());
    known.ok_or_else(|| "write it as 127.0.0.1:7878, or 0.0.0.0:7878 for other machines".to_owned())
}

pub fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a number from 1".to_owned())
}

pub fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.001..1e6).contains(number));
    number.ok_or_else(|| "write a number of seconds".to_owned())
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let hint = error.hint();
        Self::new(error.to_string()).hints(hint)
    }
}
