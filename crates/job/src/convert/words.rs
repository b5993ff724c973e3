//! Values that both kinds of files have.

use crate::{
    file::{ImageOf, SecretOf},
    spec::Secret,
};
use serde_yaml::Value;

/// A scalar as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

pub fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_sequence()?.iter().map(text).collect()
}

pub fn secret(name: &str) -> SecretOf {
    SecretOf(Secret {
        name: name.into(),
        env: Some(name.into()),
    })
}

/// An image by its digest; else its full name with its tag.
pub fn image(name: &str) -> Result<ImageOf, String> {
    let full = full_name(name);
    match full.split_once("@sha256:") {
        Some((tagged, digest)) => match digest.parse() {
            // With a digest the tag says nothing.
            Ok(digest) => Ok(ImageOf::Pull {
                reference: bare(tagged),
                digest,
                config: None,
            }),
            Err(_) => Err(full),
        },
        None => Err(full),
    }
}

/// Without the tag.
pub fn bare(name: &str) -> String {
    match name.rsplit_once(':') {
        Some((bare, tag)) if !tag.contains('/') => bare.into(),
        _ => name.into(),
    }
}

/// `redis` is `docker.io/library/redis` to Docker.
fn full_name(name: &str) -> String {
    match name.split_once('/') {
        None => format!("docker.io/library/{name}"),
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => name.into(),
        Some(_) => format!("docker.io/{name}"),
    }
}

/// Splits a line as a shell would without running one; `None` where quotes do not end.
pub fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(letters.next()?),
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}
