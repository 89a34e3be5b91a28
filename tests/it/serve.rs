//! `stemma serve` over a real port, as a client sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use stemma::compile::{self, Options};

/// A server of its own process, ended with the test.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn start(graph: &Path, arguments: &[&str]) -> Self {
        let (server, lines) = Self::launch(graph, &[&["--quiet"], arguments].concat());
        // What it says later must have somewhere to go.
        std::thread::spawn(move || lines.lines().for_each(drop));
        server
    }

    /// With what it says after the first line.
    fn launch(graph: &Path, arguments: &[&str]) -> (Self, BufReader<ChildStderr>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stemma"))
            .args(["serve", "--bind", "127.0.0.1:0", "--graph"])
            .arg(graph)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("stemma starts");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("the server says where it is");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        (Self { child, address }, lines)
    }

    fn ask(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("the server is there");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time out can be set");
        stream.write_all(request.as_bytes()).expect("the request is taken");
        let mut bytes = Vec::new();
        // A server that refuses may close before all is read.
        let _ = stream.read_to_end(&mut bytes);
        Answer::read(&bytes)
    }

    fn get(&self, path: &str, headers: &[&str]) -> Answer {
        let mut lines = vec![format!("GET {path} HTTP/1.1"), format!("Host: {}", self.address)];
        lines.extend(headers.iter().map(|header| (*header).to_owned()));
        lines.push("Connection: close".to_owned());
        self.ask(&(lines.join("\r\n") + "\r\n\r\n"))
    }

    fn page(&self, path: &str) -> Answer {
        self.get(path, &["Accept: text/html"])
    }

    fn post(&self, kind: &str, body: &str, headers: &[&str]) -> Answer {
        let mut lines = vec!["POST /sparql HTTP/1.1".to_owned(), format!("Host: {}", self.address)];
        lines.push(format!("Content-Type: {kind}"));
        lines.push(format!("Content-Length: {}", body.len()));
        lines.extend(headers.iter().map(|header| (*header).to_owned()));
        lines.push("Connection: close".to_owned());
        self.ask(&(lines.join("\r\n") + "\r\n\r\n" + body))
    }

    fn query(&self, query: &str, accept: &str) -> Answer {
        self.post("application/sparql-query", query, &[&format!("Accept: {accept}")])
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let (head, body) = (&bytes[..end], bytes.get(end + 4..).unwrap_or_default());
        let head = String::from_utf8_lossy(head);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_owned() };
        let body = String::from_utf8_lossy(&body).into_owned();
        Self { status, head: head.into_owned(), body }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sizes and breaks of chunks taken out. A chunk may end inside a letter.
fn unchunked(body: &[u8]) -> Vec<u8> {
    let (mut rest, mut bytes) = (body, Vec::new());
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..at]).unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        let after = &rest[at + 2..];
        let Some(chunk) = after.get(..size).filter(|_| size > 0) else { break };
        bytes.extend_from_slice(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    bytes
}

fn compiled(inputs: &Path, out: &Path) {
    compile::compile(&[inputs.to_owned()], &Options::new(out.to_owned())).expect("it compiles");
}

/// In cargo's own place for such, because what is static is never removed.
pub fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let graph = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve-sample");
        compiled(Path::new("data/sample"), &graph);
        graph
    })
}

/// One server for all tests that run at a time and change nothing about it. What is static is never
/// dropped, so it is kept by those that use it.
fn server() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut known = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    known.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start(sample(), &[]));
        *known = Arc::downgrade(&server);
        server
    })
}

const TEN: &str = "SELECT ?p WHERE { ?p a stm:Product } ORDER BY ?p LIMIT 10";

