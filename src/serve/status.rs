//! How the server does: health, metrics, and a line for each request.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Instant, SystemTime};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;

use http_body::Body as _;

use super::Shared;
use super::listener::Client;
use super::reply::{self, Ours, Refusal};
use crate::engine::worker;

/// Upper bounds of the durations that are counted, in milliseconds.
const BOUNDS: [u64; 8] = [1, 5, 20, 100, 500, 2_000, 10_000, 60_000];
/// Parts of the server, by how their paths begin.
const PARTS: [(&str, &str); 6] = [
    ("/sparql", "sparql"),
    ("/query", "query"),
    ("/assets", "assets"),
    ("/health", "status"),
    ("/metrics", "status"),
    ("/", "explore"),
];
const CLASSES: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "1xx"];

/// What happened since the start.
#[derive(Default)]
pub struct Status {
    requests: [[AtomicU64; CLASSES.len()]; PARTS.len()],
    durations: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

/// Looks at every request, and says it on stderr.
pub async fn log(
    State(app): State<Shared>,
    ConnectInfo(Client(client)): ConnectInfo<Client>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    if method == Method::OPTIONS {
        let methods = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
        response.headers_mut().insert(header::ALLOW, methods);
    }
    let elapsed = began.elapsed();
    let status = response.status();
    let is_in = |start: &str| {
        uri.path().strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let part = PARTS.iter().position(|(start, _)| is_in(start)).unwrap_or(PARTS.len() - 1);
    let class = match status.as_u16() / 100 {
        1 => 4,
        class => usize::from(class.clamp(2, 5)) - 2,
    };
    app.status.requests[part][class].fetch_add(1, Relaxed);
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let bucket = BOUNDS.iter().position(|bound| millis <= *bound).unwrap_or(BOUNDS.len());
    app.status.durations[bucket].fetch_add(1, Relaxed);
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    app.status.microseconds.fetch_add(micros, Relaxed);
    if app.options.log {
        let now = httpdate::fmt_http_date(SystemTime::now());
        // What is compressed on its way has no length yet.
        let length = response.body().size_hint().exact();
        let length = length.map_or("-".to_owned(), |length| length.to_string());
        let uri = uri.to_string().replace('"', "%22");
        super::say(&format!(
            "{client} [{now}] \"{method} {uri}\" {} {length} {:.1} ms",
            status.as_u16(),
            elapsed.as_secs_f64() * 1e3
        ));
    }
    response
}

/// What holds of every answer. Documents are written by others, so a page may load and run only
/// what is ours.
pub async fn guard(State(_): State<Shared>, request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let mut response = if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
        Refusal::bad("a request has one `Host`").response()
    } else {
        next.run(request).await
    };
    if response.status().is_client_error() && response.extensions().get::<Ours>().is_none() {
        response = in_our_words(&response);
    }
    let headers = response.headers_mut();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                  img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                  frame-ancestors 'self'; base-uri 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What was refused before we looked at it.
fn in_our_words(refused: &Response) -> Response {
    let status = refused.status();
    let (message, hint) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("the request is too long", "a query has at most 1 MB"),
        StatusCode::METHOD_NOT_ALLOWED => ("there is nothing to change here", "ask with GET"),
        StatusCode::BAD_REQUEST => ("the address cannot be read", "write it in UTF-8"),
        _ => (status.canonical_reason().unwrap_or("refused"), "see `/openapi.json`"),
    };
    let mut response = Refusal::new(status, message).hint(hint).response();
    if let Some(methods) = refused.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, methods.clone());
    }
    response
}

pub async fn health(State(app): State<Shared>) -> Response {
    let loaded = app.loaded();
    let body = serde_json::json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "graph": loaded.index.version,
        "modified": loaded.snapshot.meta().modified,
    });
    reply::whole(StatusCode::OK, "application/json", body.to_string())
}

/// In the text format of Prometheus.
pub async fn metrics(State(app): State<Shared>) -> Response {
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, values: &[(String, f64)]| {
        let _ = writeln!(text, "# HELP stemma_{name} {help}\n# TYPE stemma_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "stemma_{name}{labels} {value}");
        }
    };
    let mut requests: Vec<(String, u64)> = Vec::new();
    for ((_, part), counts) in PARTS.iter().zip(&app.status.requests) {
        for (class, count) in CLASSES.iter().zip(counts) {
            let labels = format!("{{part=\"{part}\",status=\"{class}\"}}");
            let count = count.load(Relaxed);
            match requests.iter_mut().find(|(known, _)| *known == labels) {
                Some((_, known)) => *known += count,
                None => requests.push((labels, count)),
            }
        }
    }
    let requests: Vec<(String, f64)> = requests
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(labels, count)| (labels, count as f64))
        .collect();
    metric("http_requests_total", "counter", "Requests that were answered.", &requests);

    let mut total = 0;
    let mut durations = Vec::new();
    for (index, count) in app.status.durations.iter().enumerate() {
        total += count.load(Relaxed);
        let bound = match BOUNDS.get(index) {
            Some(millis) => (*millis as f64 / 1e3).to_string(),
            None => "+Inf".to_owned(),
        };
        durations.push((format!("_bucket{{le=\"{bound}\"}}"), total as f64));
    }
    let seconds = app.status.microseconds.load(Relaxed) as f64 / 1e6;
    durations.push(("_sum".to_owned(), seconds));
    durations.push(("_count".to_owned(), total as f64));
    let help = "Time until an answer began.";
    metric("http_request_duration_seconds", "histogram", help, &durations);

    let counts = &app.pool.counts;
    let one = |value: usize| [(String::new(), value as f64)];
    let running = one(counts.running.load(Relaxed));
    metric("queries_running", "gauge", "Queries that are being answered.", &running);
    let waiting = one(counts.waiting.load(Relaxed));
    metric("queries_waiting", "gauge", "Queries that wait for another to end.", &waiting);
    let ends = [
        ("answered", &counts.answered),
        ("out of time", &counts.out_of_time),
        ("out of memory", &counts.out_of_memory),
        ("refused", &counts.refused),
        ("failed", &counts.failed),
    ]
    .map(|(end, count)| (format!("{{end=\"{end}\"}}"), count.load(Relaxed) as f64));
    metric("queries_total", "counter", "Queries by how they ended.", &ends);
    let looked = [("hit", &app.cache.hits), ("miss", &app.cache.misses)]
        .map(|(what, count)| (format!("{{what=\"{what}\"}}"), count.load(Relaxed) as f64));
    metric("cache_total", "counter", "Answers looked for among those given before.", &looked);
    metric("cache_bytes", "gauge", "Size of these answers.", &one(app.cache.bytes()));
    if let Some(bytes) = worker::memory(std::process::id()) {
        metric("process_resident_memory_bytes", "gauge", "Memory of the server.", &one(bytes));
    }
    let graph = format!("{{version=\"{}\"}}", app.loaded().index.version);
    metric("graph_info", "gauge", "The graph that is served.", &[(graph, 1.0)]);
    reply::whole(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
}
