//! /livez, /readyz, /metrics and /v1/price.

use crate::{
    error::{KeeperError, Result},
    price::Prices,
    vitals::Vitals,
};
use axum::{
    extract::State,
    http::{header, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
    Router,
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

/// Binds the address and serves health, metrics and the signed price until the process ends or the handle is aborted. Must be called
/// within a Tokio runtime.
pub async fn serve(
    address: SocketAddr,
    vitals: Arc<Vitals>,
    prices: Option<Arc<Prices>>,
) -> Result<JoinHandle<()>> {
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "health and metrics are served beyond this machine, without authentication");
    }
    let health = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(vitals);
    listen(address, health.merge(price_router(prices))).await
}

/// The signed price alone, for everybody: whoever needs it carries it to the chain.
pub async fn serve_price(address: SocketAddr, prices: Arc<Prices>) -> Result<JoinHandle<()>> {
    listen(address, price_router(Some(prices))).await
}

async fn listen(address: SocketAddr, app: Router) -> Result<JoinHandle<()>> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| KeeperError::Listen { address, source })?;
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, %address, "nothing is served here any longer");
        }
    }))
}

fn price_router(prices: Option<Arc<Prices>>) -> Router {
    match prices {
        Some(prices) => Router::new()
            .route("/v1/price", get(price))
            .with_state(prices),
        None => Router::new(),
    }
}

/// Any web page may ask: what is signed is meant for the public.
async fn price(State(prices): State<Arc<Prices>>) -> Response {
    let open = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let report = prices.served();
    match report.and_then(|report| serde_json::to_string(&report).ok()) {
        Some(text) => (open, text).into_response(),
        None => {
            let trouble = "no report of the last minute\n";
            (StatusCode::SERVICE_UNAVAILABLE, trouble).into_response()
        }
    }
}

async fn livez(State(vitals): State<Arc<Vitals>>) -> (StatusCode, String) {
    answer(vitals.stuck())
}

async fn readyz(State(vitals): State<Arc<Vitals>>) -> (StatusCode, String) {
    answer(vitals.not_ready())
}

async fn metrics(State(vitals): State<Arc<Vitals>>) -> String {
    vitals.render()
}

fn answer(trouble: Option<String>) -> (StatusCode, String) {
    match trouble {
        None => (StatusCode::OK, "ok\n".into()),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
    }
}