#[test]
fn a_query_comes_in_three_ways() {
    let server = server();
    let encoded: String = url::form_urlencoded::byte_serialize(TEN.as_bytes()).collect();
    let got = server.get(&format!("/sparql?query={encoded}"), &[]);
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.header("content-type"), Some("application/sparql-results+json"));
    assert_eq!(got.header("stemma-rows"), Some("10"));
    let form = format!("query={encoded}");
    let posted = server.post("application/x-www-form-urlencoded", &form, &[]);
    let direct = server.query(TEN, "*/*");
    assert_eq!((&got.body, &got.body), (&posted.body, &direct.body));
    assert_eq!(got.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn the_client_chooses_the_format() {
    let server = server();
    for (accept, begins) in [
        ("application/sparql-results+xml", "<?xml"),
        ("text/csv", "p\r\n"),
        ("text/tab-separated-values", "?p\n"),
        ("application/sparql-results+json;q=0.1, text/csv", "p\r\n"),
    ] {
        let got = server.query(TEN, accept);
        assert!(got.body.starts_with(begins), "{accept}: {}", got.body);
    }
    let graph = "CONSTRUCT { ?p a stm:Product } WHERE { ?p a stm:Product } LIMIT 1";
    for (accept, kind) in [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/n-triples", "application/n-triples"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
    ] {
        assert_eq!(server.query(graph, accept).header("content-type"), Some(kind));
    }
    assert_eq!(server.query(TEN, "image/png").status, 406);
    assert_eq!(server.query(graph, "application/sparql-results+json").status, 406);
}

#[test]
fn a_wrong_query_is_answered_with_its_place() {
    let server = server();
    let got = server.query("SELECT ?p WHERE {\n  ?p a stmx:Product\n}", "*/*");
    assert_eq!(got.status, 400);
    assert_eq!(
        got.body,
        "error: there is no prefix `stmx:`\n --> query:2:8\n2 |   ?p a stmx:Product\n  |        \
         ^^^^\nhint: did you mean `stm:`?\n"
    );
}

#[test]
fn nothing_can_be_changed() {
    let server = server();
    let update = "INSERT DATA { <http://a/> <http://b/> <http://c/> }";
    assert_eq!(server.post("application/sparql-update", update, &[]).status, 403);
    let form = format!("update={}", update.replace(' ', "+"));
    assert_eq!(server.post("application/x-www-form-urlencoded", &form, &[]).status, 403);
    assert_eq!(server.query(update, "*/*").status, 400);
    let service = "ASK { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }";
    assert_eq!(server.query(service, "*/*").status, 403);
    assert_eq!(server.ask("DELETE /product/microsoft-teams HTTP/1.0\r\n\r\n").status, 405);
}

#[test]
fn the_only_graph_is_called_by_its_base() {
    let server = server();
    let asked = |graph: &str| {
        let graph: String = url::form_urlencoded::byte_serialize(graph.as_bytes()).collect();
        server.get(&format!("/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D&{graph}"), &[])
    };
    assert!(asked("").body.contains("true"));
    let path = "/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D";
    let own = server.get(&format!("{path}&default-graph-uri=https://stemma.example/"), &[]);
    assert!(own.body.contains("true"), "{own:?}");
    let other = server.get(&format!("{path}&default-graph-uri=https://other.example/"), &[]);
    assert_eq!(other.status, 400);
    assert!(other.body.contains("there is no graph"), "{}", other.body);
    let named = server.query("ASK FROM NAMED <http://x/> { GRAPH ?g { ?s ?p ?o } }", "*/*");
    assert_eq!(named.status, 400);
}

#[test]
fn what_is_cut_says_so_and_what_takes_too_long_is_ended() {
    // On a busy machine an ordinary query takes a second.
    let server = Server::start(sample(), &["--timeout", "3", "--rows", "7", "--queries", "2"]);
    let cut = server.query("SELECT ?s WHERE { ?s ?p ?o }", "text/csv");
    assert_eq!((cut.status, cut.body.lines().count()), (200, 8));
    assert_eq!(cut.header("stemma-truncated"), Some("rows"));
    assert_eq!(server.query(TEN, "text/csv").header("stemma-truncated"), Some("rows"));
    let seven = server.query("SELECT ?p { ?p a stm:Product } LIMIT 7", "text/csv");
    assert_eq!(seven.header("stemma-truncated"), None);
    // The first never looks at the store while it runs; neither keeps rows.
    let values = "VALUES ?x { 1 2 3 4 5 6 7 8 9 } ";
    let product: String = (0..12).map(|i| values.replace("?x", &format!("?x{i}"))).collect();
    for endless in [
        format!("SELECT (COUNT(*) AS ?n) WHERE {{ {product} }}"),
        "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }".to_owned(),
    ] {
        let began = Instant::now();
        let got = server.query(&endless, "*/*");
        assert_eq!(got.status, 504, "{got:?}");
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(server.query("ASK {}", "*/*").status, 200, "others do not suffer");
    }
}

/// Rows without end, in texts of some size.
const MANY: &str = "SELECT * WHERE { ?a a ?b . ?c rdfs:label ?d . ?e rdfs:label ?f }";

#[test]
fn a_long_answer_says_in_its_head_that_it_is_cut() {
    let server = Server::start(sample(), &["--rows", "30000"]);
    let cut = server.query(MANY, "application/sparql-results+json");
    assert!(cut.body.len() > 4_000_000, "{} bytes", cut.body.len());
    assert_eq!((cut.status, cut.header("stemma-truncated")), (200, Some("rows")));
    assert_eq!(cut.header("stemma-rows"), Some("30000"));
    // Who reads trailers need not wait for the end.
    let kind = "application/sparql-query";
    let begun = server.post(kind, MANY, &["Accept: text/csv", "TE: trailers", "Connection: TE"]);
    assert_eq!(begun.header("stemma-truncated"), None);
    assert_eq!(begun.header("trailer"), Some("stemma-rows, stemma-truncated"));
}

#[test]
fn clients_that_do_not_read_hold_up_nobody() {
    let server = Server::start(sample(), &["--rows", "30000", "--queries", "1"]);
    let request = format!(
        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n\
         Content-Length: {}\r\n\r\n{MANY}",
        MANY.len()
    );
    let asleep: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).expect("the server is there");
            stream.write_all(request.as_bytes()).expect("the request is taken");
            stream
        })
        .collect();
    let answer = server.query("ASK {}", "text/csv");
    assert_eq!((answer.status, asleep.len()), (200, 3), "{answer:?}");
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let (server, log) = Server::launch(sample(), &[]);
    drop(log);
    for _ in 0..3 {
        assert_eq!(server.get("/health", &[]).status, 200);
    }
}

