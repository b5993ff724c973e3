//! /livez, /readyz and /metrics.

use crate::{
    error::{KeeperError, Result},
    vitals::Vitals,
};
use axum::{extract::State, http::StatusCode, routing::get, Router};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

/// Binds the address and serves until the process ends or the handle is aborted. Must be called within a Tokio runtime.
pub async fn serve(address: SocketAddr, vitals: Arc<Vitals>) -> Result<JoinHandle<()>> {
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "health and metrics are served beyond this machine, without authentication");
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| KeeperError::Listen { address, source })?;
    let app = router(vitals);
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "health and metrics are no longer served");
        }
    }))
}

fn router(vitals: Arc<Vitals>) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(vitals)
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
