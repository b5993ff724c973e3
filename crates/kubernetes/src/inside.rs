//! Commands inside of a pod's containers, by the API server's `exec`.

use crate::api::{host, refused};
use futures_util::FutureExt;
use iog_engine::EngineError;
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{
    api::{AttachParams, AttachedProcess},
    Api,
};
use std::time::Duration;
use tokio::{
    io::{duplex, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    sync::watch,
    time::timeout,
};

/// Of what goes through at once: the client's own is 1 KiB.
const BUFFER: usize = 256 << 10;
/// Of what a command says, for the log.
const SHOWN: u64 = 4 << 10;
const PIECE: usize = 64 << 10;

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

/// A command that runs inside. Dropped, it is let go of.
///
/// Its streams end when the connection does: the client's own do not where it breaks.
pub struct Process {
    pub stdin: Option<DuplexStream>,
    pub stdout: DuplexStream,
    pub stderr: DuplexStream,
    pub attached: AttachedProcess,
    ended: Ended,
}

/// None while it runs; then what the server said of its end, if it said anything.
type Ended = watch::Receiver<Option<Option<Status>>>;

impl Process {
    fn new(mut attached: AttachedProcess) -> Self {
        let (tell, ended) = watch::channel(None);
        let status = attached.take_status();
        tokio::spawn(async move {
            let status = match status {
                Some(status) => status.await,
                None => None,
            };
            tell.send_replace(Some(status));
        });
        let stdin = attached.stdin().map(|stdin| {
            let (near, far) = duplex(BUFFER);
            tokio::spawn(into(far, stdin, ended.clone()));
            near
        });
        Self {
            stdin,
            stdout: out_of(attached.stdout(), &ended),
            stderr: out_of(attached.stderr(), &ended),
            attached,
            ended,
        }
    }

    /// Once it is over: none where the connection broke.
    pub async fn status(&mut self) -> Option<Status> {
        let ended = self.ended.wait_for(Option::is_some).await.ok()?;
        ended.clone().flatten()
    }
}

async fn is_over(mut ended: Ended) {
    let _ = ended.wait_for(Option::is_some).await;
}

async fn into(mut far: DuplexStream, mut stdin: impl AsyncWrite + Unpin, ended: Ended) {
    let all = async {
        let copied = tokio::io::copy(&mut far, &mut stdin).await;
        // The end of input must be said.
        copied.is_ok() && stdin.shutdown().await.is_ok()
    };
    tokio::select! {
        _ = all => {}
        () = is_over(ended) => {}
    }
}

fn out_of(from: Option<impl AsyncRead + Send + Unpin + 'static>, ended: &Ended) -> DuplexStream {
    let (near, mut far) = duplex(BUFFER);
    let ended = ended.clone();
    tokio::spawn(async move {
        let Some(mut from) = from else { return };
        let mut piece = vec![0; PIECE];
        let mut over = false;
        loop {
            let read = match over {
                // All that came before the end is there already.
                true => from.read(&mut piece).now_or_never(),
                false => tokio::select! {
                    biased;
                    read = from.read(&mut piece) => Some(read),
                    () = is_over(ended.clone()) => {
                        over = true;
                        continue;
                    }
                },
            };
            let Some(Ok(read @ 1..)) = read else { return };
            let piece = piece.get(..read).unwrap_or_default();
            if far.write_all(piece).await.is_err() {
                return;
            }
        }
    });
    near
}

impl Place {
    pub async fn open(
        &self,
        command: &[String],
        stdin: bool,
        tty: bool,
    ) -> Result<Process, EngineError> {
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
        let opened = opened.map_err(|error| match crate::api::code(&error) {
            Some(404) => EngineError::NotRunning,
            _ => refused(&error),
        });
        opened.map(Process::new)
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
            let (stdout, stderr) = tokio::join!(
                read(&mut process.stdout, most),
                read(&mut process.stderr, SHOWN)
            );
            let code = code_of(process.status().await.as_ref()).ok_or_else(broken)?;
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
pub async fn read(mut from: impl AsyncRead + Unpin, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = (&mut from).take(most).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
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
