//! The explorer in a real browser, driven as a person would: Chromium with its driver, where they
//! are installed; and what axe-core has to say of each view, where `STEMMA_AXE` names its file
//! (`.ci/test` brings it from npm's registry).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::serve::{Server, sample};

/// A browser, closed with the test.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.call("DELETE", "", &Value::Null);
        }
        // The driver closes its browser when it is asked to stop.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// None, and a line that says so, where there is none.
    fn open() -> Option<Self> {
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            skipped("there is no chromedriver (packages chromium, chromium-driver)");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().expect("stdout is a pipe"));
        let port = loop {
            let mut line = String::new();
            if lines.read_line(&mut line).expect("the driver speaks") == 0 {
                panic!("the driver ended");
            }
            let said = line.split("successfully on port ").nth(1);
            let digits = said.map(|rest| rest.trim().trim_end_matches('.').to_owned());
            if let Some(Ok(port)) = digits.map(|port| port.parse()) {
                break port;
            }
        };
        std::thread::spawn(move || lines.lines().for_each(drop));
        let mut browser = Self { driver, port, session: String::new() };
        let answer = browser.call(
            "POST",
            "",
            &json!({"capabilities": {"alwaysMatch": {
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {"args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--disable-quic", "--window-size=1280,900",
                ]},
            }}}),
        );
        let session = answer["value"]["sessionId"].as_str();
        browser.session = session.unwrap_or_else(|| panic!("no session: {answer}")).to_owned();
        Some(browser)
    }

    /// As on a screen of this width, with these colours.
    fn wear(&self, width: u32, scheme: &str) {
        // A window cannot be as narrow as a phone is.
        self.developer(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.developer("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// What only Chromium's own protocol can.
    fn developer(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        let answer = self.call("POST", "/goog/cdp/execute", &body);
        assert!(answer["value"]["error"].is_null(), "{command}: {answer}");
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let session =
            if self.session.is_empty() { String::new() } else { format!("/{}", self.session) };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} /session{session}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the driver is there");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time out can be set");
        stream.write_all(request.as_bytes()).expect("the driver listens");
        // The driver may keep the connection: its answer says how long it is.
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length")
                        .then(|| value.trim().parse().ok())?
                });
                if rest.len() >= length.unwrap_or(usize::MAX) {
                    return serde_json::from_str(rest).unwrap_or(Value::Null);
                }
            }
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return Value::Null,
                Ok(count) => bytes.extend_from_slice(&piece[..count]),
            }
        }
    }

    fn go(&self, url: &str) {
        self.call("POST", "/url", &json!({"url": url}));
    }

    fn run(&self, script: &str) -> Value {
        let answer = self.call("POST", "/execute/sync", &json!({"script": script, "args": []}));
        answer["value"].clone()
    }

    /// What keeps people with other senses or hands out, as far as a program can tell: each
    /// serious or critical violation, with where it is.
    fn barriers(&self, axe: &str) -> Vec<Value> {
        self.run(axe);
        let script = "const done = arguments[arguments.length - 1];
            const bad = (found) => ['serious', 'critical'].includes(found.impact);
            const told = (found) => [found.id, found.nodes.map((node) => node.html)];
            axe.run({resultTypes: ['violations']}).then(
                (results) => done(results.violations.filter(bad).map(told)),
                (error) => done([String(error)]));";
        let body = json!({"script": script, "args": []});
        let answer = self.call("POST", "/execute/async", &body);
        answer["value"].as_array().cloned().unwrap_or_else(|| vec![answer])
    }

    fn element(&self, css: &str) -> String {
        let found = self.call("POST", "/element", &json!({"using": "css selector", "value": css}));
        let ids = found["value"].as_object().and_then(|value| value.values().next().cloned());
        let id = ids.and_then(|id| id.as_str().map(str::to_owned));
        id.unwrap_or_else(|| panic!("no `{css}`: {found}"))
    }

    fn click(&self, css: &str) {
        let id = self.element(css);
        let answer = self.call("POST", &format!("/element/{id}/click"), &json!({}));
        assert!(answer["value"].is_null(), "{css}: {answer}");
    }

    fn write(&self, css: &str, text: &str) {
        let id = self.element(css);
        self.call("POST", &format!("/element/{id}/value"), &json!({"text": text}));
    }

    fn wait(&self, script: &str) {
        let began = Instant::now();
        while self.run(script) != json!(true) {
            assert!(began.elapsed() < Duration::from_secs(10), "never true: {script}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a page complained of since it was last asked.
    fn complaints(&self) -> Vec<Value> {
        let answer = self.call("POST", "/se/log", &json!({"type": "browser"}));
        answer["value"].as_array().cloned().unwrap_or_default()
    }

    /// The page fits the window, asked nobody else, and has no complaint.
    fn is_calm(&self, path: &str) {
        assert_eq!(self.complaints(), [] as [Value; 0], "{path}");
        let foreign = self.run(
            "return performance.getEntriesByType('resource').map(r => r.name)\
             .filter(name => !name.startsWith(location.origin))",
        );
        assert_eq!(foreign, json!([]), "{path}");
        let fits = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(self.run(fits), json!(true), "{path} is wider than the window");
    }
}

/// Said aloud: `eprintln!` of a passing test is kept to itself.
fn skipped(why: &str) {
    let note = format!("skipped: {why}\n");
    std::io::stderr().write_all(note.as_bytes()).expect("standard error can be written to");
}

/// From the space bar's key in the driver's protocol to what a person presses.
const CONTROL: char = '\u{e009}';
const ENTER: char = '\u{e007}';

/// Every kind of view, and each of its states that looks different.
const VIEWS: &[&str] = &[
    "/",
    "/search?q=MTP",
    "/search?q=nothing%20of%20the%20kind",
    "/products",
    "/product/microsoft-defender-xdr",
    "/product/microsoft-defender-xdr?as-of=2020-05-04",
    "/page/nl-NL/microsoft-365/security/mtp/data-privacy",
    COMPARED,
    "/places",
    "/thing?iri=https%3A%2F%2Fw3id.org%2Fdpv%2Floc%23US",
    "/findings",
    "/findings?q=nothing%20of%20the%20kind",
    "/explain/broken-link",
    "/query",
    "/query?name=data-locations",
    "/query?name=data-map&view=graph",
    "/query?name=freshness&view=chart",
    "/query?query=SELECT%20nonsense",
    "/claim/none",
];
/// Two texts of a page side by side.
const COMPARED: &str = "/page/nl-NL/microsoft-365/security/mtp/data-privacy?with=other";

#[test]
fn every_view_fits_and_has_no_barrier_wide_and_narrow_in_light_and_in_dark() {
    let server = Server::start(sample(), &[]);
    let Some(browser) = Browser::open() else { return };
    let axe = axe();
    let site = format!("http://{}", server.address);
    browser.go(&format!("{site}{}", COMPARED.split('?').next().unwrap_or_default()));
    let compared = browser.run("return document.querySelector('#compare li a').href");
    let compared = compared.as_str().expect("there is a text to compare with").to_owned();
    let mut barriers = Vec::new();
    for (scheme, ground) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")] {
        for width in [1280, 390] {
            browser.wear(width, scheme);
            for path in VIEWS {
                let is_refused = path.contains("nonsense") || path.contains("none");
                let url =
                    if *path == COMPARED { compared.clone() } else { format!("{site}{path}") };
                browser.go(&url);
                browser.wait("return document.readyState === 'complete'");
                let view = format!("{path} ({width}, {scheme})");
                if is_refused {
                    // The browser notes the status of what is not there.
                    browser.complaints();
                }
                browser.is_calm(&view);
                let colour = "return getComputedStyle(document.body).backgroundColor";
                assert_eq!(browser.run(colour), json!(ground), "{view}");
                let found = axe.iter().flat_map(|axe| browser.barriers(axe));
                barriers.extend(found.map(|barrier| format!("{view}: {barrier}")));
            }
        }
    }
    assert!(barriers.is_empty(), "{}", barriers.join("\n"));
}

/// The script that finds barriers.
fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("STEMMA_AXE").filter(|path| !path.is_empty()) else {
        skipped("STEMMA_AXE does not say where axe-core is (`sh .ci/test` brings it)");
        return None;
    };
    Some(std::fs::read_to_string(path).expect("STEMMA_AXE is the path of axe.min.js"))
}

