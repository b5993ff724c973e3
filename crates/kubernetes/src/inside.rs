//! Commands inside of a pod's containers, by the API server's `exec`.

use crate::api::{host, refused};
use iog_engine::EngineError;
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{
    api::{AttachParams, AttachedProcess},
    Api,
};
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

/// Of what goes through at once: the client's own is 1 KiB.
const BUFFER: usize = 256 << 10;
/// Of what a command says, for the log.
const SHOWN: u64 = 4 << 10;

/// Whose container.
#[derive(Clone)]
pub struct Place {
    pub pods: Api<Pod>,
    pub pod: String,
    pub container: &'static str,
}

/// What it said, and its exit code.
pub struct Said {
    pub stdout: Vec<u8>,
    pub stderr: String,
    pub code: i32,
}

impl Place {
    pub async fn open(
        &self,
        command: &[String],
        stdin: bool,
        tty: bool,
    ) -> Result<AttachedProcess, EngineError> {
        let params = AttachParams::default()
            .container(self.container)
            .stdin(stdin)
            .stdout(true)
            // A terminal has one stream for both.
            .stderr(!tty)
            .tty(tty)
            .max_stdin_buf_size(BUFFER)
            .max_stdout_buf_size(BUFFER)
            .max_stderr_buf_size(BUFFER);
        let opened = self.pods.exec(&self.pod, command, &params).await;
        opened.map_err(|error| match crate::api::code(&error) {
            Some(404) => EngineError::NotRunning,
            _ => refused(&error),
        })
    }

    /// Runs one to its end and takes what it says, so many bytes at most.
    pub async fn run(
        &self,
        command: &[String],
        most: u64,
        within: Duration,
    ) -> Result<Said, EngineError> {
        let whole = async {
            let mut process = self.open(command, false, false).await?;
            let status = process.take_status();
            let (out, err) = (process.stdout(), process.stderr());
            let (stdout, stderr) = tokio::join!(read(out, most), read(err, SHOWN));
            let status = match status {
                Some(status) => status.await,
                None => None,
            };
            let code = code_of(status.as_ref()).ok_or_else(broken)?;
            Ok(Said {
                stdout,
                stderr: String::from_utf8_lossy(&stderr).into_owned(),
                code,
            })
        };
        let late = || host("engine", "a command in the pod did not end in time");
        timeout(within, whole).await.unwrap_or_else(|_| Err(late()))
    }
}

pub fn broken() -> EngineError {
    host("engine", "the connection into the pod broke")
}

/// All that comes: who does not read holds up the other stream. Kept is the beginning.
pub async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(most).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    bytes
}

/// None where the server did not say: the connection broke, or the command could not be run at all.
pub fn code_of(status: Option<&Status>) -> Option<i32> {
    let status = status?;
    if status.status.as_deref() == Some("Success") {
        return Some(0);
    }
    let causes = status.details.as_ref()?.causes.as_ref()?;
    let cause = causes
        .iter()
        .find(|cause| cause.reason.as_deref() == Some("ExitCode"))?;
    cause.message.as_deref()?.parse().ok()
}

pub fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(String::from).to_vec()
}
