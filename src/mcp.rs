//! `stemma mcp`: the graph as tools of an assistant, by the Model Context Protocol over stdio.
//!
//! ```text
//! tool       what every tool has in common    search, product, page, claims, lineage, diff, query
//! cite       file, line and quote             resources  terms, prefixes, saved queries
//! ```
//!
//! Each tool answers twice: as JSON by its schema, and as text to read. What is asked for and cannot
//! be had is an answer, too, with a next step. Nothing is ever written; what is read about things is
//! `explore`'s and `lineage`'s to find out.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
};
use rmcp::service::{QuitReason, RequestContext, RoleServer, serve_server};
use rmcp::{ErrorData, ServerHandler};
use tokio::sync::watch;

use crate::catalog::{Catalog, CatalogError};
use crate::engine::{Limits, Pool};
use crate::explore::Index;
use crate::store::queries::Asker;
use crate::store::sparql::{Shortener, nearest};
use crate::store::{Graph, Snapshot, StoreError};

mod cite;
mod claims;
mod diff;
mod lineage;
mod page;
mod product;
mod query;
mod resources;
mod search;
mod tool;

use tool::{Entry, Refusal, entry};

/// In the order in which an assistant needs them: find, look, ask.
const TOOLS: &[Entry] = &[
    entry::<search::Search>(),
    entry::<product::Product>(),
    entry::<page::Page>(),
    entry::<claims::Claims>(),
    entry::<lineage::Lineage>(),
    entry::<diff::Diff>(),
    entry::<query::Query>(),
];

/// What an assistant is told before it asks anything.
const INSTRUCTIONS: &str = include_str!("mcp/instructions.md");

/// How to answer an assistant.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the graph.
    pub graph: PathBuf,
    /// Folders with facts.
    pub data: Vec<PathBuf>,
    /// What a query may take.
    pub limits: Limits,
    /// stemma itself, which answers queries in processes of their own.
    pub program: PathBuf,
}

/// Why nobody answers.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("the runtime cannot start: {0}")]
    Io(#[from] std::io::Error),
    #[error("the client does not speak the Model Context Protocol: {0}")]
    Client(String),
}

impl McpError {
    /// What to do next, as an order.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Client(_) => {
                Some("an assistant starts this command itself: see `stemma mcp --help`".into())
            }
            Self::Catalog(_) | Self::Io(_) => None,
        }
    }
}

/// Queries are read by recursion.
const STACK: usize = 16 << 20;

/// Answers on stdin and stdout until the client closes them.
pub fn serve(options: Options) -> Result<(), McpError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()?;
    // Whether there is a graph is known at once; to look through it takes longer than clients wait.
    Snapshot::open(&options.graph)?;
    let desk = Arc::new(Desk {
        newest: Mutex::default(),
        catalog: Catalog::with_overrides(&options.data)?,
        pool: Pool::new(options.program, options.limits),
        data: options.data,
        graph: options.graph,
    });
    let early = desk.clone();
    // Whoever calls first is told why, if it fails.
    runtime.spawn_blocking(move || early.loaded().is_ok());
    let result = runtime.block_on(async {
        let client = match serve_server(Server { desk }, rmcp::transport::stdio()).await {
            Ok(client) => client,
            // Whoever only looked whether we start has seen it.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(McpError::Client(error.to_string())),
        };
        match client.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => {
                Err(McpError::Client(error.to_string()))
            }
            Ok(_) => Ok(()),
        }
    });
    // A comparison that nobody waits for any more ends with the process.
    runtime.shutdown_background();
    result
}

/// A snapshot, and what was found out about it when it was opened.
struct Loaded {
    snapshot: Snapshot,
    index: Index,
    short: Shortener,
}

impl Loaded {
    fn open(graph: &Path) -> Result<Self, StoreError> {
        let snapshot = Snapshot::open(graph)?;
        let index = Index::read(&snapshot)?;
        let short = Shortener::new(&snapshot.meta().base);
        Ok(Self { snapshot, index, short })
    }
}

/// What every call needs: the graph as it is now, facts, and processes for queries.
struct Desk {
    newest: Mutex<Newest>,
    catalog: Catalog,
    pool: Pool,
    data: Vec<PathBuf>,
    graph: PathBuf,
}

#[derive(Default)]
struct Newest {
    loaded: Option<Arc<Loaded>>,
    /// A snapshot that could not be opened, so that it is tried once.
    refused: Option<PathBuf>,
}