#[test]
fn a_query_that_needs_too_much_memory_is_ended() {
    if !Path::new("/proc/self/statm").exists() {
        eprintln!("skipped: this system does not say how much memory a process takes");
        return;
    }
    let server = Server::start(sample(), &["--timeout", "60", "--memory", "200"]);
    let hungry = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f";
    let got = server.query(hungry, "*/*");
    assert_eq!(got.status, 507, "{got:?}");
    assert_eq!(server.query("ASK {}", "*/*").status, 200);
}

#[test]
fn too_many_queries_are_told_to_come_back() {
    let arguments = ["--timeout", "3", "--queries", "1", "--waiting", "0"];
    let server = Server::start(sample(), &arguments);
    let long = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    std::thread::scope(|scope| {
        let first = scope.spawn(|| server.query(long, "*/*").status);
        std::thread::sleep(Duration::from_millis(700));
        let second = server.query(TEN, "*/*");
        assert_eq!((second.status, second.header("retry-after")), (503, Some("2")));
        assert_eq!(server.page("/").status, 200, "pages do not wait for queries");
        assert_eq!(first.join().expect("the query is answered"), 504);
    });
    assert_eq!(server.query(TEN, "*/*").status, 200);
    let metrics = server.get("/metrics", &[]).body;
    assert!(metrics.contains("stemma_queries_total{end=\"refused\"} 1"), "{metrics}");
    assert!(metrics.contains("stemma_queries_total{end=\"out of time\"} 1"), "{metrics}");
}

#[test]
fn every_iri_is_data_and_a_page_under_the_address_of_the_server() {
    let server = server();
    let path = "/product/microsoft-defender-xdr";
    let own = format!("<http://{}{path}>", server.address);
    let turtle = server.get(path, &["Accept: text/turtle"]);
    assert!(turtle.body.contains("product:microsoft-defender-xdr"), "{}", turtle.body);
    assert!(turtle.body.contains(&format!("<http://{}/product/>", server.address)));
    let lines = server.get(&format!("{path}.nt"), &[]);
    assert!(lines.body.lines().all(|line| line.starts_with(&own)), "{}", lines.body);
    assert!(!lines.body.contains("stemma.example"));
    assert!(server.get(&format!("{path}.jsonld"), &[]).body.contains("@id"));
    let page = server.page(path);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    // A part is told with the whole that it is in.
    let version = server.query(
        "SELECT ?v WHERE { ?v a stm:PageVersion ; stm:available true } ORDER BY ?v LIMIT 1",
        "text/csv",
    );
    let version = version.body.lines().nth(1).expect("there is a version").to_owned();
    let version = version.trim_start_matches("https://stemma.example");
    let parts = server.get(&format!("{version}.nt"), &[]);
    assert!(parts.body.contains("#s1> <https://w3id.org/stemma/ns#text>"), "{}", parts.body);
    // What was read here may be asked for here.
    let described = server.query(&format!("ASK {{ {own} a stm:Product }}"), "*/*");
    assert!(described.body.contains("true"), "{}", described.body);
    assert_eq!(server.get("/product/no-such-thing", &[]).status, 404);
    assert_eq!(server.get("/product/../../etc/passwd", &[]).status, 404);
    let elsewhere = Server::start(sample(), &["--address", "https://graph.example.org"]);
    let there = elsewhere.get(&format!("{path}.nt"), &[]).body;
    assert!(there.starts_with("<https://graph.example.org/product/"), "{there}");
}

