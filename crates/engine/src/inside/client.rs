use super::{runsc, Plan, Reply, Target, Task, Way};
use crate::{
    engine::{Exec, ExecEvent, ExecInput},
    error::EngineError,
};
use rustix::{
    io::IoSliceMut,
    net::{recvmsg, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags},
    termios::{tcsetwinsize, Winsize},
};
use std::{
    ffi::OsString,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    process::Stdio,
    sync::Arc,
};
use tokio::{
    io::{unix::AsyncFd, AsyncReadExt, AsyncWriteExt},
    net::{
        unix::pipe::{Receiver as PipeReader, Sender as PipeWriter},
        TcpStream, UnixStream,
    },
    process::{Child, Command},
    sync::mpsc::{channel, Receiver, Sender},
};

const CHUNK: usize = 32 << 10;

/// A connection to a port inside, on its loopback.
///
/// # Errors
/// [`EngineError::NotFound`] where nothing listens; [`EngineError::NotRunning`].
pub async fn connect(helper: &[OsString], way: Way, port: u16) -> Result<TcpStream, EngineError> {
    let target = way.target("a port")?;
    let mut opened = open(helper, target, Task::Connect { port }).await?;
    let stream = std::net::TcpStream::from(opened.fd()?);
    opened.reap();
    stream
        .set_nonblocking(true)
        .and_then(|()| TcpStream::from_std(stream))
        .map_err(broken)
}

/// The bytes of an SFTP connection whose server runs inside.
///
/// # Errors
/// [`EngineError::NotRunning`].
pub async fn sftp(helper: &[OsString], way: Way) -> Result<UnixStream, EngineError> {
    let target = way.target("an SFTP server")?;
    let mut opened = open(helper, target, Task::Sftp).await?;
    let stream = StdStream::from(opened.fd()?);
    opened.reap();
    stream
        .set_nonblocking(true)
        .and_then(|()| UnixStream::from_std(stream))
        .map_err(broken)
}

/// Runs a command inside.
///
/// # Errors
/// [`EngineError::NotRunning`].
pub async fn exec(
    helper: &[OsString],
    way: Way,
    exec: Exec,
) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
    let mut target = match way {
        Way::Join(target) => target,
        Way::Runsc(sandboxed) => return runsc::exec(sandboxed, exec).await,
    };
    target.env.extend(exec.env);
    if exec.terminal.is_some() && !target.env.iter().any(|(name, _)| name == "TERM") {
        target.env.push(("TERM".into(), "xterm".into()));
    }
    let task = Task::Run {
        command: exec.command,
        terminal: exec.terminal,
    };
    let mut opened = open(helper, target, task).await?;
    let (to_command, inputs) = channel(16);
    let (events, from_command) = channel(16);
    if exec.terminal.is_some() {
        let terminal = Arc::new(Terminal::new(opened.fd()?)?);
        tokio::spawn(write_terminal(terminal.clone(), inputs));
        tokio::spawn(async move {
            tokio::select! {
                () = read_terminal(&terminal, &events) => {}
                () = events.closed() => return,
            }
            opened.exit(events).await;
        });
    } else {
        let stdin = PipeWriter::from_owned_fd(opened.fd()?).map_err(broken)?;
        let stdout = PipeReader::from_owned_fd(opened.fd()?).map_err(broken)?;
        let stderr = PipeReader::from_owned_fd(opened.fd()?).map_err(broken)?;
        tokio::spawn(write_pipe(stdin, inputs));
        tokio::spawn(async move {
            let both = async {
                tokio::join!(
                    read_pipe(stdout, &events, ExecEvent::Stdout),
                    read_pipe(stderr, &events, ExecEvent::Stderr)
                )
            };
            tokio::select! {
                _ = both => {}
                () = events.closed() => return,
            }
            opened.exit(events).await;
        });
    }
    Ok((to_command, from_command))
}

/// A helper that is inside, and what it opened there.
struct Opened {
    child: Child,
    control: UnixStream,
    fds: std::vec::IntoIter<OwnedFd>,
}

impl Opened {
    fn fd(&mut self) -> Result<OwnedFd, EngineError> {
        self.fds
            .next()
            .ok_or_else(|| host("the helper sent too few descriptors"))
    }

    /// Waits for the helper, which ends by itself.
    fn reap(mut self) {
        tokio::spawn(async move {
            self.child.wait().await.ok();
        });
    }

    /// The last event. Whoever no longer listens ends the command, by the end of the control socket.
    async fn exit(mut self, events: Sender<ExecEvent>) {
        let mut code = [0; 4];
        let code = tokio::select! {
            read = self.control.read_exact(&mut code) => match read {
                Ok(_) => i32::from_le_bytes(code),
                // The helper was killed with the run.
                Err(_) => 137,
            },
            () = events.closed() => 137,
        };
        drop(self.control);
        self.child.wait().await.ok();
        events.send(ExecEvent::Exit(code)).await.ok();
    }
}

