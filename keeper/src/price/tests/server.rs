//! HTTP servers on loopback that answer as badly as real ones do.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        mpsc::{channel, Receiver, Sender},
        Arc,
    },
    thread,
    time::Duration,
};

/// Longest that a test waits for something to happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How a question is answered.
#[derive(Clone)]
pub enum Reply {
    Json(String),
    Status(u16, &'static str),
    /// Whole, as it is.
    Raw(String),
    /// Nothing, until the other side goes away.
    Silence,
    /// Zeros, until the other side goes away.
    Endless,
    /// Says that there is more, and hangs up.
    Cut,
}

pub struct Server {
    pub address: SocketAddr,
    asked: Receiver<String>,
    gone: Receiver<u64>,
}

impl Server {
    /// Answers every question by `reply`, which is given the question's head.
    pub fn new(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = channel();
        let (bye, gone) = channel();
        let reply = Arc::new(reply);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, reply) = (stream.unwrap(), reply.clone());
                let (tell, bye) = (tell.clone(), bye.clone());
                thread::spawn(move || serve(stream, &*reply, &tell, &bye));
            }
        });
        Self {
            address,
            asked,
            gone,
        }
    }

    pub fn saying(reply: Reply) -> Self {
        Self::new(move |_| reply.clone())
    }

    /// A source whose price stands at /price.
    pub fn priced(price: &str) -> Self {
        Self::saying(Reply::Json(format!(r#"{{"price": {price}}}"#)))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the next question.
    pub fn question(&self) -> String {
        self.asked.recv_timeout(PATIENCE).unwrap()
    }

    /// How often it was asked beyond what was looked at.
    pub fn questions_left(&self) -> usize {
        self.asked.try_iter().count()
    }

    /// How much of an endless answer left before the other side went away.
    pub fn sent(&self) -> u64 {
        self.gone.recv_timeout(PATIENCE).unwrap()
    }
}

fn serve(
    mut stream: TcpStream,
    reply: &dyn Fn(&str) -> Reply,
    tell: &Sender<String>,
    bye: &Sender<u64>,
) {
    while let Some(head) = head(&mut stream) {
        let reply = reply(&head);
        let _ = tell.send(head);
        let answer = |status: &str, kind: &str, body: &str| {
            let len = body.len();
            format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\n\r\n{body}"
            )
        };
        let text = match reply {
            Reply::Json(body) => answer("200 OK", "application/json", &body),
            Reply::Status(status, head) => {
                format!("HTTP/1.1 {status} No\r\n{head}Content-Length: 2\r\n\r\n{{}}")
            }
            Reply::Raw(text) => text,
            Reply::Silence => {
                let _ = stream.read(&mut [0]);
                let _ = bye.send(0);
                return;
            }
            Reply::Endless => return endless(stream, bye),
            Reply::Cut => {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"price\": 0.2");
                return;
            }
        };
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn endless(mut stream: TcpStream, bye: &Sender<u64>) {
    let mut sent = 0;
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    let part = [b'0'; 65_536];
    while stream.write_all(&part).is_ok() {
        sent += 65_536;
    }
    let _ = bye.send(sent);
}
