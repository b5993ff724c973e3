//! Channels of an SSH connection.

use crate::jobs::{is_plain, Lease};
use iog_engine::{Engine, Exec, ExecEvent, ExecInput, RunStatus};
use iog_job::{wire::Terminal, RunId};
use russh::{
    server::{Auth, ChannelOpenHandle, Msg, Session, VerifiedPublicKey},
    Channel, ChannelId, ChannelMsg, ChannelOpenFailure, ChannelReadHalf, Pty,
};
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::{mpsc, OwnedSemaphorePermit, Semaphore},
    task::{AbortHandle, JoinSet},
};

/// Channels of one connection at once.
const CHANNELS: usize = 32;
/// Largest command.
const MAX_COMMAND: usize = 64 << 10;

/// What the channels of a connection do. It ends with the connection, whatever it waits for.
#[derive(Clone, Default)]
pub struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    fn spawn(&self, channel: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(channel)
    }

    pub fn end(&self) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
    }
}

pub struct Handler {
    lease: Arc<Lease>,
    /// Opened, and nothing runs on them yet.
    waiting: HashMap<ChannelId, Waiting>,
    running: HashMap<ChannelId, Running>,
    /// A channel has its place for as long as anything is done for it, also after its close.
    places: Arc<Semaphore>,
    tasks: Tasks,
}

struct Running {
    task: AbortHandle,
    /// Of a terminal, whose size may change.
    input: Option<mpsc::Sender<ExecInput>>,
}

struct Waiting {
    channel: Channel<Msg>,
    place: OwnedSemaphorePermit,
    terminal: Option<Terminal>,
    env: Vec<(String, String)>,
}

fn size(rows: u32, cols: u32) -> Terminal {
    let of = |value: u32| u16::try_from(value).unwrap_or(u16::MAX).max(1);
    Terminal {
        rows: of(rows),
        cols: of(cols),
    }
}

impl Handler {
    pub fn new(lease: Arc<Lease>, tasks: Tasks) -> Self {
        Self {
            lease,
            waiting: HashMap::new(),
            running: HashMap::new(),
            places: Arc::new(Semaphore::new(CHANNELS)),
            tasks,
        }
    }

    fn engine(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.lease.ctx.settings.engine)
    }

    async fn run(&self) -> Option<RunId> {
        match self.lease.run().await {
            Some((id, RunStatus::Running)) => Some(id),
            _ => None,
        }
    }

    async fn start(
        &mut self,
        id: ChannelId,
        command: Vec<String>,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let Some(waiting) = self.waiting.remove(&id) else {
            return session.channel_failure(id);
        };
        let exec = Exec {
            command,
            env: waiting.env,
            terminal: waiting.terminal,
        };
        let begun = match self.run().await {
            Some(run) => self.engine().exec(&run, exec).await.ok(),
            None => None,
        };
        let Some((input, events)) = begun else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;
        let terminal = waiting.terminal.is_some().then(|| input.clone());
        let carries = carry(waiting.channel, input, events);
        self.begin(id, waiting.place, terminal, carries);
        Ok(())
    }

    fn begin(
        &mut self,
        id: ChannelId,
        place: OwnedSemaphorePermit,
        input: Option<mpsc::Sender<ExecInput>>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let task = self.tasks.spawn(async move {
            let _place = place;
            work.await;
        });
        self.running.insert(id, Running { task, input });
    }
}