#[test]
fn a_person_finds_a_product_under_a_former_name_and_reads_the_evidence() {
    let server = Server::start(sample(), &[]);
    let Some(browser) = Browser::open() else { return };
    browser.go(&format!("http://{}/", server.address));
    browser.write("form[role=search] input", &format!("Microsoft Threat Protection{ENTER}"));
    browser.wait("return location.pathname === '/search'");
    browser.click(".found a");
    browser.wait("return location.pathname === '/product/microsoft-defender-xdr'");
    // A sign of the matrix leads to the sentence.
    browser.run("document.querySelector('a.mark, details.cell a').id = 'sign'; return true");
    browser.run("const cell = document.getElementById('sign').closest('details'); if (cell) cell.open = true; return true");
    browser.click("#sign");
    browser.wait("return location.pathname.startsWith('/page/') && location.hash.length > 1");
    let marked = "return document.getElementById(decodeURIComponent(location.hash.slice(1)))\
                  .closest('.statement').querySelector('mark').textContent.length > 10";
    browser.wait(marked);
    browser.is_calm("the page of the evidence");
}

#[test]
fn a_query_is_edited_completed_and_run() {
    let server = Server::start(sample(), &[]);
    let Some(browser) = Browser::open() else { return };
    browser.go(&format!("http://{}/query", server.address));
    browser.wait("return document.querySelectorAll('.code-box .t-variable').length > 0");
    browser.run("document.getElementById('sparql').value = ''; return true");
    browser.write("#sparql", "SELECT ?product WHERE { ?product a stm:Prod");
    browser.wait("return document.querySelectorAll('.completion li').length > 0");
    let first = browser.run("return document.querySelector('.completion code').textContent");
    assert_eq!(first, json!("stm:Product"));
    browser.write("#sparql", &ENTER.to_string());
    browser.write("#sparql", &format!(" }} ORDER BY ?product LIMIT 3{CONTROL}{ENTER}"));
    browser.wait("return location.search.startsWith('?query=')");
    browser.wait("return document.querySelectorAll('table.results tbody tr').length === 3");
    let text = browser.run("return document.getElementById('sparql').value");
    let expected = "SELECT ?product WHERE { ?product a stm:Product } ORDER BY ?product LIMIT 3";
    assert_eq!(text, json!(expected), "the query lives in the address");
    browser.click("table.results a");
    browser.wait("return location.pathname.startsWith('/product/')");
    browser.is_calm("the product");
}
