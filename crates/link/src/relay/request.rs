//! The head of an HTTP request, and the few answers that a relay has.

use base64::{engine::general_purpose::STANDARD, Engine};
use http::{header, request::Parts, HeaderMap, HeaderName, HeaderValue, Method, Request};
use iroh_relay::http::{ProtocolVersion, RELAY_PATH, RELAY_PROBE_PATH};
use sha1::{Digest, Sha1};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Largest head that is read, and most headers of it.
const MAX_HEAD: usize = 8 << 10;
const MAX_HEADERS: usize = 32;
/// RFC 6455, 1.3.
const WEBSOCKET_ID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Reads up to the empty line. Nobody sends more before the answer.
pub(crate) async fn read<R: AsyncRead + Unpin>(from: &mut R) -> io::Result<Parts> {
    let mut head = Vec::with_capacity(1_024);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return Err(malformed("the head is too long"));
        }
        head.push(from.read_u8().await?);
    }
    parse(&head)
}

fn malformed(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn parse(head: &[u8]) -> io::Result<Parts> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let whole = parsed.parse(head).map_err(|_| malformed("no HTTP"))?;
    let (true, Some(method), Some(path)) = (whole.is_complete(), parsed.method, parsed.path) else {
        return Err(malformed("half a request"));
    };
    let mut map = HeaderMap::new();
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value);
        if let (Ok(name), Ok(value)) = (name, value) {
            map.append(name, value);
        }
    }
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).map_err(|_| malformed("no method"))?)
        .uri(path)
        .body(())
        .map_err(|_| malformed("no path"))?;
    let (mut parts, ()) = request.into_parts();
    parts.headers = map;
    Ok(parts)
}

/// A client that wants to be relayed, and in which version it speaks.
pub(crate) fn upgrade(parts: &Parts) -> Option<(ProtocolVersion, String)> {
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let asks = parts.method == Method::GET
        && parts.uri.path() == RELAY_PATH
        && text(header::UPGRADE)?.eq_ignore_ascii_case("websocket")
        && text(header::SEC_WEBSOCKET_VERSION)? == "13";
    let offered = text(header::SEC_WEBSOCKET_PROTOCOL)?.split(',');
    let version = offered
        .filter_map(|name| ProtocolVersion::match_from_str(name.trim()))
        .max()?;
    let key = text(header::SEC_WEBSOCKET_KEY)?;
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{WEBSOCKET_ID}")));
    asks.then_some((version, accept))
}

/// Answers an upgrade.
pub(crate) async fn switch<W: AsyncWrite + Unpin>(
    to: &mut W,
    version: ProtocolVersion,
    accept: &str,
) -> io::Result<()> {
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\nsec-websocket-protocol: {}\r\n\r\n",
        version.to_str()
    );
    to.write_all(answer.as_bytes()).await?;
    to.flush().await
}

/// Answers everything else, and ends.
pub(crate) async fn answer<W: AsyncWrite + Unpin>(to: &mut W, parts: &Parts) -> io::Result<()> {
    let (status, body) = match parts.uri.path() {
        RELAY_PROBE_PATH => ("200 OK", ""),
        "/healthz" => ("200 OK", "ok\n"),
        "/generate_204" => ("204 No Content", ""),
        _ => ("404 Not Found", "not found\n"),
    };
    respond(to, status, body).await
}

pub(crate) async fn respond<W: AsyncWrite + Unpin>(
    to: &mut W,
    status: &str,
    body: &str,
) -> io::Result<()> {
    let text = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: text/plain; version=0.0.4\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    to.write_all(text.as_bytes()).await?;
    to.shutdown().await
}
