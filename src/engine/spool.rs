//! Long answers on their way to their clients, in files without a name: however slowly a client
//! reads, the process of its query is free when the engine is done.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use tempfile::NamedTempFile;
use tokio::sync::{mpsc, watch};

use super::pool::Failed;
use super::worker::End;

/// A client that takes no bytes for so long has gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much is read at once.
const PIECE: usize = 64 << 10;

/// How far an answer is.
#[derive(Clone, Default)]
struct Progress {
    bytes: u64,
    end: Option<Result<End, Failed>>,
}

/// Takes the bytes of an answer.
pub struct Writer {
    file: NamedTempFile,
    progress: watch::Sender<Progress>,
    held: Held,
}

/// What clients have not read to the end, in bytes, until it goes.
struct Held(Arc<AtomicU64>, u64);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Relaxed);
    }
}

/// Gives the bytes of an answer, while they come.
pub struct Reader {
    file: File,
    progress: watch::Receiver<Progress>,
}

/// A part of an answer as its client gets it.
pub enum Piece {
    Data(Bytes),
    End(End),
}

/// A new answer. `held` counts the bytes of all.
pub fn spool(held: &Arc<AtomicU64>) -> io::Result<(Writer, Reader)> {
    let file = NamedTempFile::new()?;
    let (sender, progress) = watch::channel(Progress::default());
    let reader = Reader { file: file.reopen()?, progress };
    Ok((Writer { file, progress: sender, held: Held(held.clone(), 0) }, reader))
}

impl Writer {
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.held.0.fetch_add(bytes.len() as u64, Relaxed);
        self.held.1 += bytes.len() as u64;
        self.progress.send_modify(|progress| progress.bytes += bytes.len() as u64);
        Ok(())
    }

    /// Nothing comes after this. The bytes are kept until they are read.
    pub async fn end(self, end: Result<End, Failed>) {
        self.progress.send_modify(|progress| progress.end = Some(end));
        self.abandoned().await;
    }

    /// Waits until nobody reads any more.
    pub async fn abandoned(&self) {
        self.progress.closed().await;
    }
}

impl Reader {
    /// How the answer ended, if it does so soon.
    pub async fn ended(&mut self, soon: Duration) -> Option<Result<End, Failed>> {
        let ended = self.progress.wait_for(|progress| progress.end.is_some());
        tokio::time::timeout(soon, ended).await.ok()?.ok()?.end.clone()
    }

    /// So many bytes there are until now.
    pub fn bytes(&self) -> u64 {
        self.progress.borrow().bytes
    }

    /// Hands over what there is and what comes, until the client has gone.
    pub fn pieces(mut self) -> mpsc::Receiver<Result<Piece, Failed>> {
        let (to, pieces) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut given = 0;
            loop {
                let piece = self.next(&mut given).await;
                let is_last = !matches!(piece, Ok(Piece::Data(_)));
                let taken = tokio::time::timeout(PATIENCE, to.send(piece)).await;
                if is_last || !matches!(taken, Ok(Ok(()))) {
                    return;
                }
            }
        });
        pieces
    }

    async fn next(&mut self, given: &mut u64) -> Result<Piece, Failed> {
        let more = self.progress.wait_for(|now| now.bytes > *given || now.end.is_some());
        let now = more.await.map_err(|_| Failed::Process("it ended early".into()))?.clone();
        match now.end {
            _ if now.bytes > *given => {
                let size =
                    usize::try_from(now.bytes - *given).map_or(PIECE, |left| left.min(PIECE));
                let mut bytes = vec![0; size];
                tokio::task::block_in_place(|| self.file.read_exact(&mut bytes))?;
                *given += size as u64;
                Ok(Piece::Data(bytes.into()))
            }
            Some(end) => end.map(Piece::End),
            None => unreachable!("there are bytes or an end"),
        }
    }
}
