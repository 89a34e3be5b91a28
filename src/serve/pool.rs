//! Hands queries to processes of their own, a bounded number at once, and ends those that take
//! more time or memory than a query may.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::worker::{self, DATA, END, End, FAILED, HEAD, Request};

/// What a query may take, and how many may be asked.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of the engine; time that a client takes to read does not count.
    pub time: Duration,
    /// Rows or statements.
    pub rows: usize,
    /// Bytes of the process that answers.
    pub memory: usize,
    /// Queries at once.
    pub at_once: usize,
    /// Queries that may wait for one of these to end.
    pub waiting: usize,
}

/// Why a query has no answer, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("too many queries are waiting")]
    Busy,
    #[error("the query took longer than {} s", .0.as_secs_f32())]
    Time(Duration),
    #[error("the query needed more than {} MB of memory", .0 / 1_000_000)]
    Memory(usize),
    #[error("{0}")]
    Query(String),
    #[error("the query's process failed: {0}")]
    Process(String),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Process(error.to_string())
    }
}

/// An answer: all of it, if it came soon and is small, or its beginning and where the rest comes
/// from.
pub enum Answer {
    Whole(Bytes, End),
    Begun(mpsc::Receiver<Result<Piece, Failed>>),
}

pub enum Piece {
    Data(Bytes),
    End(End),
}

/// Up to here an answer is waited for to its end, so that its headers can tell all of it.
const WHOLE: usize = 2 << 20;
/// But no longer than this.
const SOON: Duration = Duration::from_secs(2);
/// A client that takes no bytes for so long has gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(25);

pub struct Pool {
    pub limits: Limits,
    program: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Worker>>>,
    pub counts: Arc<Counts>,
}

/// What the pool does and did.
#[derive(Default)]
pub struct Counts {
    pub waiting: AtomicUsize,
    pub running: AtomicUsize,
    pub answered: AtomicUsize,
    pub out_of_time: AtomicUsize,
    pub out_of_memory: AtomicUsize,
    pub refused: AtomicUsize,
    pub failed: AtomicUsize,
}

struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    snapshot: PathBuf,
}

/// Counts down when it goes, however it goes.
struct Counted(Arc<Counts>, fn(&Counts) -> &AtomicUsize);

impl Counted {
    fn up(counts: &Arc<Counts>, which: fn(&Counts) -> &AtomicUsize) -> Self {
        which(counts).fetch_add(1, Relaxed);
        Self(counts.clone(), which)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Relaxed);
    }
}

