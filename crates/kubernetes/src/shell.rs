//! Commands beside the job, in its container. A shell of the image starts them and leaves their number, by which they are killed: the API
//! server has no call for that.

use crate::inside::{code_of, words, Place, Process};
use futures_util::{Sink, SinkExt};
use iog_engine::{EngineError, Exec, ExecEvent, ExecInput};
use kube::api::TerminalSize;
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc::{channel, Receiver, Sender},
};

const WAITING: usize = 16;
const PIECE: usize = 32 << 10;
const KILLED_WITHIN: Duration = Duration::from_secs(30);

pub async fn exec(
    place: Place,
    exec: Exec,
) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
    let number = hex::encode(rand::random::<[u8; 8]>());
    let command = command(&exec, &number);
    let mut process = place.open(&command, true, exec.terminal.is_some()).await?;
    let (send, inputs) = channel(WAITING);
    let (tell, events) = channel(WAITING);
    let mut resize = process.attached.terminal_size();
    if let (Some(size), Some(resize)) = (exec.terminal, resize.as_mut()) {
        let _ = resize.try_send(TerminalSize {
            width: size.cols,
            height: size.rows,
        });
    }
    if let Some(stdin) = process.stdin.take() {
        tokio::spawn(feed(stdin, resize, inputs));
    }
    tokio::spawn(async move {
        let ended = tokio::select! {
            () = tell_all(&mut process, &tell) => true,
            () = tell.closed() => false,
        };
        if !ended {
            kill(&place, &number).await;
        }
    });
    Ok((send, events))
}

/// What it is told until the sender is dropped, which is the end of its input.
async fn feed(
    mut stdin: impl AsyncWrite + Unpin,
    mut resize: Option<impl Sink<TerminalSize> + Unpin>,
    mut inputs: Receiver<ExecInput>,
) {
    while let Some(input) = inputs.recv().await {
        let sent = match (input, resize.as_mut()) {
            (ExecInput::Stdin(bytes), _) => stdin.write_all(&bytes).await.is_ok(),
            (ExecInput::Resize(size), Some(resize)) => {
                let size = TerminalSize {
                    width: size.cols,
                    height: size.rows,
                };
                resize.send(size).await.is_ok()
            }
            (ExecInput::Resize(_), None) => true,
            (ExecInput::Eof, _) => stdin.shutdown().await.is_ok(),
        };
        if !sent {
            return;
        }
    }
    let _ = stdin.shutdown().await;
}

async fn tell_all(process: &mut Process, tell: &Sender<ExecEvent>) {
    tokio::join!(
        pump(&mut process.stdout, ExecEvent::Stdout, tell),
        pump(&mut process.stderr, ExecEvent::Stderr, tell),
    );
    let Some(status) = process.status().await else {
        // The connection broke: whoever listens sees the end without a code.
        return;
    };
    let code = match code_of(Some(&status)) {
        Some(code) => code,
        None => {
            let why = status.message.unwrap_or_default();
            let _ = tell
                .send(ExecEvent::Stderr(format!("{why}\n").into_bytes()))
                .await;
            126
        }
    };
    let _ = tell.send(ExecEvent::Exit(code)).await;
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    event: fn(Vec<u8>) -> ExecEvent,
    tell: &Sender<ExecEvent>,
) {
    let mut piece = vec![0; PIECE];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let bytes = piece.get(..read).unwrap_or_default().to_vec();
        if tell.send(event(bytes)).await.is_err() {
            return;
        }
    }
}

/// With all that it started: it leads a session of its own.
async fn kill(place: &Place, number: &str) {
    let script = format!("p=$(cat /tmp/.iog-{number}) && kill -9 -- -$p || kill -9 $p");
    let kill = words(["/bin/sh", "-c", &script]);
    if let Err(error) = place.run(&kill, 1 << 10, KILLED_WITHIN).await {
        tracing::warn!(%error, "a command beside a job may run on until the job ends");
    }
}

fn command(exec: &Exec, number: &str) -> Vec<String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let exports: String = exec
        .env
        .iter()
        .filter(|(name, _)| is_name(name))
        .map(|(name, value)| format!("export {name}='{}'; ", value.replace('\'', r"'\''")))
        .collect();
    let script = format!("echo $$ > /tmp/.iog-{number}; {exports}exec \"$@\"");
    let mut command = words(["/bin/sh", "-c", &script, "iog"]);
    match exec.command.is_empty() {
        true => command.push("/bin/sh".into()),
        false => command.extend(exec.command.iter().cloned()),
    }
    command
}
