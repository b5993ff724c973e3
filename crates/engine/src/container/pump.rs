//! Carries a container's output into the lease's log, as a process of its own that ends with the container: the container engine writes
//! no log, and the job outlives the process that started it. redteam J10, X1

use super::{api::Api, groups};
use crate::{
    error::EngineError,
    log::{Throttle, Writer},
    supervise::First,
};
use iog_job::wire::LogKind;
use rustix::fs::{flock, FlockOperation};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{self, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const SETTLED_WITHIN: Duration = Duration::from_secs(5);
/// After so long without output the end of a flood is written.
const QUIET: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(2);
const BUFFER: usize = 64 << 10;

#[derive(Debug, Serialize, Deserialize)]
pub struct Pump {
    pub socket: PathBuf,
    /// Of its API, before every path.
    pub version: String,
    pub container: String,
    pub log: PathBuf,
    pub log_bytes: u64,
    pub first: First,
    /// Held by the one pump of the run while it lives.
    pub lock: PathBuf,
    /// Made where the kernel killed the job for want of memory: its group is gone when anybody else looks.
    pub out_of_memory: PathBuf,
}

/// Starts a pump, and returns once it listens; one that is there goes on.
pub fn start(helper: &[OsString], pump: &Pump) -> Result<(), EngineError> {
    let (program, leading) = helper
        .split_first()
        .ok_or_else(|| host("no helper is set"))?;
    let text = serde_json::to_string(pump).map_err(|error| host(&error.to_string()))?;
    let mut child = Command::new(program)
        .args(leading)
        .arg("container-pump")
        .arg(text)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| host(&error.to_string()))?;
    let mut ready = [0];
    let read = child
        .stdout
        .take()
        .map(|mut stdout| stdout.read_exact(&mut ready));
    std::thread::spawn(move || child.wait());
    match read {
        Some(Ok(())) => Ok(()),
        _ => Err(host("nothing listens to the container's output")),
    }
}

/// Waits until the run's pump has written all there was.
pub fn settle(lock: &Path) {
    let end = Instant::now() + SETTLED_WITHIN;
    while Instant::now() < end && matches!(hold(lock), Ok(None)) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The helper's verb `container-pump <json>`.
///
/// # Errors
/// It cannot write the log.
pub fn pump_main(text: &str) -> Result<(), EngineError> {
    let pump: Pump = serde_json::from_str(text).map_err(|error| host(&error.to_string()))?;
    // Out of the starter's session: what ends that one does not end us.
    rustix::process::setsid().ok();
    let Some(_held) = hold(&pump.lock)? else {
        return tell();
    };
    let mut writer = Writer::open(&pump.log, pump.log_bytes)?;
    let (api, path) = (
        Api::new(&pump.socket, &pump.version),
        format!(
            "/containers/{}/attach?stream=true&stdout=true&stderr=true",
            pump.container
        ),
    );
    let memory = groups::memory(&pump.first);
    let (mut told, mut pause) = (false, Duration::from_millis(20));
    loop {
        if let Ok(stream) = api.upgrade(&path) {
            if told {
                writer.write(
                    LogKind::Node,
                    b"iog: the engine's service was restarted, output may be missing here\n",
                );
            }
            pause = Duration::from_millis(20);
            if !told {
                tell()?;
                told = true;
            }
            copy(stream, &mut writer);
        }
        if groups::oom_kills(&memory) > 0 {
            File::create(&pump.out_of_memory).map_err(EngineError::file(&pump.out_of_memory))?;
        }
        writer.flush();
        if !told || First::of(pump.first.pid) != Some(pump.first) {
            return Ok(());
        }
        std::thread::sleep(pause);
        pause = pause.saturating_mul(2).min(LAST_PAUSE);
    }
}

/// The starter waits for this byte; afterwards nobody reads what we write.
fn tell() -> Result<(), EngineError> {
    let mut stdout = io::stdout();
    stdout
        .write_all(b"\n")
        .and_then(|()| stdout.flush())
        .map_err(|error| host(&error.to_string()))
}

/// Frames of kind u8, three zeros, length u32 big-endian.
fn copy(mut stream: BufReader<UnixStream>, writer: &mut Writer) {
    let mut buffer = vec![0; BUFFER];
    let (mut kind, mut left) = (LogKind::Stdout, 0_usize);
    let (mut head, mut have) = ([0_u8; 8], 0_usize);
    let mut throttle = Throttle::default();
    stream.get_ref().set_read_timeout(Some(QUIET)).ok();
    loop {
        let target = match left {
            0 => head.get_mut(have..),
            _ => buffer.get_mut(..left.min(BUFFER)),
        };
        let Some(target) = target else {
            return;
        };
        let read = match stream.read(target) {
            Ok(0) => return,
            Ok(read) => read,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                writer.flush();
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        if left > 0 {
            writer.write(kind, target.get(..read).unwrap_or_default());
            left = left.saturating_sub(read);
            throttle.read(read);
            continue;
        }
        have = have.saturating_add(read);
        if have == head.len() {
            let [number, _, _, _, a, b, c, d] = head;
            kind = if number == 2 {
                LogKind::Stderr
            } else {
                LogKind::Stdout
            };
            left = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0);
            have = 0;
        }
    }
}

fn hold(lock: &Path) -> Result<Option<File>, EngineError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(lock)
        .map_err(EngineError::file(lock))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(EngineError::file(lock)(error.into())),
    }
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "log",
        detail: detail.to_owned(),
    }
}
