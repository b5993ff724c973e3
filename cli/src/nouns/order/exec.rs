//! `order exec`: a command beside the job.

use super::which::{say, One};
use crate::{
    agent::client::{cut, AgentStream},
    context::Context,
    error::{CliError, Result},
};
use clap::Args;
use iog_job::{
    frame,
    wire::{ExecFrame, Terminal, Verb},
};
use rustix::termios::{self, OptionalActions, Termios};
use std::io::{self, IsTerminal, Write};
use tokio::{
    io::AsyncReadExt,
    signal::unix::{signal, SignalKind},
    sync::mpsc,
};

const MAX_PIECE: usize = 1 << 20;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// With a terminal
    #[arg(short, long)]
    tty: bool,
    /// The command and its arguments, after --; a shell where there is none
    #[arg(last = true)]
    command: Vec<String>,
}

/// Ends with the command's own exit code.
pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let client = terms.one.client()?;
    let lease = terms.one.ready(context, &client, false).await?;
    if terms.tty && !io::stdin().is_terminal() {
        return Err(CliError::usage(
            "standard input is no terminal: leave -t out",
        ));
    }
    let verb = Verb::Exec {
        command: terms.command,
        terminal: if terms.tty { size() } else { None },
        term: terms
            .tty
            .then(|| std::env::var("TERM").unwrap_or_else(|_| "xterm".into())),
    };
    let stream = client.stream(&lease.binding.lease, verb).await?;
    say(context, &stream.line);
    let raw = terms.tty.then(Raw::set).flatten();
    let code = talk(stream, terms.tty).await;
    drop(raw);
    // Standard input may be waited for by a thread that nothing can end.
    let code = match code {
        Ok(code) => u8::try_from(code).unwrap_or(1),
        Err(error) => {
            context.note(&format!("iog: {}", error.line()));
            error.exit_code()
        }
    };
    std::process::exit(code.into())
}

async fn talk(stream: AgentStream, tty: bool) -> Result<i32> {
    let AgentStream {
        mut from, mut to, ..
    } = stream;
    let (input, mut inputs) = mpsc::channel::<ExecFrame>(16);
    if tty {
        tokio::spawn(resizes(input.clone()));
    }
    tokio::spawn(typed(input));
    let send = async {
        while let Some(frame) = inputs.recv().await {
            // Who takes no more of it has yet to say how it ended.
            if to.frame(&frame.encode()).await.is_err() {
                break;
            }
        }
        std::future::pending::<io::Result<i32>>().await
    };
    let receive = async {
        loop {
            let bytes = frame::read_bytes(&mut from, MAX_PIECE).await?;
            match bytes.as_deref().map(ExecFrame::decode) {
                Some(Some(ExecFrame::Stdout(bytes))) => show(&mut io::stdout().lock(), &bytes),
                Some(Some(ExecFrame::Stderr(bytes))) => show(&mut io::stderr().lock(), &bytes),
                Some(Some(ExecFrame::Exit(code))) => return Ok(code),
                Some(Some(_)) => {}
                Some(None) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "no piece of a command's output",
                    ))
                }
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    };
    tokio::select! {
        code = receive => code,
        code = send => code,
    }
    .map_err(|error| match cut(error) {
        CliError::Other { text, code: 5 } => CliError::Other {
            text: format!("{text}; whether the command runs on is not known"),
            code: 5,
        },
        other => other,
    })
}

/// A reader that had enough is no error.
fn show(to: &mut impl Write, bytes: &[u8]) {
    let _ = to.write_all(bytes).and_then(|()| to.flush());
}

async fn typed(to: mpsc::Sender<ExecFrame>) {
    let mut stdin = tokio::io::stdin();
    let mut buffer = vec![0; 32 << 10];
    loop {
        let read = stdin.read(&mut buffer).await.unwrap_or(0);
        let bytes = buffer.get(..read).unwrap_or_default().to_vec();
        if to.send(ExecFrame::Stdin(bytes)).await.is_err() || read == 0 {
            return;
        }
    }
}

async fn resizes(to: mpsc::Sender<ExecFrame>) {
    let Ok(mut changed) = signal(SignalKind::window_change()) else {
        return;
    };
    while changed.recv().await.is_some() {
        if let Some(size) = size() {
            let _ = to.send(ExecFrame::Resize(size)).await;
        }
    }
}

fn size() -> Option<Terminal> {
    let size = termios::tcgetwinsize(io::stdin()).ok()?;
    Some(Terminal {
        rows: size.ws_row,
        cols: size.ws_col,
    })
}

/// The terminal passes every key on until this is dropped.
struct Raw(Termios);

impl Raw {
    fn set() -> Option<Self> {
        let before = termios::tcgetattr(io::stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        termios::tcsetattr(io::stdin(), OptionalActions::Now, &raw).ok()?;
        Some(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