#[test]
fn a_slash_too_many_leads_to_the_thing_and_nowhere_else() {
    let server = server();
    let moved = server.get("/product/microsoft-teams/", &[]);
    let to = moved.header("location");
    assert_eq!((moved.status, to), (308, Some("/product/microsoft-teams")));
    for path in ["//other.example/", "/\\other.example/", "/nothing/"] {
        let answer = server.get(path, &[]);
        assert_eq!((answer.status, answer.header("location")), (404, None), "{path}");
    }
}

#[test]
fn every_path_of_a_document_leads_to_it() {
    let server = server();
    let (now, first) = ("security/defender/data-privacy", "security/mtp/data-privacy");
    for (asked, leads) in [
        (format!("/page/nl-NL/microsoft-365/{now}"), format!("/page/nl-NL/microsoft-365/{first}")),
        (
            format!("/page/nl-nl/microsoft-365/{first}"),
            format!("/page/nl-NL/microsoft-365/{first}"),
        ),
        (format!("/doc/microsoft-365/{now}"), format!("/doc/microsoft-365/{first}")),
        (format!("/doc/microsoft-365/{now}.ttl"), format!("/doc/microsoft-365/{first}.ttl")),
        // As the page is published.
        (
            format!("/nl-nl/microsoft-365/{now}?x=1"),
            format!("/page/nl-NL/microsoft-365/{first}?x=1"),
        ),
        (format!("/microsoft-365/{now}/"), format!("/doc/microsoft-365/{first}")),
    ] {
        let got = server.page(&asked);
        assert_eq!((got.status, got.header("location")), (307, Some(&*leads)), "{asked}");
        assert_eq!(server.get(&leads, &["Accept: */*"]).status, 200, "{leads}");
    }
    let page = server.page(&format!("/page/nl-NL/microsoft-365/{first}")).body;
    let text = page.split(&format!("{first}@")).nth(1).and_then(|rest| rest.get(..12));
    let text = text.expect("the page leads to its texts");
    let got = server.page(&format!("/page/nl-NL/microsoft-365/{now}@{text}"));
    let leads = format!("/page/nl-NL/microsoft-365/{first}@{text}");
    assert_eq!((got.status, got.header("location")), (307, Some(&*leads)));
    for nothing in
        ["/page/nl-NL/microsoft-365/no", "/page/xx-XX/microsoft-365/no", "/doc/", "/page"]
    {
        assert_eq!(server.page(nothing).status, 404, "{nothing}");
    }
    let other = server.page(&format!("/page/fi-FI/microsoft-365/{now}"));
    assert_eq!(other.status, 404);
    assert!(other.body.contains("in en-US, nl-NL, sv-SE"), "{}", other.body);
}

#[test]
fn a_page_is_found_under_every_path() {
    let server = server();
    let (now, first) =
        ("microsoft-365/security/defender/data-privacy", "/microsoft-365/security/mtp");
    let of = |query: &str| {
        let body = server.page(&format!("/search?q={query}")).body;
        body.split("class=\"found\"").nth(1).unwrap_or_default().to_owned()
    };
    for query in [now, first, "Defender/DATA-privacy"] {
        assert!(of(query).contains(&format!("href=\"/doc{first}/data-privacy\"")), "{query}");
    }
    for query in [
        format!("nl-nl/{now}"),
        format!("nl-NL/{now}.md"),
        format!("https://learn.microsoft.com/nl-nl/{now}?view=x"),
        format!("{}page/nl-NL/{now}", "http://127.0.0.1:1/"),
    ] {
        assert!(
            of(&query).contains(&format!("href=\"/page/nl-NL{first}/data-privacy\"")),
            "{query}"
        );
    }
}

