//! `order logs`: what a job writes, as it comes.

use super::{
    text::Escaper,
    which::{may_resume, say, Chosen},
};
use crate::{
    agent::{
        client::{cut, short, Client},
        wire::LeaseView,
    },
    context::Context,
    error::{CliError, Result},
    output::Format,
};
use clap::Args;
use iog_job::{
    frame,
    wire::{LogFrame, LogKind, Verb},
    Key,
};
use serde_json::json;
use std::{
    io::{self, Write},
    time::Duration,
};

/// Largest piece of a log that is read.
const MAX_PIECE: usize = 1 << 20;
/// Pauses between tries on a line that is cut; the last one is kept to.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 15];

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    which: Chosen,
    /// Go on with what is written, until the job is over; waits for the order's start
    #[arg(short, long)]
    follow: bool,
    /// As it was written, control characters included
    #[arg(long)]
    raw: bool,
    /// Byte of the log to begin with
    #[arg(long, value_name = "BYTE", default_value_t = 0)]
    from: u64,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let client = terms.which.one.client()?;
    let leases = terms.which.ready(context, &client, terms.follow).await?;
    let many = terms.which.all;
    if !many || !terms.follow {
        for lease in &leases {
            show(context, &terms, &client, lease, many).await?;
        }
        return Ok(());
    }
    let all = leases
        .iter()
        .map(|lease| show(context, &terms, &client, lease, true));
    futures_util::future::try_join_all(all).await.map(|_| ())
}

/// One lease's log; a line that was cut is taken up where it was.
async fn show(
    context: &Context,
    terms: &Terms,
    client: &Client,
    lease: &LeaseView,
    many: bool,
) -> Result<()> {
    let mut sink = Sink::new(context, terms, &lease.binding.lease, many);
    let mut from = terms.from;
    let mut failures = 0usize;
    loop {
        let before = from;
        let result = read(context, client, lease, terms, &mut from, &mut sink).await;
        match result {
            Ok(()) => return sink.end().map_err(broken),
            Err(error) if terms.follow && may_resume(&error) => {
                failures = if from > before { 0 } else { failures };
                let secs = PAUSES.get(failures).or(PAUSES.last()).copied().unwrap_or(1);
                failures = failures.saturating_add(1);
                context.note(&format!(
                    "{}; again in {secs} s, from byte {from}",
                    error.line()
                ));
                tokio::time::sleep(Duration::from_secs(secs)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn read(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    terms: &Terms,
    from: &mut u64,
    sink: &mut Sink,
) -> Result<()> {
    let verb = Verb::Logs {
        from: *from,
        follow: terms.follow,
    };
    let mut stream = client.stream(&lease.binding.lease, verb).await?;
    say(context, &stream.line);
    while let Some(bytes) = frame::read_bytes(&mut stream.from, MAX_PIECE)
        .await
        .map_err(cut)?
    {
        let piece = LogFrame::decode(&bytes).ok_or_else(|| CliError::Other {
            text: "the device sent something that is no log".into(),
            code: 3,
        })?;
        sink.put(&piece).map_err(broken)?;
        let len = u64::try_from(piece.bytes.len()).unwrap_or(0);
        *from = piece.offset.saturating_add(len).max(*from);
    }
    Ok(())
}

fn broken(error: io::Error) -> CliError {
    match error.kind() {
        // The reader had enough.
        io::ErrorKind::BrokenPipe => std::process::exit(0),
        _ => CliError::Other {
            text: format!("the log cannot be written: {error}"),
            code: 2,
        },
    }
}

/// Where the pieces go: each stream of the job to ours of the same name.
struct Sink {
    lease: String,
    /// Before each line, where several devices are shown.
    prefix: Option<String>,
    raw: bool,
    json: bool,
    /// Output, errors, the node's words.
    streams: [Stream; 3],
}

#[derive(Default)]
struct Stream {
    escaper: Escaper,
    /// A line that is not whole yet, where lines have a prefix.
    line: String,
}

impl Sink {
    fn new(context: &Context, terms: &Terms, lease: &Key, many: bool) -> Self {
        Self {
            lease: lease.to_string(),
            prefix: many.then(|| format!("{} | ", short(lease))),
            raw: terms.raw,
            json: context.out.format() != Format::Table,
            streams: Default::default(),
        }
    }

    fn put(&mut self, piece: &LogFrame) -> io::Result<()> {
        let kind = piece.kind;
        if self.json {
            let text = String::from_utf8_lossy(&piece.bytes);
            let stream = match kind {
                LogKind::Stdout => "stdout",
                LogKind::Stderr => "stderr",
                LogKind::Node => "node",
            };
            let line = json!({"lease": self.lease, "offset": piece.offset, "stream": stream, "text": text});
            return write(LogKind::Stdout, format!("{line}\n").as_bytes());
        }
        let raw = self.raw;
        let [out, err, node] = &mut self.streams;
        let stream = match kind {
            LogKind::Stdout => out,
            LogKind::Stderr => err,
            LogKind::Node => node,
        };
        if raw && kind != LogKind::Node {
            return write(kind, &piece.bytes);
        }
        let text = stream.escaper.feed(&piece.bytes);
        if kind == LogKind::Node {
            return text
                .lines()
                .try_for_each(|line| write(kind, format!("node: {line}\n").as_bytes()));
        }
        let Some(prefix) = &self.prefix else {
            return write(kind, text.as_bytes());
        };
        stream.line.push_str(&text);
        while let Some((line, rest)) = stream.line.split_once('\n') {
            write(kind, format!("{prefix}{line}\n").as_bytes())?;
            stream.line = rest.to_string();
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let [out, err, _] = &mut self.streams;
        for (kind, stream) in [(LogKind::Stdout, out), (LogKind::Stderr, err)] {
            let rest = std::mem::take(&mut stream.line) + &stream.escaper.end();
            if !rest.is_empty() {
                let prefix = self.prefix.as_deref().unwrap_or_default();
                write(kind, format!("{prefix}{rest}\n").as_bytes())?;
            }
        }
        Ok(())
    }
}

fn write(kind: LogKind, bytes: &[u8]) -> io::Result<()> {
    if kind != LogKind::Stdout {
        return io::stderr().lock().write_all(bytes);
    }
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
