//! Runs a query against a snapshot, for no longer than it may take.
//!
//! The engine works in a thread of its own and hands rows over as it finds them, because it only
//! looks at its cancellation token when it reads the store: a sort or a join in memory would
//! outlive any limit.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use oxigraph::model::{Term, Triple, Variable};
use oxigraph::sparql::{CancellationToken, QueryEvaluationError, QueryResults, SparqlEvaluator};
use spargebra::Query;

use super::{Snapshot, services};

/// Why a query has no answer, or stopped in the middle of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("the query took longer than {0} s")]
    Timeout(u64),
    #[error("the query asks another server, which is not allowed: {0}")]
    Service(String),
    #[error("the query failed: {0}")]
    Failed(String),
}

impl QueryError {
    /// What to do next, as an order.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Timeout(_) => Some(
                "give it more with `--timeout SECONDS`, or ask for less with `LIMIT` or a narrower pattern",
            ),
            Self::Service(_) => Some("ask the other server separately, and join the answers"),
            Self::Failed(_) => None,
        }
    }
}

/// How long a query may keep its asker waiting. Time that the asker spends on the rows does not
/// count.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
}

/// What a query says: yes or no, a table, or a graph.
pub enum Answer {
    Boolean(bool),
    Solutions { variables: Vec<Variable>, rows: Rows },
    Graph(Triples),
}

/// Rows of a table, one term or nothing for each variable.
pub type Rows = Stream<Vec<Option<Term>>>;
/// The statements of a graph, each once.
pub type Triples = Stream<Triple>;

/// What the engine finds, as it finds it. Dropping it stops the engine.
pub struct Stream<T> {
    batches: Receiver<Result<Vec<T>, QueryError>>,
    batch: std::vec::IntoIter<T>,
    patience: Patience,
    ended: bool,
}

impl<T> Stream<T> {
    fn new(batches: Receiver<Result<Vec<T>, QueryError>>, patience: Patience) -> Self {
        Self { batches, batch: Vec::new().into_iter(), patience, ended: false }
    }
}