/// Between a channel and a command, to the end of either. The command is killed when its output is dropped.
async fn carry(
    channel: Channel<Msg>,
    input: mpsc::Sender<ExecInput>,
    mut events: mpsc::Receiver<ExecEvent>,
) {
    let (mut from, to) = channel.split();
    let tells = async {
        while let Some(event) = events.recv().await {
            let told = match event {
                ExecEvent::Stdout(bytes) => to.data_bytes(bytes).await,
                ExecEvent::Stderr(bytes) => to.extended_data_bytes(1, bytes).await,
                ExecEvent::Exit(code) => {
                    let _ = to.eof().await;
                    // What a signal or an engine makes of it has no sign here.
                    let _ = to.exit_status(u32::try_from(code).unwrap_or(255)).await;
                    return;
                }
            };
            if told.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = tells => {}
        () = feed(&mut from, input) => {}
    }
    let _ = to.close().await;
}

/// Until the channel is closed.
async fn feed(from: &mut ChannelReadHalf, input: mpsc::Sender<ExecInput>) {
    while let Some(message) = from.wait().await {
        let next = match message {
            ChannelMsg::Data { data } => ExecInput::Stdin(data.to_vec()),
            ChannelMsg::Eof => ExecInput::Eof,
            ChannelMsg::Close => return,
            _ => continue,
        };
        // A command that reads no more goes on.
        let _ = input.send(next).await;
    }
}

impl russh::server::Handler for Handler {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn auth_publickey(
        &mut self,
        _: &str,
        _: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        };
        let waiting = Waiting {
            channel,
            place,
            terminal: None,
            env: Vec::new(),
        };
        self.waiting.insert(waiting.channel.id(), waiting);
        reply.accept().await;
        Ok(())
    }

    async fn channel_close(&mut self, id: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.waiting.remove(&id);
        // Also a task that waits for a command to read.
        if let Some(running) = self.running.remove(&id) {
            running.task.abort();
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    async fn pty_request(
        &mut self,
        id: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(waiting) = self.waiting.get_mut(&id) else {
            return session.channel_failure(id);
        };
        waiting.terminal = Some(size(rows, cols));
        if is_plain(term) {
            waiting.env.push(("TERM".into(), term.into()));
        }
        session.channel_success(id)
    }

    /// Names of languages alone: another variable could change what runs.
    async fn env_request(
        &mut self,
        id: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let known = name == "LANG" || name == "TERM" || name.starts_with("LC_");
        let waiting = self.waiting.get_mut(&id);
        match waiting
            .filter(|waiting| known && is_plain(name) && is_plain(value) && waiting.env.len() < 32)
        {
            Some(waiting) => {
                waiting.env.push((name.into(), value.into()));
                session.channel_success(id)
            }
            None => session.channel_failure(id),
        }
    }

    async fn shell_request(
        &mut self,
        id: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.start(id, Vec::new(), session).await
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let command = String::from_utf8(data.to_vec());
        match command.ok().filter(|command| command.len() <= MAX_COMMAND) {
            Some(command) => {
                let command = vec!["/bin/sh".into(), "-c".into(), command];
                self.start(id, command, session).await
            }
            None => session.channel_failure(id),
        }
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let waiting = self.waiting.remove(&id).filter(|_| name == "sftp");
        let files = match self.run().await {
            Some(run) => self.engine().sftp(&run).await.ok(),
            None => None,
        };
        let (Some(waiting), Some(mut files)) = (waiting, files) else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;
        let handle = session.handle();
        let Waiting { channel, place, .. } = waiting;
        self.begin(id, place, None, async move {
            let mut stream = channel.into_stream();
            let done = tokio::io::copy_bidirectional(&mut stream, &mut files).await;
            // Without it scp fails though every byte arrived.
            let code = if done.is_ok() { 0 } else { 255 };
            let _ = handle.exit_status_request(id, code).await;
        });
        Ok(())
    }

    async fn window_change_request(
        &mut self,
        id: ChannelId,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let running = self.running.get(&id);
        if let Some(input) = running.and_then(|running| running.input.as_ref()) {
            // A size that does not fit in now is followed by another.
            let _ = input.try_send(ExecInput::Resize(size(rows, cols)));
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        };
        let inside = matches!(host, "localhost" | "127.0.0.1" | "::1");
        let port = u16::try_from(port).ok();
        let port = port.filter(|port| inside && self.lease.offers_port(*port));
        let socket = match (port, self.run().await) {
            (Some(port), Some(run)) => self.engine().connect(&run, port).await.ok(),
            (None, _) => {
                reply
                    .reject(ChannelOpenFailure::AdministrativelyProhibited)
                    .await;
                return Ok(());
            }
            _ => None,
        };
        let Some(mut socket) = socket else {
            reply.reject(ChannelOpenFailure::ConnectFailed).await;
            return Ok(());
        };
        let _ = socket.set_nodelay(true);
        reply.accept().await;
        self.begin(channel.id(), place, None, async move {
            let mut stream = channel.into_stream();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut socket).await;
        });
        Ok(())
    }
}
