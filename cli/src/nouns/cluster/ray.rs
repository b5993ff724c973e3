//! What Ray says of itself, by its head's HTTP: text of the cluster's members, and nothing but text.

use crate::{
    agent::client::Client,
    error::{CliError, Result},
    output::Record,
};
use iog_job::{ray::DASHBOARD_PORT, wire::Verb, Key};
use serde::{de::DeserializeOwned, Deserialize};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

const WITHIN: Duration = Duration::from_secs(5);
/// Of an answer.
const MAX_BYTES: u64 = 8 << 20;
/// Jobs that are shown, the newest ones.
const MAX_JOBS: usize = 50;

#[derive(Deserialize)]
struct Nodes {
    data: NodesData,
}

#[derive(Deserialize)]
struct NodesData {
    summary: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    raylet: Raylet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raylet {
    state: String,
}

#[derive(Deserialize)]
struct Job {
    submission_id: Option<String>,
    status: String,
    start_time: Option<u64>,
}

/// Nodes and jobs, as the head tells them.
pub struct Told {
    pub alive: u32,
    pub dead: u32,
    pub jobs: Vec<Record>,
}

pub async fn ask(agent: &Client, lease: &Key, token: &str) -> Result<Told> {
    let nodes: Nodes = get(agent, lease, "/nodes?view=summary", token).await?;
    let mut jobs: Vec<Job> = get(agent, lease, "/api/jobs/", token).await?;
    jobs.sort_by_key(|job| std::cmp::Reverse(job.start_time));
    let alive = nodes.data.summary.iter();
    let alive = alive.filter(|node| node.raylet.state == "ALIVE").count();
    let dead = nodes.data.summary.len().saturating_sub(alive);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let jobs = jobs.into_iter().take(MAX_JOBS).map(|job| {
        Record::new()
            .put("job", job.submission_id)
            .put("status", job.status)
    });
    Ok(Told {
        alive: number(alive),
        dead: number(dead),
        jobs: jobs.collect(),
    })
}

async fn get<T: DeserializeOwned>(
    agent: &Client,
    lease: &Key,
    path: &str,
    token: &str,
) -> Result<T> {
    let asked = timeout(WITHIN, body(agent, lease, path, token)).await;
    let body = asked.unwrap_or_else(|_| Err(silent(&"it does not answer in time")))?;
    serde_json::from_slice(&body).map_err(|error| silent(&error))
}

fn silent(reason: &dyn std::fmt::Display) -> CliError {
    CliError::Other {
        text: format!("Ray's head: {reason}"),
        code: 4,
    }
}

/// HTTP/1.0: the answer ends with the connection, and has no pieces.
async fn body(agent: &Client, lease: &Key, path: &str, token: &str) -> Result<Vec<u8>> {
    let port = DASHBOARD_PORT;
    let mut stream = agent.stream(lease, Verb::Port { port }).await?;
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    let cut = |error: io::Error| silent(&error);
    stream.to.write_all(request.as_bytes()).await.map_err(cut)?;
    stream.to.flush().await.map_err(cut)?;
    let mut answer = Vec::new();
    let mut from = (&mut stream.from).take(MAX_BYTES);
    from.read_to_end(&mut answer).await.map_err(cut)?;
    read(&answer)
}

fn read(answer: &[u8]) -> Result<Vec<u8>> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (head, body) = end
        .and_then(|end| Some((answer.get(..end)?, answer.get(end.checked_add(4)?..)?)))
        .ok_or_else(|| silent(&"that is no answer of HTTP"))?;
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    match line.split(' ').nth(1) {
        Some("200") => Ok(body.to_vec()),
        Some("401" | "403") => Err(silent(
            &"it does not know this token: the cluster was started anew, see iog cluster status",
        )),
        _ => Err(silent(&line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_body_or_a_refusal() {
        let good = b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n[]";
        assert_eq!(read(good).unwrap(), b"[]");
        let line = |answer: &[u8]| read(answer).unwrap_err().line();
        assert!(line(b"HTTP/1.1 401 Unauthorized\r\n\r\n").contains("token"));
        assert!(line(b"HTTP/1.1 500 Oh\r\n\r\n").contains("500 Oh"));
        assert!(line(b"nonsense").contains("no answer"));
    }
}
