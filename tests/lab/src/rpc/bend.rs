//! How answers are bent.

use axum::{body::Bytes, response::Response};
use serde_json::Value;

/// Makes slots and heights so much higher.
pub(super) fn raise(value: &mut Value, by: u64) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_height = matches!(
                    name.as_str(),
                    "slot" | "absoluteSlot" | "blockHeight" | "lastValidBlockHeight"
                );
                match field.as_u64().filter(|_| is_height) {
                    Some(height) => *field = (height + by).into(),
                    None => raise(field, by),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| raise(item, by)),
        _ => {}
    }
}

/// Replaces bytes in everything that is base64.
pub(super) fn lie(value: &mut Value, of: &[u8], instead: &[u8]) {
    use base64::{engine::general_purpose::STANDARD, Engine};
    match value {
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| lie(field, of, instead)),
        Value::Array(items) => items.iter_mut().for_each(|item| lie(item, of, instead)),
        Value::String(text) => {
            let Ok(mut bytes) = STANDARD.decode(text.as_bytes()) else {
                return;
            };
            let places: Vec<usize> = bytes
                .windows(of.len().max(1))
                .enumerate()
                .filter_map(|(at, window)| (window == of).then_some(at))
                .collect();
            for at in &places {
                let end = at + instead.len().min(bytes.len() - at);
                bytes[*at..end].copy_from_slice(&instead[..end - at]);
            }
            if !places.is_empty() {
                *text = STANDARD.encode(bytes);
            }
        }
        _ => {}
    }
}

/// No answer: the body breaks off before it begins.
pub(super) fn broken() -> Response {
    let body = axum::body::Body::from_stream(BrokenStream);
    Response::new(body)
}

struct BrokenStream;

impl futures_util::Stream for BrokenStream {
    type Item = std::io::Result<Bytes>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        std::task::Poll::Ready(Some(Err(error)))
    }
}
