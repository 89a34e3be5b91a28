//! The graph on disk: built once, put in place by one rename, then only read.
//!
//! The only place that knows Oxigraph's store. What the quads say is decided in `graph`;
//! what is asked of them, in `queries/`.
//!
//! ```text
//! stemma-graph/
//!   CURRENT        names the snapshot to read; replaced by a rename
//!   LOCK           held while a compile writes here
//!   snapshot-7/    quads/ (the store), then run.json, roots.json
//! ```
//!
//! A reader sees the old graph or the new one, never a half. A compile that is killed leaves the
//! old one; what it left behind is removed by the next. A snapshot that someone has open is never
//! removed.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, vocab::rdf};
use oxigraph::store::{StorageError, Store};

use crate::vocab::{dcat, dcterms};

mod algebra;
pub mod answer;
pub mod bind;
pub mod dump;
mod graph;
pub mod layers;
pub mod paths;
pub mod queries;
pub mod services;
pub mod sparql;
#[cfg(test)]
mod tests;
pub mod xml;

pub use answer::{Answer, Limits, QueryError, Rows, Triples};
pub use graph::Graph;

const CURRENT: &str = "CURRENT";
const LOCK: &str = "LOCK";
const QUADS: &str = "quads";
const PREFIX: &str = "snapshot-";

/// Why a graph could not be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no graph in `{0}`")]
    NoGraph(String),
    #[error("the graph in `{0}` may not be read by this user")]
    Forbidden(String),
    #[error("`{0}` holds other files, so no graph is written there")]
    NotOurs(String),
    #[error("another compile is writing to `{0}`")]
    Busy(String),
    #[error("the graph in `{path}` cannot be read: {source}")]
    Unreadable { path: String, source: StorageError },
    #[error("cannot write `{path}`: {source}")]
    Io { path: String, source: io::Error },
    #[error("the store failed: {0}")]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Query(#[from] QueryError),
    /// What a writer sees when the store stopped before it: the cause is reported instead of this.
    #[error("the store stopped taking quads")]
    Stopped,
}

impl StoreError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }

    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoGraph(_) => Some(
                "compile one with `stemma compile INPUT…`, or name another with `--graph DIR`"
                    .into(),
            ),
            Self::NotOurs(_) => Some("name an empty or a new folder with `--out DIR`".into()),
            Self::Busy(_) => Some("wait for it, or write elsewhere with `--out DIR`".into()),
            Self::Forbidden(_) => Some("let this user read the folder".into()),
            Self::Unreadable { .. } => Some("compile it again with `stemma compile`".into()),
            Self::Query(error) => error.hint().map(str::to_owned),
            Self::Io { .. } | Self::Storage(_) | Self::Stopped => None,
        }
    }
}

/// How much of the machine loading may take.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    pub threads: usize,
    pub memory_mb: usize,
}

impl Default for LoadOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { threads, memory_mb: 50 * threads }
    }
}

/// Where quads go, in batches. Clones share one store, so that many threads can write.
#[derive(Clone)]
pub struct QuadSink {
    batches: SyncSender<Vec<Quad>>,
}

impl QuadSink {
    /// Waits while the store is busy with earlier batches.
    pub fn send(&self, batch: Vec<Quad>) -> Result<(), StoreError> {
        self.batches.send(batch).map_err(|_| StoreError::Stopped)
    }
}

/// Batches that may wait: enough to keep the store busy, too few to fill the memory.
const QUEUE: usize = 16;

/// A file that lies beside the store: its name and content.
pub type Beside = (&'static str, Vec<u8>);

/// What the graph says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// What relative IRIs are relative to; ends in `/`.
    pub base: String,
    /// The newest date of the inputs, `YYYY-MM-DD`.
    pub modified: Option<String>,
}

/// A graph that no longer changes.
pub struct Snapshot {
    store: Store,
    dir: PathBuf,
    meta: Meta,
    /// Keeps a compile from removing the files under our feet.
    _in_use: Option<File>,
}

impl Snapshot {
    /// Writes a graph and puts it in the place of the one that was there.
    ///
    /// `write` runs in a thread of its own and gives back its result and the files to lie beside the store.
    pub fn build<T, E>(
        out: &Path,
        options: LoadOptions,
        write: impl FnOnce(QuadSink) -> Result<(T, Vec<Beside>), E> + Send,
    ) -> Result<(Self, T), E>
    where
        T: Send,
        E: From<StoreError> + Send,
    {
        let place = Place::claim(out)?;
        let name = place.next()?;
        let dir = out.join(&name);
        let result = load(&dir.join(QUADS), options, write).and_then(|(result, files)| {
            for (file, bytes) in files {
                write_file(&dir.join(file), &bytes)?;
            }
            place.publish(&name)?;
            Ok(result)
        });
        match result {
            Ok(result) => Ok((Self::open(out)?, result)),
            Err(error) => {
                // The next compile removes what cannot be removed now.
                let _ = fs::remove_dir_all(&dir);
                Err(error)
            }
        }
    }

