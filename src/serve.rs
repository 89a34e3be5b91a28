//! `stemma serve`: the graph over HTTP, for programs and for people.
//!
//! ```text
//! protocol   SPARQL                        cache       answers of this snapshot
//! saved      saved queries, OpenAPI        negotiate   formats
//! linked     every IRI, as data or a page  reply       refusals, tags, bodies in pieces
//! describe   service description, VoID     status      health, metrics, access log
//! view       the explorer's pages          listener    how many connections
//! ```
//!
//! Nothing is ever written. What pages show is read by `explore`, queries are answered by `engine`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method, header};
use axum::routing::get;
use tokio::sync::OnceCell;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};

use crate::catalog::{Catalog, CatalogError};
use crate::engine::{Limits, Pool};
use crate::explore::Index;
use crate::store::{Snapshot, StoreError};

mod cache;
mod describe;
mod linked;
mod listener;
mod negotiate;
mod protocol;
mod reply;
mod saved;
mod status;
mod view;

use cache::Cache;
use listener::{Client, Listener};
use reply::Refusal;

/// How to serve a graph.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the graph.
    pub graph: PathBuf,
    pub bind: SocketAddr,
    /// Where this server is reached, if not where it is asked; ends in `/`.
    pub address: Option<String>,
    pub limits: Limits,
    /// Bytes of answers to keep.
    pub cache: usize,
    /// Hosts that queries may ask.
    pub services: Vec<String>,
    /// Folders with facts.
    pub data: Vec<PathBuf>,
    /// stemma itself, which answers queries in processes of their own.
    pub program: PathBuf,
    /// Say every request on stderr.
    pub log: bool,
}

impl Options {
    /// What an answer depends on.
    fn tag(&self) -> String {
        format!("{} {:?}", self.limits.rows, self.services)
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("cannot listen on {bind}: {source}")]
    Bind { bind: SocketAddr, source: io::Error },
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Bind { .. } => Some("name another address with `--bind ADDRESS:PORT`".into()),
            Self::Catalog(_) | Self::Io(_) => None,
        }
    }
}

/// A snapshot, and what was found out about it when it was opened.
pub struct Loaded {
    pub snapshot: Snapshot,
    /// Another one for another graph.
    pub id: String,
    pub index: Index,
    counts: OnceCell<describe::Counts>,
}

impl Loaded {
    fn open(options: &Options) -> Result<Self, StoreError> {
        let snapshot = Snapshot::open(&options.graph)?;
        let index = Index::read(&snapshot)?;
        let id = format!("{} {}", snapshot.folder().display(), index.version);
        Ok(Self { snapshot, id, index, counts: OnceCell::new() })
    }

    pub fn base(&self) -> &str {
        &self.snapshot.meta().base
    }
}

/// What every request may need.
pub struct App {
    pub options: Options,
    pub catalog: Catalog,
    pub pool: Pool,
    pub cache: Cache,
    pub status: status::Status,
    loaded: RwLock<Arc<Loaded>>,
}

pub type Shared = Arc<App>;

impl App {
    /// The snapshot as it is now. Who holds it keeps it, also when a newer one takes its place.
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().expect("nobody panics with the snapshot").clone()
    }
}

/// How often a newer snapshot is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How long a client may be quiet.
const QUIET: Duration = Duration::from_secs(30);
/// How long requests may take to end when the server is to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Longer queries than this nobody writes.
const LONGEST: usize = 1 << 20;
/// Queries are read by recursion.
const STACK: usize = 16 << 20;

/// Serves until it is told to stop. `ready` is called with the address when requests are taken.
pub fn serve(options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let loaded = Loaded::open(&options)?;
    let app = Arc::new(App {
        catalog: Catalog::with_overrides(&options.data)?,
        pool: Pool::new(options.program.clone(), options.limits.clone()),
        cache: Cache::new(options.cache),
        status: status::Status::default(),
        loaded: RwLock::new(Arc::new(loaded)),
        options,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .max_blocking_threads(16)
        .build()?;
    let result = runtime.block_on(run(app, ready));
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn run(app: Shared, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let bind = app.options.bind;
    let listener = tokio::net::TcpListener::bind(bind)
        .await
        .map_err(|source| ServeError::Bind { bind, source })?;
    ready(listener.local_addr()?);
    tokio::spawn(watch(app.clone()));
    let (stop, stopping) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop().await;
        say(&format!("stopping: requests that are being answered have {} s", GRACE.as_secs()));
        let _ = stop.send(true);
    });
    let mut told = stopping.clone();
    // Nothing need move while a query waits for its turn and is answered.
    let quiet = 2 * app.options.limits.time + QUIET;
    let listener = Listener::new(listener, quiet);
    let service = router(app).into_make_service_with_connect_info::<Client>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = told.wait_for(|stop| *stop).await;
    });
    let mut late = stopping;
    tokio::select! {
        result = serving => Ok(result?),
        () = async {
            let _ = late.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        } => Ok(()),
    }
}

fn router(app: Shared) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::OPTIONS])
        .allow_headers(Any)
        .expose_headers([header::ETAG, reply::ROWS, reply::TRUNCATED, reply::ROW_LIMIT])
        .max_age(Duration::from_secs(86_400));
    Router::new()
        .route("/sparql", get(protocol::sparql).post(protocol::sparql))
        .route("/.well-known/void", get(describe::void))
        .route("/query/{name}", get(saved::answer))
        .route("/openapi.json", get(saved::openapi))
        .route("/health", get(status::health))
        .route("/metrics", get(status::metrics))
        .merge(view::router())
        .fallback(linked::thing)
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(axum::middleware::from_fn_with_state(app.clone(), status::guard))
        .layer(cors)
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn_with_state(app.clone(), status::log))
        .with_state(app)
}

/// Where the client sees this server; ends in `/`.
fn origin(app: &App, headers: &HeaderMap) -> Result<String, Refusal> {
    if let Some(address) = &app.options.address {
        return Ok(address.clone());
    }
    let own = app.options.bind.to_string();
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().map_err(|_| Refusal::bad("the host is no name"))?,
        None => &own,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_plain) {
        return Err(Refusal::bad("the host is no name"));
    }
    Ok(format!("http://{host}/"))
}

/// Says a line on stderr, if anybody still reads it.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Puts a newer snapshot in place when there is one. Requests that began go on with the old one.
async fn watch(app: Shared) {
    let mut refused: Option<PathBuf> = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let newest = Snapshot::newest(&app.options.graph);
        let current = app.loaded().snapshot.folder().to_owned();
        if newest.is_none() || newest.as_deref() == Some(&current) || newest == refused {
            continue;
        }
        let began = Instant::now();
        let options = app.options.clone();
        match tokio::task::spawn_blocking(move || Loaded::open(&options)).await {
            Ok(Ok(loaded)) => {
                let folder = loaded.snapshot.folder().to_owned();
                *app.loaded.write().expect("nobody panics with the snapshot") = Arc::new(loaded);
                app.cache.clear();
                app.pool.let_go(Some(&folder));
                let millis = began.elapsed().as_millis();
                say(&format!("a new graph is served, opened in {millis} ms"));
            }
            Ok(Err(error)) => {
                say(&format!("the new graph cannot be read, the old one is served: {error}"));
                refused = newest;
            }
            Err(_) => refused = newest,
        }
    }
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut end), Ok(mut key)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = end.recv() => {}, _ = key.recv() => {} }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
