//! One answer of the replayed server.

use super::{Exchange, Exec, Piece, Replay};
use axum::{
    body::{to_bytes, Body, Bytes},
    extract::{
        ws::{Message, WebSocket, WebSocketUpgrade},
        FromRequestParts, Request,
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{json, Value};
use std::time::Duration;
use tokio::sync::mpsc;

const V5: &str = "v5.channel.k8s.io";

pub async fn answer(replay: &Replay, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let query = decode(parts.uri.query().unwrap_or_default());
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let path = parts.uri.path().to_owned();
    let Some(exchange) = replay.take(parts.method.as_str(), &path, &query, &body) else {
        return (StatusCode::NOT_IMPLEMENTED, "not in the conversation").into_response();
    };
    let reply = &exchange.reply;
    if reply.exec.is_some() || reply.port.is_some() {
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
            .await
            .unwrap();
        let protocols = if reply.exec.is_some() {
            V5
        } else {
            "v4.channel.k8s.io"
        };
        let replay = replay.clone();
        return upgrade
            .protocols([protocols, V5])
            .on_upgrade(move |socket| async move {
                match (&exchange.reply.exec, &exchange.reply.port) {
                    (Some(exec), _) => run(&replay, &exchange, exec, socket).await,
                    (None, port) => forward(port.clone().unwrap_or_default(), socket).await,
                }
            });
    }
    let mut response = Response::builder().status(reply.status.unwrap_or(200));
    response = response.header("content-type", "application/json");
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    replay.tell(&exchange, body.clone());
    let content = match (reply.echo, reply.pieces.is_empty()) {
        (true, _) => Body::from(body.to_string()),
        (false, true) => Body::from(replay.fill(&reply.body).to_string()),
        (false, false) => pieces(replay.clone(), reply.pieces.clone()),
    };
    response.body(content).unwrap()
}

fn decode(query: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = query.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&hex, 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn pieces(replay: Replay, pieces: Vec<Piece>) -> Body {
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    tokio::spawn(async move {
        for piece in pieces {
            let bytes = match piece {
                Piece::After(id) => {
                    replay.after(&id).await;
                    continue;
                }
                Piece::AfterMs(ms) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    continue;
                }
                Piece::Open => {
                    send.closed().await;
                    return;
                }
                Piece::Drop => {
                    let _ = send.send(Err(std::io::Error::other("dropped"))).await;
                    return;
                }
                Piece::Event(event) => format!("{}\n", replay.fill(&event)),
                Piece::Text(text) => text,
            };
            if send.send(Ok(bytes.into())).await.is_err() {
                return;
            }
        }
    });
    let stream = futures_util::stream::unfold(receive, |mut receive| async {
        receive.recv().await.map(|piece| (piece, receive))
    });
    Body::from_stream(stream)
}

fn message(channel: u8, bytes: &[u8]) -> Message {
    let mut framed = vec![channel];
    framed.extend(bytes);
    Message::Binary(framed.into())
}

async fn read_stdin(socket: &mut WebSocket) -> Vec<u8> {
    let mut stdin = Vec::new();
    while let Some(Ok(got)) = socket.recv().await {
        let Message::Binary(bytes) = got else {
            continue;
        };
        match bytes.first() {
            Some(0) => stdin.extend(&bytes[1..]),
            // The stream that ends is named.
            Some(255) => break,
            _ => {}
        }
    }
    stdin
}

/// Until the client goes.
async fn echo(socket: &mut WebSocket) {
    while let Some(Ok(got)) = socket.recv().await {
        match got {
            Message::Binary(bytes) if bytes.first() == Some(&0) => {
                let _ = socket.send(message(1, &bytes[1..])).await;
            }
            _ => {}
        }
    }
}

async fn run(replay: &Replay, exchange: &Exchange, exec: &Exec, mut socket: WebSocket) {
    let stdin = match exec.stdin {
        true => read_stdin(&mut socket).await,
        false => Vec::new(),
    };
    if let Some(id) = exchange.id.clone() {
        replay.seen(|seen| seen.stdin.insert(id, stdin));
    }
    replay.tell(exchange, json!({}));
    let output = match &exec.tar {
        Some(files) => archive(files),
        None => replay.fill_text(&exec.stdout).into_bytes(),
    };
    let cut = exec.drop_after.unwrap_or(output.len()).min(output.len());
    for piece in output[..cut].chunks(4_096) {
        if socket.send(message(1, piece)).await.is_err() {
            return;
        }
    }
    if exec.drop_after.is_some() {
        return;
    }
    if !exec.stderr.is_empty() {
        let _ = socket.send(message(2, exec.stderr.as_bytes())).await;
    }
    if exec.open {
        return echo(&mut socket).await;
    }
    let status = match exec.code {
        0 => json!({"metadata": {}, "status": "Success"}),
        code => json!({
            "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
            "message": format!("command terminated with non-zero exit code: exit status {code}"),
            "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
        }),
    };
    let _ = socket.send(message(3, status.to_string().as_bytes())).await;
    let _ = socket.send(Message::Close(None)).await;
}

fn archive(files: &std::collections::BTreeMap<String, String>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap()
}

/// One port: channel 0 its bytes, 1 its errors; both begin with the port's number.
async fn forward(said: String, mut socket: WebSocket) {
    let port = 8_080_u16.to_le_bytes();
    for channel in [0, 1] {
        let _ = socket.send(message(channel, &port)).await;
    }
    while let Some(Ok(got)) = socket.recv().await {
        if matches!(&got, Message::Binary(bytes) if bytes.len() > 1) {
            let _ = socket.send(message(0, said.as_bytes())).await;
        }
    }
}