    /// Opens a graph to read. Writes nothing, so any number may read at once.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // A compile may finish between the two steps and a second one remove the older snapshot:
        // then the name is stale.
        let name = current(path).ok_or_else(|| {
            let shown = path.display().to_string();
            let denied = fs::read_to_string(path.join(CURRENT))
                .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
            if denied { StoreError::Forbidden(shown) } else { StoreError::NoGraph(shown) }
        })?;
        Self::open_named(path, &name).or_else(|error| match current(path) {
            Some(newer) if newer != name => Self::open_named(path, &newer),
            _ => Err(error),
        })
    }

    fn open_named(path: &Path, name: &str) -> Result<Self, StoreError> {
        Self::open_folder(&path.join(name))
    }

    /// Opens one snapshot of a graph, also when a newer one has taken its place.
    pub fn open_folder(path: &Path) -> Result<Self, StoreError> {
        let dir = path.to_owned();
        let in_use = share(&dir);
        let store = Store::open_read_only(dir.join(QUADS)).map_err(|source| {
            StoreError::Unreadable { path: path.display().to_string(), source }
        })?;
        let meta = Meta::read(&store)?;
        Ok(Self { store, dir, meta, _in_use: in_use })
    }

    /// The folder of the snapshot that readers of a graph should open now.
    pub fn newest(path: &Path) -> Option<PathBuf> {
        current(path).map(|name| path.join(name))
    }

    /// The folder that this snapshot is in.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// A graph that is nowhere on disk: what tests use.
    pub fn in_memory(quads: impl IntoIterator<Item = Quad>) -> Result<Self, StoreError> {
        let store = Store::new()?;
        let mut loader = store.bulk_loader();
        loader.load_quads(quads)?;
        loader.commit()?;
        let meta = Meta::read(&store)?;
        Ok(Self { store, dir: PathBuf::new(), meta, _in_use: None })
    }

    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// A file that lies beside the store, such as `run.json`.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.dir.join(name)).ok()
    }

    /// Every quad, in no order that means anything.
    pub fn quads(&self) -> impl Iterator<Item = Result<Quad, StoreError>> + use<> {
        self.store.iter().map(|quad| quad.map_err(StoreError::from))
    }

    /// Every predicate in use, in the order of their IRIs.
    pub fn predicates(&self) -> Result<Vec<NamedNode>, StoreError> {
        let query = sparql::parse("SELECT DISTINCT ?p WHERE { ?s ?p ?o }", &self.meta.base)
            .expect("the query is SPARQL");
        let mut predicates = Vec::new();
        if let Answer::Solutions { rows, .. } =
            self.query(&query, Limits { time: Duration::MAX })?
        {
            for row in rows {
                if let Some(Some(Term::NamedNode(predicate))) = row?.into_iter().next() {
                    predicates.push(predicate);
                }
            }
        }
        predicates.sort();
        Ok(predicates)
    }

    /// The quads about one thing.
    pub fn about(
        &self,
        subject: NamedNodeRef<'_>,
    ) -> impl Iterator<Item = Result<Quad, StoreError>> + use<> {
        self.matching(Some(subject), None, None)
    }

    /// The quads that match what is given.
    pub fn matching(
        &self,
        subject: Option<NamedNodeRef<'_>>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> impl Iterator<Item = Result<Quad, StoreError>> + use<> {
        self.store
            .quads_for_pattern(subject.map(Into::into), predicate, object.map(Term::as_ref), None)
            .map(|quad| quad.map_err(StoreError::from))
    }
}

/// The default base: a reserved name, so that nothing unpublished can collide with anything real.
pub const DEFAULT_BASE: &str = "https://stemma.example/";

impl Meta {
    fn read(store: &Store) -> Result<Self, StoreError> {
        let node = store
            .quads_for_pattern(None, Some(rdf::TYPE), Some(dcat::DATASET.into()), None)
            .next()
            .transpose()?;
        let Some(node) = node.map(|quad| quad.subject) else {
            return Ok(Self { base: DEFAULT_BASE.into(), modified: None });
        };
        let dates =
            store.quads_for_pattern(Some(node.as_ref()), Some(dcterms::MODIFIED), None, None);
        let mut newest = None;
        for quad in dates {
            if let Term::Literal(date) = quad?.object {
                newest = newest.max(Some(date.value().to_owned()));
            }
        }
        let base = match node {
            NamedOrBlankNode::NamedNode(iri) => iri.into_string(),
            NamedOrBlankNode::BlankNode(_) => DEFAULT_BASE.into(),
        };
        Ok(Self { base, modified: newest })
    }
}

