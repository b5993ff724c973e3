//! The API of a container engine over its Unix socket: Podman's own (Docker's, which it speaks too, ignores cards without an error), or
//! Docker's. redteam E1

use crate::error::EngineError;
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// Longest answer that is read.
const MAX_ANSWER: u64 = 16 << 20;
/// Loading a large image takes its time; nothing else waits so long.
const ANSWER_WITHIN: Duration = Duration::from_secs(1_800);

#[derive(Clone, Debug)]
pub struct Api {
    socket: PathBuf,
    /// Before every path.
    version: String,
}

/// What the engine did not do.
#[derive(Debug)]
pub struct Refused {
    pub code: u16,
    pub message: String,
}

impl Refused {
    pub fn is_missing(&self) -> bool {
        self.code == 404
    }
}

impl From<Refused> for EngineError {
    fn from(refused: Refused) -> Self {
        Self::Host {
            what: "engine",
            detail: refused.message,
        }
    }
}

pub enum Body<'a> {
    None,
    Json(&'a Value),
    Tar(&'a Path),
}

impl Api {
    pub fn podman(socket: &Path) -> Self {
        Self::new(socket, "/v4.0.0/libpod")
    }

    pub fn new(socket: &Path, version: &str) -> Self {
        Self {
            socket: socket.to_owned(),
            version: version.to_owned(),
        }
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn get(&self, path: &str) -> Result<Value, Refused> {
        self.ask("GET", path, &Body::None)
    }

    pub fn post(&self, path: &str, body: &Body<'_>) -> Result<Value, Refused> {
        self.ask("POST", path, body)
    }

    /// What is gone already is gone.
    pub fn delete(&self, path: &str) -> Result<(), Refused> {
        match self.ask("DELETE", path, &Body::None) {
            Err(refused) if !refused.is_missing() => Err(refused),
            _ => Ok(()),
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Body<'_>) -> Result<Value, Refused> {
        let (code, bytes) = self.exchange(method, path, body).map_err(broken)?;
        let value = value_of(&bytes);
        // 304: it was so before. Docker tells in a good answer that an image cannot be loaded.
        let failed = value.get("errorDetail").is_some();
        if !failed && (200..300).contains(&code) || code == 304 {
            return Ok(value);
        }
        let message = value.get(if failed { "error" } else { "message" });
        let message = message.and_then(Value::as_str);
        let message = message.map_or_else(
            || String::from_utf8_lossy(&bytes).into_owned(),
            str::to_owned,
        );
        let code = if failed { 400 } else { code };
        Err(Refused { code, message })
    }

    fn exchange(&self, method: &str, path: &str, body: &Body<'_>) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        send(
            &mut stream,
            method,
            &format!("{}{path}", self.version),
            body,
        )?;
        let mut reader = BufReader::new(stream);
        let head = Head::read(&mut reader)?;
        let mut bytes = Vec::new();
        match (head.chunked, head.len) {
            (true, _) => chunks(&mut reader, &mut bytes)?,
            (false, Some(len)) => {
                reader.take(len.min(MAX_ANSWER)).read_to_end(&mut bytes)?;
            }
            (false, None) => {
                reader.take(MAX_ANSWER).read_to_end(&mut bytes)?;
            }
        }
        Ok((head.code, bytes))
    }

    /// A stream of raw bytes instead of an answer.
    pub fn upgrade(&self, path: &str) -> Result<BufReader<UnixStream>, Refused> {
        let open = || -> io::Result<_> {
            let mut stream = UnixStream::connect(&self.socket)?;
            let head = format!("POST {}{path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n", self.version);
            stream.write_all(head.as_bytes())?;
            let mut reader = BufReader::new(stream);
            let head = Head::read(&mut reader)?;
            Ok((head.code, reader))
        };
        let (code, reader) = open().map_err(broken)?;
        match code {
            101 | 200 => Ok(reader),
            _ => Err(Refused {
                code,
                message: "the engine does not hand over a container's output".into(),
            }),
        }
    }
}

/// One value, or the last of a line each.
fn value_of(bytes: &[u8]) -> Value {
    let mut last = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let last = last.rfind(|line| !line.is_empty());
    serde_json::from_slice(bytes)
        .or_else(|_| serde_json::from_slice(last.unwrap_or_default()))
        .unwrap_or(Value::Null)
}

fn send(stream: &mut UnixStream, method: &str, path: &str, body: &Body<'_>) -> io::Result<()> {
    let (kind, len, json, mut file) = match body {
        Body::None => ("application/json", 0, Vec::new(), None),
        Body::Json(value) => {
            let bytes = serde_json::to_vec(value)?;
            (
                "application/json",
                u64::try_from(bytes.len()).unwrap_or(0),
                bytes,
                None,
            )
        }
        Body::Tar(path) => {
            let file = File::open(path)?;
            (
                "application/x-tar",
                file.metadata()?.len(),
                Vec::new(),
                Some(file),
            )
        }
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&json)?;
    match &mut file {
        Some(file) => io::copy(file, stream).map(|_| ()),
        None => Ok(()),
    }
}

struct Head {
    code: u16,
    len: Option<u64>,
    chunked: bool,
}

impl Head {
    fn read(reader: &mut impl BufRead) -> io::Result<Self> {
        let mut first = line(reader)?;
        let code = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut head = Self {
            code: code.ok_or_else(|| io::Error::other("the engine answers no HTTP"))?,
            len: None,
            chunked: false,
        };
        loop {
            first = line(reader)?.to_ascii_lowercase();
            if first.is_empty() {
                return Ok(head);
            }
            if let Some(len) = first.strip_prefix("content-length:") {
                head.len = len.trim().parse().ok();
            }
            head.chunked |= first.starts_with("transfer-encoding:") && first.contains("chunked");
        }
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.take(64 << 10).read_line(&mut line)? == 0 {
        return Err(io::Error::other("the engine closed the connection"));
    }
    Ok(line.trim_end().to_owned())
}

fn chunks(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(reader)?;
        let size = size.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        let have = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size == 0 || have.saturating_add(size) > MAX_ANSWER {
            return Ok(());
        }
        reader.take(size).read_to_end(bytes)?;
        line(reader)?;
    }
}

fn broken(error: io::Error) -> Refused {
    Refused {
        code: 0,
        message: format!("the engine does not answer: {error}"),
    }
}
