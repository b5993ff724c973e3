//! Commands and ports inside.

use super::{admit, refused, running, Served};
use crate::{jobs::lease::Lease, pipe::Pipe};
use iog_engine::{Exec, ExecEvent, ExecInput};
use iog_job::{
    frame::{self, MAX_FRAME},
    wire::{ExecFrame, Refusal, Terminal},
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWriteExt},
    sync::mpsc::Sender,
};

pub async fn run(
    lease: &Arc<Lease>,
    command: &[String],
    terminal: Option<Terminal>,
    term: Option<&str>,
    pipe: &mut Pipe,
) -> Served {
    let id = running(lease).await?;
    let term = term.filter(|term| is_plain(term));
    let exec = Exec {
        command: command.to_vec(),
        env: term
            .map(|term| ("TERM".to_string(), term.to_string()))
            .into_iter()
            .collect(),
        terminal,
    };
    let (input, mut events) = lease.ctx.settings.engine.exec(&id, exec).await?;
    admit(pipe).await?;
    // A command that does not read its input would hide its caller's end behind it.
    let caller = pipe.hang_up()?;
    let (mut from, mut to) = tokio::io::split(pipe);
    let feeds = feed(&mut from, input);
    let tells = async {
        while let Some(event) = events.recv().await {
            let (frame, last) = match event {
                ExecEvent::Stdout(bytes) => (ExecFrame::Stdout(bytes), false),
                ExecEvent::Stderr(bytes) => (ExecFrame::Stderr(bytes), false),
                ExecEvent::Exit(code) => (ExecFrame::Exit(code), true),
            };
            frame::write_bytes(&mut to, &frame.encode()).await?;
            if last {
                return Ok(());
            }
        }
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    // The command is killed when its output is dropped, and so with its caller.
    tokio::select! {
        told = tells => Ok(told?),
        error = feeds => Err(error.into()),
        () = caller.wait() => Err(io::Error::from(io::ErrorKind::ConnectionReset).into()),
    }
}

pub fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+@:".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

/// Passes input on until the caller is gone, and tells how.
async fn feed(from: &mut (impl AsyncRead + Unpin), input: Sender<ExecInput>) -> io::Error {
    let mut input = Some(input);
    loop {
        let bytes = match frame::read_bytes(from, MAX_FRAME).await {
            Ok(Some(bytes)) => bytes,
            // The caller has said all that it has to say.
            Ok(None) => {
                drop(input);
                return std::future::pending().await;
            }
            Err(error) => return error,
        };
        let next = match ExecFrame::decode(&bytes) {
            Some(ExecFrame::Stdin(bytes)) if bytes.is_empty() => ExecInput::Eof,
            Some(ExecFrame::Stdin(bytes)) => ExecInput::Stdin(bytes),
            Some(ExecFrame::Resize(size)) => ExecInput::Resize(size),
            _ => return io::Error::from(io::ErrorKind::InvalidData),
        };
        // A command that reads no more is not fed; the frames are read on so that its caller's end is seen.
        if let Some(to) = &input {
            if to.send(next).await.is_err() {
                input = None;
            }
        }
    }
}

pub async fn port(lease: &Arc<Lease>, port: u16, pipe: &mut Pipe) -> Served {
    let id = running(lease).await?;
    if !lease.offers_port(port) {
        return Err(refused(
            Refusal::NotFound,
            "the job does not name this port",
        ));
    }
    let mut socket = lease.ctx.settings.engine.connect(&id, port).await?;
    socket.set_nodelay(true)?;
    admit(pipe).await?;
    let caller = pipe.hang_up()?;
    tokio::select! {
        copied = tokio::io::copy_bidirectional_with_sizes(pipe, &mut socket, 64 << 10, 64 << 10) => copied?,
        () = caller.wait() => return Err(io::Error::from(io::ErrorKind::ConnectionReset).into()),
    };
    Ok(pipe.flush().await?)
}
