//! A server that replays a recorded conversation: docs/kubernetes.md tells of the format.

mod answer;

use axum::{extract::State, response::Response, Router};
use kube::{Client, Config};
use serde::Deserialize;
use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, time::timeout};

const WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Others wait for it by this name, and take of its request's body.
    #[serde(default)]
    pub id: Option<String>,
    pub method: String,
    pub path: String,
    /// Pieces of the query, decoded.
    #[serde(default)]
    pub query: Vec<String>,
    /// What the request's body has, at least.
    #[serde(default)]
    pub body: Value,
    /// As often as it comes, or never.
    #[serde(default)]
    pub always: bool,
    pub reply: Reply,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    pub status: Option<u16>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    /// The request's own body.
    pub echo: bool,
    /// Of a watch or a log: one after the other.
    pub pieces: Vec<Piece>,
    pub exec: Option<Exec>,
    /// Bytes that the port answers with, once it was told some.
    pub port: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Piece {
    /// Waits until that exchange was had.
    After(String),
    AfterMs(u64),
    /// An event of a watch.
    Event(Value),
    Text(String),
    /// The connection breaks here.
    Drop,
    /// And is left open.
    Open,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exec {
    pub stdout: String,
    pub stderr: String,
    /// An archive of these files instead of `stdout`.
    pub tar: Option<BTreeMap<String, String>>,
    pub code: i32,
    /// Standard input is read to its end first, and kept under the exchange's name.
    pub stdin: bool,
    /// Breaks after so many bytes of output, without a status.
    pub drop_after: Option<usize>,
    /// Runs until the client goes.
    pub open: bool,
}

#[derive(Default)]
pub struct Seen {
    /// By the exchange's name: the body of its request.
    pub bodies: BTreeMap<String, Value>,
    pub stdin: BTreeMap<String, Vec<u8>>,
    left: Vec<Exchange>,
    /// What came and was in no exchange.
    strange: Vec<String>,
}

#[derive(Clone)]
pub struct Replay {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    had: watch::Sender<usize>,
}

impl Replay {
    /// `run` is what the recorded run is called here.
    pub async fn of(name: &str, run: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/conversations")
            .join(name);
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = text.replace("RUN", run);
        let left = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let replay = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::new(Mutex::new(Seen {
                left,
                ..Seen::default()
            })),
            had: watch::channel(0).0,
        };
        let router = Router::new().fallback(serve).with_state(replay.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        replay
    }

    pub fn client(&self) -> Client {
        let url = format!("http://{}", self.address).parse().unwrap();
        Client::try_from(Config::new(url)).unwrap()
    }

    pub fn seen<T>(&self, of: impl FnOnce(&mut Seen) -> T) -> T {
        of(&mut self.seen.lock().unwrap())
    }

    /// Until an exchange was had.
    pub async fn after(&self, id: &str) {
        let mut had = self.had.subscribe();
        let known = had.wait_for(|_| self.seen(|seen| seen.bodies.contains_key(id)));
        timeout(WITHIN, known)
            .await
            .unwrap_or_else(|_| panic!("`{id}` was never asked for"))
            .unwrap();
    }

    /// Everything was asked for, and nothing else.
    pub fn assert_told(&self) {
        self.seen(|seen| {
            assert!(
                seen.strange.is_empty(),
                "not in the conversation: {:#?}",
                seen.strange
            );
            let left: Vec<_> = seen
                .left
                .iter()
                .filter(|exchange| !exchange.always)
                .collect();
            assert!(left.is_empty(), "never asked for: {left:#?}");
        });
    }

    fn take(&self, method: &str, path: &str, query: &str, body: &Value) -> Option<Exchange> {
        self.seen(|seen| {
            let fits = |of: &Exchange| {
                of.method == method
                    && is_path(&of.path, path)
                    && of.query.iter().all(|piece| query.contains(piece.as_str()))
                    && has(body, &of.body)
            };
            // What comes once comes before what comes always.
            let at = seen
                .left
                .iter()
                .position(|of| !of.always && fits(of))
                .or_else(|| seen.left.iter().position(fits));
            let Some(at) = at else {
                seen.strange.push(format!("{method} {path}?{query} {body}"));
                return None;
            };
            let always = seen.left[at].always;
            Some(if always {
                seen.left[at].clone()
            } else {
                seen.left.remove(at)
            })
        })
    }

    fn tell(&self, exchange: &Exchange, body: Value) {
        if let Some(id) = &exchange.id {
            self.seen(|seen| seen.bodies.insert(id.clone(), body));
        }
        self.had.send_modify(|count| *count += 1);
    }

    /// Puts what requests had where a text says `${exchange:/json/pointer}`.
    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(values) => values.iter().map(|value| self.fill(value)).collect(),
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), self.fill(value)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }

    fn fill_text(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once("${") else {
            return text.to_owned();
        };
        let (name, after) = rest.split_once('}').unwrap();
        let (id, pointer) = name.split_once(':').unwrap();
        let found = self.seen(|seen| {
            let value = seen.bodies.get(id)?.pointer(pointer)?;
            Some(value.as_str().unwrap_or_default().to_owned())
        });
        let found = found.unwrap_or_else(|| panic!("nothing is known of {name}"));
        format!("{before}{found}{}", self.fill_text(after))
    }
}

/// One that ends by a star is the beginning of others.
fn is_path(of: &str, path: &str) -> bool {
    match of.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => of == path,
    }
}

/// All of `wanted` is in `body`.
fn has(body: &Value, wanted: &Value) -> bool {
    match (body, wanted) {
        (_, Value::Null) => true,
        (Value::Object(body), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| has(body.get(name).unwrap_or(&json!(null)), wanted)),
        (body, wanted) => body == wanted,
    }
}

async fn serve(State(replay): State<Replay>, request: axum::extract::Request) -> Response {
    answer::answer(&replay, request).await
}
