//! The explorer in a real browser, driven as a person would: Chromium with its driver, where they
//! are installed.

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
    fn open(width: u32, dark: bool) -> Option<Self> {
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            eprintln!("skipped: there is no chromedriver (packages chromium, chromium-driver)");
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
        let scheme = if dark { "dark" } else { "light" };
        let mut browser = Self { driver, port, session: String::new() };
        let answer = browser.call(
            "POST",
            "",
            &json!({"capabilities": {"alwaysMatch": {
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {"args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--disable-quic", format!("--window-size={width},900"),
                    format!("--blink-settings=preferredColorScheme={}", u8::from(!dark)),
                ]},
            }}}),
        );
        let session = answer["value"]["sessionId"].as_str();
        browser.session = session.unwrap_or_else(|| panic!("{scheme}: {answer}")).to_owned();
        Some(browser)
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

/// From the space bar's key in the driver's protocol to what a person presses.
const CONTROL: char = '\u{e009}';
const ENTER: char = '\u{e007}';

#[test]
fn every_view_opens_wide_and_narrow_in_light_and_in_dark() {
    let server = Server::start(sample(), &[]);
    for (width, dark) in [(1280, false), (500, true)] {
        let Some(browser) = Browser::open(width, dark) else { return };
        for path in [
            "/",
            "/search?q=MTP",
            "/products",
            "/product/microsoft-defender-xdr",
            "/page/nl-NL/microsoft-365/security/mtp/data-privacy",
            "/places",
            "/findings",
            "/query",
            "/query?name=data-map&view=graph",
            "/thing?iri=https%3A%2F%2Fw3id.org%2Fdpv%2Floc%23US",
        ] {
            browser.go(&format!("http://{}{path}", server.address));
            browser.wait("return document.readyState === 'complete'");
            browser.is_calm(path);
            let ground = "return getComputedStyle(document.body).backgroundColor";
            let expected = if dark { "rgb(13, 17, 23)" } else { "rgb(255, 255, 255)" };
            assert_eq!(browser.run(ground), json!(expected), "{path}");
        }
    }
}

#[test]
fn a_person_finds_a_product_under_a_former_name_and_reads_the_evidence() {
    let server = Server::start(sample(), &[]);
    let Some(browser) = Browser::open(1280, false) else { return };
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
    let Some(browser) = Browser::open(1280, false) else { return };
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
