//! A server of files by HTTPS that does what a far side may do.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

pub const DATA: &[u8] = b"0123456789";
/// What no renter may learn of a server in the supplier's network.
pub const BODY: &str = "a page of the router";

pub struct Server {
    pub address: SocketAddr,
    /// Its certificate, as text.
    pub pem: String,
    asked: Arc<Mutex<Vec<String>>>,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Server {
    pub async fn start(listener: std::net::TcpListener, names: &[&str]) -> Self {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let all = Arc::clone(&asked);
        let files: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&files);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, asked) = (acceptor.clone(), Arc::clone(&all));
                let files = Arc::clone(&kept);
                tokio::spawn(async move {
                    asked.lock().unwrap().push("connected".into());
                    if let Ok(mut tls) = acceptor.accept(tcp).await {
                        let _ = answer(&mut tls, &asked, &files).await;
                    }
                });
            }
        });
        Self {
            address,
            pem: made.cert.pem(),
            asked,
            files,
        }
    }

    pub async fn local() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self::start(listener, &["localhost", "127.0.0.1"]).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}/{path}", self.address.port())
    }

    /// Kept under `mirror/<name>`; under `cutting/` the line is cut, under `hanging/` it stands still,
    /// under `garbled/` a byte differs.
    pub fn keep(&self, name: String, bytes: Vec<u8>) {
        self.files.lock().unwrap().insert(name, bytes);
    }

    /// Path and range of each request, and a word for each connection.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    tls: &mut (impl AsyncRead + AsyncWrite + Unpin),
    asked: &Mutex<Vec<String>>,
    files: &Mutex<BTreeMap<String, Vec<u8>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tls.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let path = head.split(' ').nth(1).unwrap().trim_start_matches('/');
    let range = head
        .lines()
        .find_map(|line| line.strip_prefix("range: bytes="));
    let from: usize = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    asked.lock().unwrap().push(format!("{path} {from}"));
    assert!(
        !head.contains("authorization") && !head.contains("cookie"),
        "{head}"
    );
    let go =
        |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let of = |len: usize| {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n")
    };
    let (head, body) = match path.split_once('/').unwrap_or((path, "")) {
        ("data", _) => (of(DATA.len()), DATA.to_vec()),
        ("redirect", "0") => (go("/data"), Vec::new()),
        ("redirect", left) => {
            let left: u32 = left.parse().unwrap();
            (go(&format!("/redirect/{}", left - 1)), Vec::new())
        }
        ("mirror" | "cutting" | "garbled" | "hanging", name) => {
            let mut all = files.lock().unwrap()[name].clone();
            let whole = all.len();
            match path.split('/').next() {
                Some("cutting") => all.truncate(100_000),
                Some("garbled") => all[70_000] ^= 1,
                _ => {}
            }
            let head = of(whole - from);
            let head = match from {
                0 => head,
                _ => head.replace("200 OK", "206 Partial Content"),
            };
            if path.starts_with("hanging") {
                tls.write_all(head.as_bytes()).await?;
                tls.write_all(&all[from..100_000]).await?;
                tls.flush().await?;
                return std::future::pending().await;
            }
            (head, all[from.min(all.len())..].to_vec())
        }
        ("plain", _) => (go("http://localhost/data"), Vec::new()),
        ("metadata", _) => (go("https://169.254.169.254/latest"), Vec::new()),
        ("endless", _) => {
            tls.write_all(of(DATA.len()).as_bytes()).await?;
            tls.flush().await?;
            return std::future::pending().await;
        }
        ("missing", _) => {
            let head = format!(
                "HTTP/1.1 404 Nothing\r\nContent-Length: {}\r\n\r\n",
                BODY.len()
            );
            (head, BODY.as_bytes().to_vec())
        }
        ("large", _) => (of(1_000_000), vec![b'0'; 1_000_000]),
        ("other", _) => (of(DATA.len()), b"9876543210".to_vec()),
        ("cut", _) if from == 0 => (of(DATA.len()), DATA[..4].to_vec()),
        ("cut", _) => {
            let rest = &DATA[from..];
            let head = of(rest.len()).replace("200 OK", "206 Partial Content");
            (head, rest.to_vec())
        }
        _ => (of(BODY.len()), BODY.as_bytes().to_vec()),
    };
    tls.write_all(head.as_bytes()).await?;
    tls.write_all(&body).await?;
    tls.shutdown().await
}