impl Pool {
    /// `program` is stemma itself, which answers queries when it is told to.
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(limits.at_once)),
            idle: Arc::default(),
            counts: Arc::default(),
            program,
            limits,
        }
    }

    /// Ends the processes that wait for a query, but for those with this snapshot open.
    pub fn let_go(&self, keep: Option<&Path>) {
        let mut idle = self.idle.lock().expect("nobody panics with the list");
        idle.retain(|worker| Some(worker.snapshot.as_path()) == keep);
    }

    pub async fn ask(&self, request: Request) -> Result<Answer, Failed> {
        let result = self.asked(request).await;
        if let Err(error) = &result {
            count(&self.counts, error);
        }
        result
    }

    async fn asked(&self, request: Request) -> Result<Answer, Failed> {
        let permit = self.permit().await?;
        let running = Counted::up(&self.counts, |counts| &counts.running);
        let mut worker = self.worker(&request.snapshot)?;
        let mut line = serde_json::to_vec(&request).map_err(io::Error::from)?;
        line.push(b'\n');
        worker.input.write_all(&line).await?;
        worker.input.flush().await?;

        let began = Instant::now();
        let mut left = self.limits.time;
        let mut body: Vec<u8> = Vec::new();
        let mut asked =
            Asked { worker, limits: self.limits.clone(), _permit: permit, _running: running };
        loop {
            match asked.frame(&mut left).await? {
                (DATA, bytes) => body.extend_from_slice(&bytes),
                (END, bytes) => {
                    let end = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
                    self.counts.answered.fetch_add(1, Relaxed);
                    asked.keep(&self.idle);
                    return Ok(Answer::Whole(body.into(), end));
                }
                (FAILED, bytes) => {
                    let message = String::from_utf8_lossy(&bytes).into_owned();
                    asked.keep(&self.idle);
                    return Err(Failed::Query(message));
                }
                (HEAD, _) => {}
                (letter, _) => return Err(Failed::Process(format!("it says {letter}"))),
            }
            if body.len() >= WHOLE || !body.is_empty() && began.elapsed() > SOON {
                break;
            }
        }
        let (pieces, rest) = mpsc::channel(8);
        let (idle, counts) = (self.idle.clone(), self.counts.clone());
        tokio::spawn(async move {
            let ended = asked.go_on(body.into(), left, &pieces).await;
            match ended {
                Ok(true) => {
                    counts.answered.fetch_add(1, Relaxed);
                    asked.keep(&idle);
                }
                // The client has gone; what it asked for is stopped with its process.
                Ok(false) => {}
                Err(error) => {
                    count(&counts, &error);
                    let _ = pieces.send(Err(error)).await;
                }
            }
        });
        Ok(Answer::Begun(rest))
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Failed> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        if self.counts.waiting.load(Relaxed) >= self.limits.waiting {
            return Err(Failed::Busy);
        }
        let _waiting = Counted::up(&self.counts, |counts| &counts.waiting);
        let wait = tokio::time::timeout(self.limits.time, self.permits.clone().acquire_owned());
        Ok(wait.await.map_err(|_| Failed::Busy)?.expect("the pool is never closed"))
    }

    fn worker(&self, snapshot: &Path) -> Result<Worker, Failed> {
        let mut idle = self.idle.lock().expect("nobody panics with the list");
        while let Some(mut worker) = idle.pop() {
            if matches!(worker.child.try_wait(), Ok(None)) {
                snapshot.clone_into(&mut worker.snapshot);
                return Ok(worker);
            }
        }
        drop(idle);
        let mut command = Command::new(&self.program);
        command.args(["serve", "--worker"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.kill_on_drop(true);
        // Who stops the server with a key must not stop queries in the middle.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let input = child.stdin.take().expect("stdin is a pipe");
        let output = child.stdout.take().expect("stdout is a pipe");
        let output = BufReader::with_capacity(64 << 10, output);
        Ok(Worker { child, input, output, snapshot: snapshot.to_owned() })
    }
}

fn count(counts: &Counts, error: &Failed) {
    let counter = match error {
        Failed::Busy => &counts.refused,
        Failed::Time(_) => &counts.out_of_time,
        Failed::Memory(_) => &counts.out_of_memory,
        Failed::Query(_) | Failed::Process(_) => &counts.failed,
    };
    counter.fetch_add(1, Relaxed);
}

/// A process with a query. If it is dropped before the answer is complete, the process is ended.
struct Asked {
    worker: Worker,
    limits: Limits,
    _permit: OwnedSemaphorePermit,
    _running: Counted,
}

impl Asked {
    /// The process is free for the next query, unless it has grown.
    fn keep(self, idle: &Mutex<Vec<Worker>>) {
        let process = self.worker.child.id().unwrap_or_default();
        if worker::memory(process).is_none_or(|memory| memory < self.limits.memory / 2) {
            idle.lock().expect("nobody panics with the list").push(self.worker);
        }
    }

    /// The next frame, if it comes in what is left of the time.
    async fn frame(&mut self, left: &mut Duration) -> Result<(u8, Bytes), Failed> {
        let process = self.worker.child.id().unwrap_or_default();
        let read = read(&mut self.worker.output);
        tokio::pin!(read);
        let began = Instant::now();
        loop {
            tokio::select! {
                frame = &mut read => {
                    *left = left.saturating_sub(began.elapsed());
                    return Ok(frame?);
                }
                () = tokio::time::sleep(LOOK) => {
                    if began.elapsed() >= *left {
                        return Err(Failed::Time(self.limits.time));
                    }
                    if worker::memory(process).is_some_and(|used| used > self.limits.memory) {
                        return Err(Failed::Memory(self.limits.memory));
                    }
                }
            }
        }
    }

    /// Hands over what was read and what comes. False if nobody wants it.
    async fn go_on(
        &mut self,
        first: Bytes,
        mut left: Duration,
        to: &mpsc::Sender<Result<Piece, Failed>>,
    ) -> Result<bool, Failed> {
        let mut piece = Piece::Data(first);
        loop {
            let is_last = matches!(piece, Piece::End(_));
            match tokio::time::timeout(PATIENCE, to.send(Ok(piece))).await {
                Ok(Ok(())) if is_last => return Ok(true),
                Ok(Ok(())) => {}
                _ => return Ok(false),
            }
            piece = match self.frame(&mut left).await? {
                (DATA, bytes) => Piece::Data(bytes),
                (END, bytes) => {
                    Piece::End(serde_json::from_slice(&bytes).map_err(io::Error::from)?)
                }
                (_, bytes) => {
                    return Err(Failed::Query(String::from_utf8_lossy(&bytes).into_owned()));
                }
            };
        }
    }
}

async fn read(from: &mut BufReader<ChildStdout>) -> io::Result<(u8, Bytes)> {
    let letter = from.read_u8().await?;
    let length = from.read_u32().await? as usize;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    Ok((letter, bytes.into()))
}