#[test]
fn a_page_is_for_those_who_like_it_best() {
    let server = server();
    let path = "/sparql?query=ASK%7B%7D";
    let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    assert_eq!(server.get(path, &[browser]).status, 303);
    for accept in [
        "Accept: application/sparql-results+json, text/html;q=0.1",
        "Accept: text/html;q=0, */*",
        "Accept: */*",
    ] {
        assert_eq!(server.get(path, &[accept]).status, 200, "{accept}");
    }
}

/// SPARQLWrapper asks for any answer like this.
#[test]
fn a_format_for_tables_means_its_like_for_graphs() {
    let server = server();
    let path = "/sparql?query=DESCRIBE+product:microsoft-teams&format=";
    let kind = |format: &str| {
        let answer = server.get(&format!("{path}{format}"), &[]);
        (answer.status, answer.header("content-type").unwrap_or_default().to_owned())
    };
    assert_eq!(kind("xml&output=xml&results=xml"), (200, "application/rdf+xml".to_owned()));
    let types = "application/ld+json,application/x-json+ld";
    assert_eq!(kind(types), (200, "application/ld+json".to_owned()));
    let turtle = (200, "text/turtle; charset=utf-8".to_owned());
    assert_eq!(kind("n3&output=n3&results=n3"), turtle);
    assert_eq!(kind("text/n3"), turtle);
    assert_eq!(kind("csv").0, 406);
}

#[test]
fn a_value_that_is_no_name_is_refused_at_once() {
    let server = server();
    let long = "x".repeat(50_000);
    let answer = server.get(&format!("/query/renamed-to?product={long}"), &[]);
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("did you mean"), "{}", answer.body);
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    let server = server();
    for path in ["/product/microsoft-teams.ttl", "/query/renamed-to", "/", "/.well-known/void"] {
        let first = server.get(path, &[]);
        assert_eq!(first.status, 200, "{path}: {first:?}");
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no tag"));
        let again = server.get(path, &[&format!("If-None-Match: {tag}")]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("cache-control"), Some("no-cache"), "{path}");
    }
    let zipped = server.get("/products", &["Accept: text/html", "Accept-Encoding: gzip"]);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
}

#[test]
fn saved_queries_are_addresses() {
    let server = server();
    let got = server.get("/query/renamed-to?product=MDATP&as-of=2021-01-22", &["Accept: text/csv"]);
    assert_eq!(got.body.lines().nth(1), Some("Microsoft Defender for Endpoint"));
    assert_eq!(server.get("/query/A04.csv?product=MDATP&as-of=2021-01-22", &[]).body, got.body);
    let unknown = server.get("/query/renamed-to?produkt=x", &[]);
    assert_eq!(unknown.status, 400);
    assert!(unknown.body.contains("did you mean `product`?"), "{}", unknown.body);
    assert_eq!(server.get("/query/no-such-query", &[]).status, 404);
    let document: serde_json::Value =
        serde_json::from_str(&server.get("/openapi.json", &[]).body).expect("it is JSON");
    let paths = document["paths"].as_object().expect("it has paths");
    assert_eq!(paths.len(), stemma::store::queries::SAVED.len() + 1);
    let parameter = &document["paths"]["/query/renamed-to"]["get"]["parameters"][0];
    assert_eq!(parameter["name"], "product");
}