async fn open(helper: &[OsString], target: Target, task: Task) -> Result<Opened, EngineError> {
    let (program, args) = helper
        .split_first()
        .ok_or_else(|| host("no helper is set"))?;
    let (control, theirs) = StdStream::pair().map_err(broken)?;
    let child = Command::new(program)
        .args(args)
        .arg("inside")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(broken)?;
    let plan =
        serde_json::to_vec(&Plan { target, task }).map_err(|error| host(&error.to_string()))?;
    let len = u32::try_from(plan.len()).map_err(|error| host(&error.to_string()))?;
    control.set_nonblocking(true).map_err(broken)?;
    let mut control = UnixStream::from_std(control).map_err(broken)?;
    control
        .write_all(&len.to_le_bytes())
        .await
        .map_err(broken)?;
    control.write_all(&plan).await.map_err(broken)?;
    let (reply, fds) = receive(&control).await?;
    match reply {
        Reply::Done => Ok(Opened {
            child,
            control,
            fds: fds.into_iter(),
        }),
        Reply::NotFound(what) => Err(EngineError::NotFound(what)),
        Reply::Failed(why) if why == EngineError::NotRunning.to_string() => {
            Err(EngineError::NotRunning)
        }
        Reply::Failed(why) => Err(host(&why)),
    }
}

/// The reply, which is one small message, and the descriptors that came with it.
async fn receive(control: &UnixStream) -> Result<(Reply, Vec<OwnedFd>), EngineError> {
    let mut fds = Vec::new();
    let mut bytes = [0; 4_096];
    let len = loop {
        control.readable().await.map_err(broken)?;
        let received = control.try_io(tokio::io::Interest::READABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let received = recvmsg(
                control,
                &mut [IoSliceMut::new(&mut bytes)],
                &mut ancillary,
                RecvFlags::CMSG_CLOEXEC,
            )?;
            for message in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(received) = message {
                    fds.extend(received);
                }
            }
            Ok(received.bytes)
        });
        match received {
            Ok(len) => break len,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(broken(error)),
        }
    };
    // The helper was killed: the run is over.
    let (head, text) = bytes
        .get(..len)
        .and_then(|bytes| bytes.split_first_chunk::<4>())
        .ok_or(EngineError::NotRunning)?;
    let len = usize::try_from(u32::from_le_bytes(*head)).unwrap_or(usize::MAX);
    let text = text
        .get(..len)
        .ok_or_else(|| host("the helper's answer is cut"))?;
    let reply = serde_json::from_slice(text).map_err(|error| host(&error.to_string()))?;
    Ok((reply, fds))
}

pub(super) async fn write_pipe(mut stdin: PipeWriter, mut inputs: Receiver<ExecInput>) {
    while let Some(input) = inputs.recv().await {
        match input {
            ExecInput::Stdin(bytes) => {
                if stdin.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            ExecInput::Eof => return,
            ExecInput::Resize(_) => {}
        }
    }
}

pub(super) async fn read_pipe(
    mut pipe: PipeReader,
    events: &Sender<ExecEvent>,
    event: fn(Vec<u8>) -> ExecEvent,
) {
    let mut bytes = vec![0; CHUNK];
    while let Ok(len) = pipe.read(&mut bytes).await {
        let Some(read) = bytes.get(..len).filter(|read| !read.is_empty()) else {
            return;
        };
        if events.send(event(read.to_vec())).await.is_err() {
            return;
        }
    }
}

/// Our end of a terminal.
struct Terminal(AsyncFd<OwnedFd>);

impl Terminal {
    fn new(fd: OwnedFd) -> Result<Self, EngineError> {
        rustix::io::ioctl_fionbio(&fd, true).map_err(|error| broken(error.into()))?;
        // Deprecated for types that change their descriptor while it is registered, which `OwnedFd` does not.
        #[allow(deprecated)]
        AsyncFd::new(fd).map(Self).map_err(broken)
    }

    async fn read(&self, bytes: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let mut ready = self.0.readable().await?;
            if let Ok(read) = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut *bytes)?)) {
                return read;
            }
        }
    }

    async fn write_all(&self, mut bytes: &[u8]) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.0.writable().await?;
            if let Ok(written) = ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), bytes)?)) {
                bytes = bytes.get(written?..).unwrap_or_default();
            }
        }
        Ok(())
    }
}

async fn write_terminal(terminal: Arc<Terminal>, mut inputs: Receiver<ExecInput>) {
    while let Some(input) = inputs.recv().await {
        match input {
            ExecInput::Stdin(bytes) => {
                if terminal.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            ExecInput::Resize(size) => {
                let size = Winsize {
                    ws_row: size.rows,
                    ws_col: size.cols,
                    ws_xpixel: 0,
                    ws_ypixel: 0,
                };
                tcsetwinsize(terminal.0.get_ref(), size).ok();
            }
            // What the key for the end of input sends.
            ExecInput::Eof => {
                terminal.write_all(&[4]).await.ok();
                return;
            }
        }
    }
}

async fn read_terminal(terminal: &Terminal, events: &Sender<ExecEvent>) {
    let mut bytes = vec![0; CHUNK];
    // EIO: nobody has the other end any more.
    while let Ok(len) = terminal.read(&mut bytes).await {
        let Some(read) = bytes.get(..len).filter(|read| !read.is_empty()) else {
            return;
        };
        if events.send(ExecEvent::Stdout(read.to_vec())).await.is_err() {
            return;
        }
    }
}

fn broken(error: std::io::Error) -> EngineError {
    host(&error.to_string())
}

pub(super) fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "inside",
        detail: detail.to_owned(),
    }
}