impl<T> Iterator for Stream<T> {
    type Item = Result<T, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.batch.next() {
                return Some(Ok(item));
            }
            if self.ended {
                return None;
            }
            match self.patience.receive(&self.batches) {
                Ok(Some(batch)) => self.batch = batch.into_iter(),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// What is left of the time that a query may take. Giving up stops the engine.
struct Patience {
    token: CancellationToken,
    left: Duration,
    limits: Limits,
    /// Until it is known to end.
    engine: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Patience {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

impl Patience {
    /// Lets an engine that has said everything put the store down: a process that ends meanwhile
    /// would take the store's locks away under it.
    fn wait(&mut self) {
        if let Some(engine) = self.engine.take() {
            // If it panicked, that was reported; here there is nothing more to do.
            let _ = engine.join();
        }
    }

    fn receive<T>(
        &mut self,
        from: &Receiver<Result<T, QueryError>>,
    ) -> Result<Option<T>, QueryError> {
        let asked = Instant::now();
        let message = from.recv_timeout(self.left);
        self.left = self.left.saturating_sub(asked.elapsed());
        match message {
            Ok(message) => message.map(Some),
            Err(RecvTimeoutError::Disconnected) => {
                self.wait();
                Ok(None)
            }
            Err(RecvTimeoutError::Timeout) => Err(QueryError::Timeout(self.limits.time.as_secs())),
        }
    }
}

/// What the engine says first: the kind of answer, and where the rest will come from.
enum Head {
    Boolean(bool),
    Solutions(Vec<Variable>, Receiver<Result<Vec<Vec<Option<Term>>>, QueryError>>),
    Graph(Receiver<Result<Vec<Triple>, QueryError>>),
}

impl Snapshot {
    /// Asks a query that was parsed and bound before. No other server is asked for it.
    pub fn query(&self, query: &Query, limits: Limits) -> Result<Answer, QueryError> {
        self.query_with(query, limits, &[])
    }

    /// Asks a query that may ask these hosts, by name, for what its `SERVICE` clauses say.
    pub fn query_with(
        &self,
        query: &Query,
        limits: Limits,
        hosts: &[String],
    ) -> Result<Answer, QueryError> {
        let token = CancellationToken::new();
        let mut evaluator = SparqlEvaluator::new().with_cancellation_token(token.clone());
        if let Some(service) = services::forbidden(query, hosts) {
            return Err(QueryError::Service(service));
        }
        evaluator = match hosts {
            [] => evaluator.without_default_http_service_handler(),
            // A redirect would lead to a host that nobody has named.
            _ => evaluator.with_http_timeout(SERVICE_TIME).with_http_redirection_limit(0),
        };
        let prepared = evaluator.for_query(query.clone());
        let store = self.store.clone();
        let (heads, head) = sync_channel(1);
        let engine = std::thread::Builder::new()
            .name("query".into())
            .stack_size(STACK)
            .spawn(move || match prepared.on_store(&store).execute() {
                Ok(results) => deliver(results, &heads),
                Err(error) => {
                    // Whoever asked may have gone: then nobody is there to tell.
                    let _ = heads.send(Err(error.into()));
                }
            })
            .map_err(|error| QueryError::Failed(error.to_string()))?;

        let mut patience = Patience { token, left: limits.time, limits, engine: Some(engine) };
        match patience.receive(&head)? {
            Some(Head::Boolean(value)) => {
                patience.wait();
                Ok(Answer::Boolean(value))
            }
            Some(Head::Solutions(variables, rows)) => {
                Ok(Answer::Solutions { variables, rows: Stream::new(rows, patience) })
            }
            Some(Head::Graph(triples)) => Ok(Answer::Graph(Stream::new(triples, patience))),
            None => Err(QueryError::Failed("the engine stopped without an answer".into())),
        }
    }
}

/// How long another server is waited for.
const SERVICE_TIME: Duration = Duration::from_secs(30);

/// Nested patterns are evaluated by recursion.
pub(super) const STACK: usize = 64 << 20;

/// Rows that travel together.
const BATCH: usize = 512;

fn deliver(results: QueryResults<'_>, heads: &SyncSender<Result<Head, QueryError>>) {
    match results {
        QueryResults::Boolean(value) => {
            let _ = heads.send(Ok(Head::Boolean(value)));
        }
        QueryResults::Solutions(solutions) => {
            let (batches, rows) = sync_channel(4);
            if heads.send(Ok(Head::Solutions(solutions.variables().to_vec(), rows))).is_ok() {
                send_batches(solutions.map(|row| row.map(|row| row.values().to_vec())), &batches);
            }
        }
        QueryResults::Graph(statements) => {
            let (batches, triples) = sync_channel(4);
            if heads.send(Ok(Head::Graph(triples))).is_ok() {
                send_batches(statements, &batches);
            }
        }
    }
}

fn send_batches<T>(
    mut items: impl Iterator<Item = Result<T, QueryEvaluationError>>,
    to: &SyncSender<Result<Vec<T>, QueryError>>,
) {
    let mut batch = Vec::new();
    loop {
        let item = items.next();
        let last = !matches!(item, Some(Ok(_)));
        let failure = match item {
            Some(Ok(item)) => {
                batch.push(item);
                None
            }
            Some(Err(error)) => Some(Err(error.into())),
            None => None,
        };
        if last || batch.len() == BATCH {
            // Whoever asked may have gone: then the work ends here.
            if to.send(Ok(std::mem::take(&mut batch))).is_err() {
                return;
            }
        }
        if let Some(failure) = failure {
            let _ = to.send(failure);
        }
        if last {
            return;
        }
    }
}

impl From<QueryEvaluationError> for QueryError {
    fn from(error: QueryEvaluationError) -> Self {
        match error {
            QueryEvaluationError::Service(_) | QueryEvaluationError::UnsupportedService(_) => {
                Self::Service(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}
