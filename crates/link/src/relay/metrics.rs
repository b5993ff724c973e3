//! Metrics in Prometheus' text form, on loopback.

use super::{access::Counts, request, RelayError};
use std::{fmt::Write, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, time::timeout};

/// How long a reader may take.
const READER: Duration = Duration::from_secs(5);

pub(crate) fn text(counts: &Counts) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, lines: Vec<(String, u64)>| {
        let _ = writeln!(
            text,
            "# HELP iog_relay_{name} {help}\n# TYPE iog_relay_{name} {kind}"
        );
        for (labels, value) in lines {
            let _ = writeln!(text, "iog_relay_{name}{labels} {value}");
        }
    };
    let one = |value| vec![(String::new(), value)];
    metric("clients", "gauge", "Connections.", one(counts.clients));
    let received = one(counts.received_bytes);
    metric(
        "received_bytes_total",
        "counter",
        "Bytes that clients sent.",
        received,
    );
    let sent = one(counts.sent_bytes);
    metric(
        "sent_bytes_total",
        "counter",
        "Bytes sent to clients.",
        sent,
    );
    let denied = counts.denied.iter();
    let denied = denied.map(|(reason, count)| (format!("{{reason=\"{reason}\"}}"), *count));
    metric(
        "denied_total",
        "counter",
        "Connections denied.",
        denied.collect(),
    );
    text
}

pub(crate) async fn bind(addr: SocketAddr) -> Result<TcpListener, RelayError> {
    TcpListener::bind(addr)
        .await
        .map_err(|error| RelayError::Bind {
            addr,
            error: error.to_string(),
        })
}

/// Serves them one reader after the other.
pub(crate) async fn serve(listener: TcpListener, counts: impl Fn() -> Counts) {
    loop {
        let Ok((mut tcp, _)) = listener.accept().await else {
            tokio::time::sleep(READER).await;
            continue;
        };
        let _ = timeout(READER, async {
            let parts = request::read(&mut tcp).await?;
            match parts.uri.path() {
                "/metrics" => request::respond(&mut tcp, "200 OK", &text(&counts())).await,
                _ => request::answer(&mut tcp, &parts).await,
            }
        })
        .await;
    }
}
