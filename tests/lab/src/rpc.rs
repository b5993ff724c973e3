//! An RPC endpoint that can be had in every bad mood: it stands before a good one and bends what passes.

mod bend;

use crate::Namespace;
use anyhow::{anyhow, Result};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
    Router,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Instant,
};
use tokio::sync::oneshot;

use bend::{broken, lie, raise};

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429, with so many seconds of `Retry-After`.
    TooMany(u32),
    /// The connection is closed without an answer.
    Drop,
    /// The request is passed on twice, and the second answer returned.
    Twice,
    /// An error of this code and text.
    Error(i64, String),
    /// The answer of the first request of its kind, for ever: the endpoint has fallen behind.
    Stale,
    /// Slots and heights are so much higher than they are.
    Ahead(u64),
    /// In accounts' data these bytes (hexadecimal) stand where those are.
    Lie { of: String, instead: String },
}

struct Shared {
    upstream: String,
    client: reqwest::Client,
    faults: Mutex<BTreeMap<String, Fault>>,
    asked: Mutex<BTreeMap<String, u64>>,
    /// When each was asked for, for the methods that are timed.
    timed: Mutex<BTreeMap<String, Vec<Instant>>>,
    kept: Mutex<BTreeMap<String, Value>>,
}

/// The endpoint. Requests of a method without a fault pass as they are.
pub struct RpcProxy {
    shared: Arc<Shared>,
    url: String,
    stop: Option<oneshot::Sender<()>>,
}

impl RpcProxy {
    /// Listens at `address` in a namespace, before an endpoint of the same namespace.
    pub fn start(
        namespace: &Namespace,
        address: Ipv4Addr,
        port: u16,
        upstream: &str,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            upstream: upstream.into(),
            client: reqwest::Client::new(),
            faults: Mutex::default(),
            asked: Mutex::default(),
            timed: Mutex::default(),
            kept: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, is_bound) = std::sync::mpsc::channel();
        let serving = shared.clone();
        namespace.thread(move || {
            // One thread: what it opens, and what opens for it, stays in the namespace.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let listener = TcpListener::bind(SocketAddr::from((address, port)));
            let listener = listener.and_then(|listener| {
                listener.set_nonblocking(true)?;
                let at = listener.local_addr()?;
                Ok((listener, at))
            });
            match listener {
                Ok((listener, at)) => {
                    let _ = bound.send(Ok(at));
                    runtime.block_on(async move {
                        let listener = tokio::net::TcpListener::from_std(listener)?;
                        let app = Router::new().route("/", post(pass)).with_state(serving);
                        let stopped = async {
                            let _ = stopped.await;
                        };
                        tokio::select! {
                            served = axum::serve(listener, app) => served,
                            () = stopped => Ok(()),
                        }
                    })?;
                }
                Err(error) => {
                    let _ = bound.send(Err(anyhow!("{address}:{port}: {error}")));
                }
            }
            Ok(())
        })?;
        let at = is_bound.recv()??;
        Ok(Self {
            shared,
            url: format!("http://{at}"),
            stop: Some(stop),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on, for a method such as `sendTransaction`; `*` for all that have none of their own.
    pub fn fault(&self, method: &str, fault: Option<Fault>) {
        let mut faults = lock(&self.shared.faults);
        match fault {
            Some(fault) => faults.insert(method.into(), fault),
            None => faults.remove(method),
        };
        lock(&self.shared.kept).clear();
    }

    /// From now on notes when a method is asked for.
    pub fn time(&self, method: &str) {
        lock(&self.shared.timed).insert(method.into(), Vec::new());
    }

    /// When it was asked for since then.
    pub fn times(&self, method: &str) -> Vec<Instant> {
        lock(&self.shared.timed)
            .get(method)
            .cloned()
            .unwrap_or_default()
    }

    /// How often a method was asked for.
    pub fn asked(&self, method: &str) -> u64 {
        lock(&self.shared.asked).get(method).copied().unwrap_or(0)
    }
}

impl Drop for RpcProxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn pass(State(shared): State<Arc<Shared>>, _: HeaderMap, body: Bytes) -> Response {
    let method = serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|request| Some(request.get("method")?.as_str()?.to_string()))
        .unwrap_or_default();
    *lock(&shared.asked).entry(method.clone()).or_default() += 1;
    if let Some(times) = lock(&shared.timed).get_mut(&method) {
        times.push(Instant::now());
    }
    let fault = {
        let faults = lock(&shared.faults);
        faults.get(&method).or_else(|| faults.get("*")).cloned()
    };
    match fault {
        Some(Fault::TooMany(after)) => {
            let header = [("retry-after", after.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, header, "slow down").into_response()
        }
        Some(Fault::Drop) => broken(),
        Some(Fault::Error(code, message)) => {
            let id = serde_json::from_slice::<Value>(&body)
                .ok()
                .and_then(|request| request.get("id").cloned());
            let error = serde_json::json!({
                "jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message},
            });
            ([("content-type", "application/json")], error.to_string()).into_response()
        }
        fault => match bent(&shared, &method, &body, fault).await {
            Ok(value) => ([("content-type", "application/json")], value).into_response(),
            Err(_) => broken(),
        },
    }
}

async fn bent(shared: &Shared, method: &str, body: &Bytes, fault: Option<Fault>) -> Result<String> {
    if fault == Some(Fault::Stale) {
        let kept = lock(&shared.kept).get(method).cloned();
        if let Some(mut kept) = kept {
            let request: Value = serde_json::from_slice(body)?;
            kept["id"] = request["id"].clone();
            return Ok(kept.to_string());
        }
    }
    if fault == Some(Fault::Twice) {
        ask(shared, body).await?;
    }
    let mut text = ask(shared, body).await?;
    match fault {
        Some(Fault::Stale) => {
            lock(&shared.kept).insert(method.into(), serde_json::from_str(&text)?);
        }
        Some(Fault::Ahead(by)) => {
            let mut value = serde_json::from_str(&text)?;
            raise(&mut value, by);
            text = value.to_string();
        }
        Some(Fault::Lie { of, instead }) => {
            let mut value = serde_json::from_str(&text)?;
            lie(&mut value, &hex::decode(of)?, &hex::decode(instead)?);
            text = value.to_string();
        }
        _ => {}
    }
    Ok(text)
}

async fn ask(shared: &Shared, body: &Bytes) -> Result<String> {
    let request = shared
        .client
        .post(&shared.upstream)
        .header("content-type", "application/json")
        .body(body.clone());
    Ok(request.send().await?.text().await?)
}