#[test]
fn programs_are_told_what_there_is() {
    let server = server();
    let about = server.get("/sparql", &["Accept: application/n-triples"]).body;
    assert!(about.contains("sparql-service-description#SPARQL11Query"), "{about}");
    let void = server.get("/.well-known/void", &["Accept: application/n-triples"]).body;
    assert!(void.contains("http://rdfs.org/ns/void#sparqlEndpoint"), "{void}");
    assert!(void.contains("void#classPartition"), "{void}");
    assert!(server.get("/health", &[]).body.contains("\"status\":\"ok\""));
    let head = server.ask("HEAD /product/microsoft-teams.ttl HTTP/1.0\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let options = server.ask("OPTIONS /sparql HTTP/1.0\r\nOrigin: http://a\r\n\r\n");
    assert_eq!(options.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
}

#[test]
fn a_new_graph_is_picked_up_without_a_dropped_request() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (docs, graph) = (folder.path().join("docs"), folder.path().join("graph"));
    let page = docs.join("en-US/admin/setup.md");
    std::fs::create_dir_all(page.parent().expect("a page is in a folder")).expect("a folder");
    std::fs::write(&page, "---\ntitle: First title\n---\n# First\n\nOne.\n").expect("a page");
    compiled(&docs, &graph);
    let server = Server::start(&graph, &[]);
    let titles = "SELECT ?t WHERE { ?v a stm:PageVersion ; dcterms:title ?t }";
    assert!(server.query(titles, "text/csv").body.contains("First title"));
    std::fs::write(&page, "---\ntitle: Second title\n---\n# Second\n\nTwo.\n").expect("a page");
    let began = Instant::now();
    std::thread::scope(|scope| {
        let compile = scope.spawn(|| compiled(&docs, &graph));
        loop {
            let got = server.query(titles, "text/csv");
            assert_eq!(got.status, 200, "{got:?}");
            assert_eq!(server.page("/search?q=title").status, 200);
            if got.body.contains("Second title") {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "the old graph stays: {got:?}");
        }
        compile.join().expect("it compiles");
    });
    assert!(server.page("/search?q=second").body.contains("Second title"));
}

/// Every view of the sample, as a browser asks for it.
const VIEWS: &[&str] = &[
    "/",
    "/search?q=threat",
    "/products",
    "/product/microsoft-defender-xdr",
    "/product/microsoft-defender-xdr?as-of=2020-06-01",
    "/doc/microsoft-365/security/mtp/data-privacy",
    "/page/nl-NL/microsoft-365/security/mtp/data-privacy",
    "/places",
    "/places?as-of=2020-06-01&activity=Store",
    "/thing?iri=https%3A%2F%2Fw3id.org%2Fdpv%2Floc%23US",
    "/findings",
    "/findings?severity=warning",
    "/findings?texts=all",
    "/explain/broken-link",
    "/query",
    "/query?name=data-locations",
    "/query?name=things-by-class&view=chart",
    "/query?name=data-map&view=graph",
    "/query?query=ASK%7B%7D",
];

#[test]
fn every_view_is_a_page_that_loads_nothing_from_elsewhere() {
    let server = server();
    for view in VIEWS {
        let got = server.page(view);
        assert_eq!(got.status, 200, "{view}: {}", got.body);
        assert!(got.body.contains("<h1"), "{view} has a heading");
        let policy = got.header("content-security-policy").expect("a policy is set");
        assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
        for loaded in ["src=\"http", "href=\"//", "src=\"//", "@import", "<iframe"] {
            assert!(!got.body.contains(loaded), "{view} loads from elsewhere: {loaded}");
        }
    }
}

#[test]
fn findings_are_those_of_current_texts_unless_all_are_asked_for() {
    let server = server();
    let number = |path: &str| -> usize {
        let body = server.page(path).body;
        let told = body.split(" finding").next().and_then(|before| before.rsplit('>').next());
        told.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{body}"))
    };
    let (current, all) = (number("/findings"), number("/findings?texts=all"));
    assert!(0 < current && current < all, "{current} of {all}");
}

#[test]
fn a_sign_of_the_grid_leads_to_its_place_on_the_page_of_the_product() {
    let server = server();
    let body = server.page("/places").body;
    let signs = body.split("<a class=\"mark ").skip(1).filter_map(|rest| rest.split('"').nth(2));
    let mut count = 0;
    for href in signs {
        let (page, anchor) = href.split_once('#').expect("a sign leads to a place");
        let id = format!("id=\"{anchor}\"");
        assert!(server.page(page).body.contains(&id), "{href}");
        count += 1;
    }
    assert!(count > 3, "{count} signs");
}

#[test]
fn an_evidence_sentence_is_three_clicks_from_the_home_page() {
    let server = server();
    let links = |path: &str| -> Vec<String> {
        let body = server.page(path).body;
        let hrefs = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        hrefs.map(|href| href.replace("&amp;", "&")).collect()
    };
    let product = links("/").into_iter().find(|link| link.starts_with("/product/"));
    let product = product.expect("the home page leads to a product");
    let evidence =
        links(&product).into_iter().find(|link| link.contains('@') && link.contains('#'));
    let evidence = evidence.expect("the product leads to a statement");
    let (path, anchor) = evidence.split_once('#').expect("a statement has a place");
    let page = server.page(path).body;
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    assert!(page.contains("<mark>"), "the sentence is marked");
}

/// Markup where documents can put it: title, headings, links, quotes, header, names of files.
const HOSTILE: &str = "---\ntitle: '<script>alert(1)</script>'\nms.prod: '\"><img src=x onerror=alert(2)>'\nms.openlocfilehash: 0123456789012345678901234567890123456789\n---\n\
    # <svg onload=alert(3)> &amp; \"quoted\"\n\n\
    Microsoft Teams stores customer data in the United States <script>alert(4)</script>.\n\n\
    [<img src=x onerror=alert(5)>](javascript:alert(6)) and [gone](gone.md \"'><script>\")\n\n\
    | a | b |\n|---|---|\n| </td><script>alert(7)</script> | x |\n";

#[test]
fn markup_in_documents_never_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (docs, graph) = (folder.path().join("docs"), folder.path().join("graph"));
    for (locale, text) in [("en-US", HOSTILE), ("nl-NL", HOSTILE)] {
        let page = docs.join(locale).join("admin/x'><script>alert(8)<.md");
        std::fs::create_dir_all(page.parent().expect("a page is in a folder")).expect("a folder");
        std::fs::write(&page, text).expect("a page");
        std::fs::write(docs.join(locale).join("docfx.json"), "{}").expect("a file");
    }
    compiled(&docs, &graph);
    let server = Server::start(&graph, &[]);
    let everything = server.query(
        "SELECT DISTINCT ?s WHERE { ?s ?p ?o FILTER(!CONTAINS(STR(?s), '#')) \
         FILTER(STRSTARTS(STR(?s), 'https://stemma.example/')) \
         FILTER(!REGEX(STR(?s), '/(product|name|change|source|place|geo|code)/')) }",
        "text/csv",
    );
    let things = everything.body.lines().skip(1).map(|iri| {
        let path = iri.trim_matches('"').trim_start_matches("https://stemma.example");
        percent_encoding::utf8_percent_encode(path, percent_encoding::CONTROLS)
            .to_string()
            .replace(' ', "%20")
            .replace('<', "%3C")
            .replace('>', "%3E")
            .replace('"', "%22")
    });
    let evil = "%22%3E%3Cscript%3Ealert(9)%3C/script%3E";
    let mut views: Vec<String> = VIEWS.iter().map(|view| (*view).to_owned()).collect();
    views.extend(things);
    views.extend([
        format!("/search?q={evil}"),
        format!("/findings?q={evil}&locale={evil}&code={evil}"),
        format!("/places?as-of={evil}&activity={evil}"),
        format!("/product/microsoft-teams?as-of={evil}&{evil}={evil}"),
        format!("/query?query={evil}"),
        format!("/query?name={evil}"),
        format!("/query?name=renamed-to&product={evil}"),
        format!("/thing?iri={evil}"),
        format!("/explain/{evil}"),
        format!("/{evil}"),
        "/query?query=SELECT%20%2A%20%7B%20%3Fs%20stm%3Atext%20%3Fo%20%7D".to_owned(),
        "/query?query=CONSTRUCT%20WHERE%20%7B%20%3Fs%20stm%3AinVersion%20%3Fo%20%7D".to_owned(),
    ]);
    let mut shown = 0;
    for view in &views {
        let got = server.page(view);
        assert!(got.status < 500 && got.status != 0, "{view}: {got:?}");
        let body = got.body.to_lowercase();
        shown += usize::from(body.contains("&lt;script&gt;alert"));
        for bad in
            ["<script>", "<img", "onerror=alert(2)>\"", "<svg onload", "javascript:", "<td><script"]
        {
            // As text it may stand there; as markup it may not.
            let at = body.find(bad).filter(|_| bad != "javascript:");
            assert!(
                at.is_none(),
                "{view}: {}",
                &body[at.unwrap_or(0).saturating_sub(200)..][..400]
            );
        }
        assert!(!body.contains("href=\"javascript:"), "{view} has a link that runs");
        assert_eq!(
            body.matches("<script").count(),
            body.matches("<script src=\"/assets/").count(),
            "{view} has a script that is not ours"
        );
    }
    assert!(shown > 5, "the markup is shown as text on {shown} pages only");
}

