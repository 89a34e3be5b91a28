//! Hands queries to processes of their own, a bounded number at once, and ends those that take
//! more time or memory than a query may.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::spool::{self, Piece, Reader, Writer};
use super::worker::{self, DATA, END, End, FAILED, LOST, Request};

/// What a query may take, and how many may be asked.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of the engine.
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
    #[error("the graph cannot be read")]
    Graph,
    #[error("the client has gone")]
    Gone,
    #[error("the answer is too long")]
    Long,
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
    Begun(Reader),
}

impl Answer {
    /// The whole of it, unless it has more bytes than these.
    pub async fn all(self, most: usize) -> Result<(Bytes, End), Failed> {
        let reader = match self {
            Self::Whole(bytes, end) => return Ok((bytes, end)),
            Self::Begun(reader) => reader,
        };
        let mut pieces = reader.pieces();
        let mut all = Vec::new();
        while let Some(piece) = pieces.recv().await {
            match piece? {
                Piece::Data(bytes) if all.len() + bytes.len() > most => return Err(Failed::Long),
                Piece::Data(bytes) => all.extend_from_slice(&bytes),
                Piece::End(end) => return Ok((all.into(), end)),
            }
        }
        Err(Failed::Process("it ended in the middle".into()))
    }
}

/// Up to here an answer is waited for to its end, so that its headers can tell all of it.
const WHOLE: usize = 2 << 20;
/// But no longer than this.
const SOON: Duration = Duration::from_secs(2);
/// So many bytes of answers may wait for their clients.
const HELD: u64 = 8 << 30;
/// How often the time and the memory of a process are looked at.
const LOOK: Duration = Duration::from_millis(25);

pub struct Pool {
    pub limits: Limits,
    program: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Worker>>>,
    /// Bytes of answers that wait for their clients.
    held: Arc<AtomicU64>,
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
            held: Arc::default(),
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
        let mut asked = Asked {
            worker,
            limits: self.limits.clone(),
            began,
            looked: began,
            _permit: permit,
            _running: running,
        };
        let mut body: Vec<u8> = Vec::new();
        while body.is_empty() || body.len() < WHOLE && began.elapsed() < SOON {
            match asked.next().await {
                Ok(Next::Data(bytes)) => body.extend_from_slice(&bytes),
                Ok(Next::End(end)) => {
                    self.counts.answered.fetch_add(1, Relaxed);
                    asked.keep(&self.idle);
                    return Ok(Answer::Whole(body.into(), end));
                }
                Err(error @ Failed::Query(_)) => {
                    asked.keep(&self.idle);
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        let (mut writer, reader) = spool::spool(&self.held)?;
        writer.write(&body)?;
        let (idle, counts, held) = (self.idle.clone(), self.counts.clone(), self.held.clone());
        tokio::spawn(async move {
            let end = asked.go_on(&mut writer, &held).await;
            match &end {
                Ok(_) => {
                    counts.answered.fetch_add(1, Relaxed);
                    asked.keep(&idle);
                }
                Err(error) => {
                    count(&counts, error);
                    drop(asked);
                }
            }
            writer.end(end).await;
        });
        Ok(Answer::Begun(reader))
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
        command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped());
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
        Failed::Gone | Failed::Long => return,
        Failed::Busy => &counts.refused,
        Failed::Time(_) => &counts.out_of_time,
        Failed::Memory(_) => &counts.out_of_memory,
        Failed::Query(_) | Failed::Process(_) | Failed::Graph => &counts.failed,
    };
    counter.fetch_add(1, Relaxed);
}

/// A process with a query. If it is dropped before the answer is complete, the process is ended.
struct Asked {
    worker: Worker,
    limits: Limits,
    began: Instant,
    /// When its time and memory were looked at last.
    looked: Instant,
    _permit: OwnedSemaphorePermit,
    _running: Counted,
}

/// What comes next of an answer.
enum Next {
    Data(Bytes),
    End(End),
}

impl Asked {
    /// The process is free for the next query, unless it has grown.
    fn keep(self, idle: &Mutex<Vec<Worker>>) {
        let process = self.worker.child.id().unwrap_or_default();
        if worker::memory(process).is_none_or(|memory| memory < self.limits.memory / 2) {
            idle.lock().expect("nobody panics with the list").push(self.worker);
        }
    }

    /// What comes next, if it comes in time.
    async fn next(&mut self) -> Result<Next, Failed> {
        let (letter, bytes) = self.frame().await?;
        match letter {
            DATA => Ok(Next::Data(bytes)),
            END => Ok(Next::End(serde_json::from_slice(&bytes).map_err(io::Error::from)?)),
            LOST => Err(Failed::Graph),
            FAILED => Err(Failed::Query(String::from_utf8_lossy(&bytes).into_owned())),
            other => Err(Failed::Process(format!("it says {other}"))),
        }
    }

    async fn frame(&mut self) -> Result<(u8, Bytes), Failed> {
        let process = self.worker.child.id().unwrap_or_default();
        let read = read(&mut self.worker.output);
        tokio::pin!(read);
        loop {
            // Also of a process that writes without a pause.
            if self.looked.elapsed() >= LOOK {
                self.looked = Instant::now();
                if self.began.elapsed() >= self.limits.time {
                    return Err(Failed::Time(self.limits.time));
                }
                if worker::memory(process).is_some_and(|used| used > self.limits.memory) {
                    return Err(Failed::Memory(self.limits.memory));
                }
            }
            tokio::select! {
                frame = &mut read => return Ok(frame?),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Writes what comes until the end.
    async fn go_on(&mut self, to: &mut Writer, held: &AtomicU64) -> Result<End, Failed> {
        loop {
            let next = tokio::select! {
                next = self.next() => next?,
                // What it asked for is stopped with its process.
                () = to.abandoned() => return Err(Failed::Gone),
            };
            match next {
                Next::End(end) => return Ok(end),
                Next::Data(_) if held.load(Relaxed) > HELD => return Err(Failed::Busy),
                Next::Data(bytes) => to.write(&bytes)?,
            }
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
