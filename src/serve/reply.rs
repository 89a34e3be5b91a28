//! Answers as HTTP has them: refusals in words, bodies that come in pieces, tags of what is known.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body::Frame;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::engine::{End, Failed, Piece, Unasked};
use crate::store::sparql::SyntaxError;

/// How many rows or statements an answer has.
pub const ROWS: HeaderName = HeaderName::from_static("stemma-rows");
/// `rows`: the answer was cut there. Where its headers could not wait for it, it is a trailer.
pub const TRUNCATED: HeaderName = HeaderName::from_static("stemma-truncated");
/// An answer with so many rows may have been cut.
pub const ROW_LIMIT: HeaderName = HeaderName::from_static("stemma-row-limit");

/// Why a request is not answered, in words, as the command line says it.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    pub hint: Option<String>,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hint: None }
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As `stemma query` prints it.
    pub fn unreadable(name: &str, error: &SyntaxError) -> Self {
        let indent = " ".repeat(error.line.to_string().len());
        let (line, column, excerpt) = (error.line, error.column, &error.excerpt);
        let message = format!("{error}\n{indent}--> {name}:{line}:{column}\n{excerpt}");
        Self { hint: error.hint.clone(), ..Self::bad(message) }
    }

    pub fn response(self) -> Response {
        let mut text = format!("error: {}\n", self.message);
        if let Some(hint) = &self.hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
        let mut response = whole(self.status, "text/plain; charset=utf-8", text);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Self {
        let message = failed.to_string();
        match failed {
            Failed::Busy | Failed::Gone => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, message).hint("ask again in a moment")
            }
            Failed::Time(_) => Self::new(StatusCode::GATEWAY_TIMEOUT, message)
                .hint("ask for less with `LIMIT` or a narrower pattern"),
            Failed::Memory(_) => Self::new(StatusCode::INSUFFICIENT_STORAGE, message)
                .hint("ask for less: sorting and grouping keep all rows at once"),
            Failed::Long => Self::new(StatusCode::INSUFFICIENT_STORAGE, message)
                .hint("download it, or ask for fewer columns"),
            Failed::Query(_) => Self::bad(message),
            Failed::Graph => Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
                .hint("what the server says on stderr tells more"),
            Failed::Process(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, message),
        }
    }
}

impl From<Unasked> for Refusal {
    fn from(unasked: Unasked) -> Self {
        match &unasked {
            // As `stemma query` prints it.
            Unasked::Syntax(error) => Self::unreadable("query", error),
            Unasked::Service(_) => Self::new(StatusCode::FORBIDDEN, unasked.to_string())
                .hint("ask the other server separately, or start with `--allow-service HOST`"),
            Unasked::Graph(_) => Self::bad(unasked.to_string())
                .hint("all statements are in the default graph: leave the other out"),
        }
    }
}

impl From<crate::store::StoreError> for Refusal {
    fn from(error: crate::store::StoreError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

/// An answer in our own words, and not in those of a library.
#[derive(Clone, Copy)]
pub struct Ours;

/// A body that is at hand.
pub fn whole(status: StatusCode, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.extensions_mut().insert(Ours);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, value(content_type));
    response
}

/// Text for a header; what may not stand in one is left out.
pub fn value(text: &str) -> HeaderValue {
    let plain: String = text.chars().filter(|c| (' '..='~').contains(c)).collect();
    HeaderValue::from_str(&plain).expect("printable ASCII may stand in a header")
}

/// What is the same for the same parts. Weak: compression may change the bytes.
pub fn tag(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let hex: String = digest.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// The client has what a tag stands for.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|known| known.to_str().ok())
        .any(|known| known.split(',').any(|known| known.trim() == "*" || bare(known) == bare(tag)))
}

pub fn not_modified(tag: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set_tag(&mut response, tag);
    response
}

/// Another one, in another format or for another address: what an answer depends on besides its
/// path.
pub fn set_vary(response: &mut Response) {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept, host"));
}

pub fn set_tag(response: &mut Response, tag: &str) {
    set_vary(response);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, value(tag));
    // A newer graph may be put in place at any time, so the tag is asked for every time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

/// Headers of an answer whose end is known.
pub fn set_end(headers: &mut HeaderMap, end: End) {
    headers.insert(ROWS, end.rows.into());
    if end.truncated {
        headers.insert(TRUNCATED, HeaderValue::from_static("rows"));
    }
}

/// A body that comes while its query is answered. An answer that fails breaks off, so that nobody
/// takes it for complete, and so does one that is cut and has no other way to say so.
pub struct Pieces {
    pub pieces: mpsc::Receiver<Result<Piece, Failed>>,
    /// Headers or trailers say how it ends.
    pub is_told: bool,
    is_over: bool,
}

impl Pieces {
    pub fn new(pieces: mpsc::Receiver<Result<Piece, Failed>>, is_told: bool) -> Self {
        Self { pieces, is_told, is_over: false }
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Failed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(context).map(|piece| {
            Some(match piece {
                Some(Ok(Piece::Data(bytes))) => Ok(Frame::data(bytes)),
                Some(Ok(Piece::End(end))) if self.is_told || !end.truncated => {
                    self.is_over = true;
                    let mut trailers = HeaderMap::new();
                    set_end(&mut trailers, end);
                    Ok(Frame::trailers(trailers))
                }
                Some(Ok(Piece::End(_))) => Err(Failed::Long),
                Some(Err(failed)) => Err(failed),
                // It waited too long for its client.
                None => Err(Failed::Gone),
            })
        })
    }
}