#[test]
fn a_thousand_malformed_requests_leave_it_healthy() {
    let server = Server::start(sample(), &[]);
    let nonsense = [
        "GET",
        "GET / HTTP/9.9\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "GET /sparql?query=%FF%FE HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /\u{fffd} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /sparql HTTP/1.0\r\nContent-Type: application/sparql-query\r\nContent-Length: 3\r\n\r\n{{{",
        "GET / HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n",
        "GET /query/%2e%2e%2f?x=%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /findings?from=99999999999999999999 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ];
    for index in 0..1000 {
        let mut stream = TcpStream::connect(server.address).expect("the server is there");
        let _ = stream.write_all(nonsense[index % nonsense.len()].as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = stream.read(&mut [0; 512]);
    }
    assert_eq!(server.get("/health", &[]).status, 200);
    assert_eq!(server.query(TEN, "*/*").status, 200);
}

#[cfg(unix)]
#[test]
fn it_stops_when_it_is_told_to_and_its_processes_with_it() {
    let mut server = Server::start(sample(), &[]);
    assert_eq!(server.query(TEN, "*/*").status, 200);
    let told = Command::new("kill").arg(server.child.id().to_string()).status();
    assert!(told.expect("it can be told").success());
    let began = Instant::now();
    let status = server.child.wait().expect("it ends");
    assert!(status.success(), "{status}");
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_long_page_is_shown_in_parts() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (docs, graph) = (folder.path().join("docs"), folder.path().join("graph"));
    let text = |word: &str| -> String {
        let line = |n| format!("Number {n} is {word}. [to {n}](gone{n}.md)\n\n");
        format!("# Many\n\n{}", (1..1001).map(line).collect::<String>())
    };
    for (locale, word) in [("en-US", "here"), ("nl-NL", "daar")] {
        std::fs::create_dir_all(docs.join(locale).join("admin")).expect("a folder");
        std::fs::write(docs.join(locale).join("docfx.json"), "{}").expect("a file");
        std::fs::write(docs.join(locale).join("admin/many.md"), text(word)).expect("a page");
    }
    compiled(&docs, &graph);
    let server = Server::start(&graph, &[]);
    let path = "/page/en-US/admin/many";
    let first = server.page(path).body;
    assert!(first.contains("Number 100 is") && !first.contains("Number 900 is"));
    for list in ["text", "links", "findings"] {
        // Every part leads to the next one, up to the last.
        let (mut body, mut parts, mut seen) = (first.clone(), 1, 0);
        loop {
            let section = body.split(&format!("<section id=\"{list}\"")).nth(1).expect("a section");
            let section = section.split("</section>").next().unwrap_or_default();
            seen += section.matches(" is here.").count() + section.matches("gone").count();
            let next =
                section.split("rel=\"next\"").next().filter(|_| section.contains("\"next\""));
            let Some(next) = next.and_then(|before| before.rsplit("href=\"").next()) else { break };
            let next = next.split('#').next().expect("an address").replace("&amp;", "&");
            body = server.page(&next).body;
            parts += 1;
        }
        assert!(parts >= 3 && seen >= 1000, "{list}: {seen} in {parts}");
    }
    for odd in ["text=99999999999", "links=x", "findings=18446744073709551615", "text=-1"] {
        assert_eq!(server.page(&format!("{path}?{odd}")).status, 200, "{odd}");
    }
    assert_eq!(server.page("/findings?from=18446744073709551615").status, 200);
}

#[test]
fn what_is_refused_says_so_in_the_same_words() {
    let server = server();
    let long = "x".repeat(2 << 20);
    let refused = [
        (server.post("application/sparql-query", &long, &[]), 413),
        (server.get("/%ff%fe/x%", &[]), 404),
        (server.ask("PUT /products HTTP/1.0\r\n\r\n"), 405),
        (server.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400),
        (server.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"), 400),
        (server.post("application/sparql-query", "ASK{}", &["Content-Encoding: gzip"]), 415),
        (server.get("/assets/%ff", &[]), 400),
    ];
    for (answer, status) in refused {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.body.starts_with("error: "), "{answer:?}");
    }
    let page = server.get("/no/such", &["Accept: text/html"]).body;
    assert!(page.contains("<title>Not Found · "), "{page}");
}

#[test]
fn small_things_are_as_the_standards_have_them() {
    let server = server();
    // A tag that is known matters to who gets, and not to who posts.
    let posted = server.post("application/sparql-query", "ASK{}", &["If-None-Match: *"]);
    assert_eq!(posted.status, 200);
    for path in ["/sparql?format=jsonld", "/.well-known/void?format=jsonld"] {
        assert_eq!(server.get(path, &[]).header("content-type"), Some("application/ld+json"));
    }
    // The page of a saved query has a parameter that is called as its own.
    let page = server.page("/query/renamed-to?name=freshness&product=MDATP");
    assert_eq!(page.header("location"), Some("/query?name=renamed-to&product=MDATP"));
    let curator = server.page("/product/microsoft-defender-xdr").body;
    assert!(!curator.contains("Note in the registry"));
}