/// Runs the writer beside the loader, and commits when both are done.
fn load<T, E>(
    quads: &Path,
    options: LoadOptions,
    write: impl FnOnce(QuadSink) -> Result<T, E> + Send,
) -> Result<T, E>
where
    T: Send,
    E: From<StoreError> + Send,
{
    let store = Store::open(quads).map_err(StoreError::from)?;
    let (batches, waiting) = sync_channel(QUEUE);
    let mut loader = store
        .bulk_loader()
        .with_num_threads(options.threads.max(1))
        .with_max_memory_size_in_megabytes(options.memory_mb.max(4));
    let (loaded, written) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || write(QuadSink { batches }));
        // Dropping the receiver on failure is what stops the writer.
        let loaded = loader.load_quads(waiting.into_iter().flatten());
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (loaded, written)
    });
    // The store's failure is the cause of the writer's, not the reverse.
    loaded.map_err(StoreError::from)?;
    let written = written?;
    loader.commit().map_err(StoreError::from)?;
    // Half of the loading time, but readers look strings up up to five times faster in merged
    // files.
    store.flush().map_err(StoreError::from)?;
    store.optimize().map_err(StoreError::from)?;
    Ok(written)
}

/// A folder that graphs are written to, while we alone may write.
struct Place<'a> {
    root: &'a Path,
    _lock: File,
}

impl<'a> Place<'a> {
    fn claim(root: &'a Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root).map_err(|error| StoreError::io(root, error))?;
        let entries = entries(root)?;
        if current(root).is_none() && !entries.iter().all(|name| is_ours(name)) {
            return Err(StoreError::NotOurs(root.display().to_string()));
        }
        let path = root.join(LOCK);
        let lock = File::create(&path).map_err(|error| StoreError::io(&path, error))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy(root.display().to_string())),
            // Where files cannot be locked, the user must see to it that one compile runs at a
            // time.
            Ok(()) | Err(TryLockError::Error(_)) => {
                let place = Self { root, _lock: lock };
                place.clean();
                Ok(place)
            }
        }
    }

    /// Removes what killed compiles left, and old snapshots that nobody has open.
    fn clean(&self) {
        let keep = current(self.root);
        for name in entries(self.root).unwrap_or_default() {
            let dir = self.root.join(&name);
            if number(&name).is_some() && Some(&name) != keep.as_ref() && !in_use(&dir) {
                // What stays costs space, nothing else.
                let _ = fs::remove_dir_all(dir);
            }
        }
    }

    fn next(&self) -> Result<String, StoreError> {
        let last = entries(self.root)?.iter().filter_map(|name| number(name)).max();
        let name = format!("{PREFIX}{}", last.map_or(1, |last| last + 1));
        let dir = self.root.join(&name);
        fs::create_dir(&dir).map_err(|error| StoreError::io(&dir, error))?;
        write_file(&dir.join(LOCK), b"")?;
        Ok(name)
    }

    fn publish(&self, name: &str) -> Result<(), StoreError> {
        let new = self.root.join(format!("{CURRENT}.new"));
        write_file(&new, format!("{name}\n").as_bytes())?;
        let path = self.root.join(CURRENT);
        fs::rename(&new, &path).map_err(|error| StoreError::io(&path, error))
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| StoreError::io(path, error))
}

/// The snapshot that readers should open. RocksDB has a file of this name too, with another kind of
/// content.
fn current(root: &Path) -> Option<String> {
    let name = fs::read_to_string(root.join(CURRENT)).ok()?;
    let name = name.trim_end();
    number(name).map(|_| name.to_owned())
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

fn is_ours(name: &str) -> bool {
    number(name).is_some() || [CURRENT, LOCK, "CURRENT.new"].contains(&name)
}

fn entries(root: &Path) -> Result<Vec<String>, StoreError> {
    let list = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(root)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    };
    list().map_err(|error| StoreError::io(root, error))
}

/// Says that we read this snapshot. Locking needs no right to write.
fn share(snapshot: &Path) -> Option<File> {
    let lock = File::open(snapshot.join(LOCK)).ok()?;
    lock.try_lock_shared().ok()?;
    Some(lock)
}

fn in_use(snapshot: &Path) -> bool {
    let Ok(lock) = File::open(snapshot.join(LOCK)) else { return false };
    matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
}