impl Desk {
    /// The newest snapshot. An assistant asks now and then, so it is looked for when it does; who
    /// asks while it is opened waits.
    fn loaded(&self) -> Result<Arc<Loaded>, StoreError> {
        let mut newest = self.newest.lock().expect("opening a snapshot does not panic");
        let folder = Snapshot::newest(&self.graph);
        if let Some(known) = &newest.loaded {
            let is_known = folder.as_deref() == Some(known.snapshot.folder());
            if folder.is_none() || is_known || folder == newest.refused {
                return Ok(known.clone());
            }
        }
        let began = Instant::now();
        match (Loaded::open(&self.graph), &newest.loaded) {
            (Ok(loaded), before) => {
                if before.is_some() {
                    let time = began.elapsed().as_millis();
                    eprintln!("a new graph is read, opened in {time} ms");
                }
                self.pool.let_go(Some(loaded.snapshot.folder()));
                let loaded = Arc::new(loaded);
                newest.loaded = Some(loaded.clone());
                Ok(loaded)
            }
            (Err(error), Some(known)) => {
                eprintln!("the new graph cannot be read, the old one answers: {error}");
                let known = known.clone();
                newest.refused = folder;
                Ok(known)
            }
            (Err(error), None) => Err(error),
        }
    }
}

/// One call at work: what it reads from, and whether somebody still waits for it.
struct Call<'a> {
    desk: &'a Desk,
    loaded: &'a Loaded,
    /// Closed when nobody waits any more.
    waited_for: watch::Receiver<()>,
}

impl Call<'_> {
    fn graph(&self) -> Graph<'_> {
        Graph { snapshot: &self.loaded.snapshot }
    }

    fn index(&self) -> &Index {
        &self.loaded.index
    }

    fn asker(&self) -> Asker<'_> {
        Asker { snapshot: &self.loaded.snapshot, catalog: &self.desk.catalog }
    }

    /// An IRI in a form that every tool and every query understands.
    fn short(&self, iri: &str) -> String {
        self.loaded.short.iri(iri)
    }

    fn label(&self, iri: &str) -> String {
        let known = self.index().label(iri).map(str::to_owned);
        known.unwrap_or_else(|| crate::explore::words(iri))
    }
}

struct Server {
    desk: Arc<Desk>,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let name = Implementation::new("stemma", env!("CARGO_PKG_VERSION"))
            .with_title("stemma")
            .with_description(env!("CARGO_PKG_DESCRIPTION"));
        ServerConfig::new(capabilities).with_server_info(name).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = TOOLS.iter().map(|tool| (tool.describe)()).collect();
        Ok(ListToolsResult { tools, ..ListToolsResult::default() })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = TOOLS.iter().find(|tool| tool.name == request.name) else {
            let near = nearest(&request.name, TOOLS.iter().map(|tool| tool.name));
            let hint = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
            let message = format!("there is no tool `{}`{hint}", request.name);
            return Err(ErrorData::invalid_params(message, None));
        };
        let desk = self.desk.clone();
        let arguments = request.arguments.unwrap_or_default();
        // Dropped with this future: then the call learns that nobody waits.
        let (_waiting, waited_for) = watch::channel(());
        let work = tokio::task::spawn_blocking(move || {
            let loaded = desk.loaded()?;
            (tool.answer)(arguments, &Call { desk: &desk, loaded: &loaded, waited_for })
        });
        let answer = tokio::select! {
            answer = work => answer,
            () = context.ct.cancelled() => {
                return Ok(refused(&Refusal::new("the call was cancelled")).into());
            }
        };
        let result = match answer {
            Ok(Ok((told, text))) => {
                let mut result = CallToolResult::structured(told);
                result.content = vec![ContentBlock::text(plain(&text))];
                result
            }
            Ok(Err(refusal)) => refused(&refusal),
            // The next question may well be answered, so the process goes on.
            Err(_) => refused(
                &Refusal::new("stemma failed on this call, which is a bug in it")
                    .hint("ask in another way, and report what stands on stderr"),
            ),
        };
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult { resources: resources::list(), ..ListResourcesResult::default() })
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let resource_templates = resources::templates();
        Ok(ListResourceTemplatesResult {
            resource_templates,
            ..ListResourceTemplatesResult::default()
        })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&request.uri)
    }
}

fn refused(refusal: &Refusal) -> CallToolResult {
    let text = plain(&cite::cut(&refusal.to_string(), LONGEST));
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// What was asked for is told again, but not all of it.
const LONGEST: usize = 4000;

/// Without what would steer a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect()
}
