//! Docker starts what it makes in one step. So what it starts is our own helper, which waits inside until the job's network is made and its
//! devices are compared, and only then becomes the job. redteam E1
//!
//! The helper comes with the host's loader and libraries: an image may have none. Environment and command of the job come in a file, and
//! the loader's file of libraries to load first is emptied: nothing of the renter's runs before it is let go.

use crate::{
    error::EngineError,
    files::{private_dir, read_json},
    supervise::First,
};
use rustix::fs::{mkfifoat, Mode, OFlags, CWD};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::{
        fs::{OpenOptionsExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Inside.
const AT: &str = "/run/iog/gate";
const OPEN: &str = "open";
const JOB: &str = "job.json";
const EMPTY: &str = "empty";
const HELPER: &str = "helper";
const PRELOAD: &str = "/etc/ld.so.preload";
const WAITS_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// What the helper becomes.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    command: Vec<String>,
    env: BTreeMap<String, String>,
}

/// What a container is given, so that the helper can wait in it.
pub struct Gate {
    pub command: Vec<String>,
    /// Files of the host and where they are inside.
    pub binds: Vec<(PathBuf, String)>,
}

/// Writes what the helper is told, anew, into a folder of the run.
///
/// # Errors
/// Files; a helper that root alone may read.
pub fn make(
    dir: &Path,
    helper: &[OsString],
    command: &[String],
    env: BTreeMap<String, String>,
) -> Result<Gate, EngineError> {
    private_dir(dir)?;
    let text = serde_json::to_vec(&Job {
        command: command.to_vec(),
        env,
    })
    .map_err(|error| host(&error.to_string()))?;
    for (name, text) in [(JOB, text.as_slice()), (EMPTY, b"")] {
        let path = dir.join(name);
        std::fs::write(&path, text)
            .and_then(|()| std::fs::set_permissions(&path, Permissions::from_mode(0o444)))
            .map_err(EngineError::file(&path))?;
    }
    let open = dir.join(OPEN);
    std::fs::remove_file(&open).ok();
    mkfifoat(CWD, &open, Mode::from_raw_mode(0o444))
        .map_err(|error| EngineError::file(&open)(error.into()))?;
    std::fs::set_permissions(&open, Permissions::from_mode(0o444))
        .map_err(EngineError::file(&open))?;
    let (program, leading) = helper
        .split_first()
        .ok_or_else(|| host("no helper is set"))?;
    let mut binds: Vec<_> = [OPEN, JOB]
        .map(|name| (dir.join(name), format!("{AT}/{name}")))
        .to_vec();
    binds.push((dir.join(EMPTY), PRELOAD.to_owned()));
    let program = readable(Path::new(program))?;
    let mut words = Vec::new();
    let loaded = loaded(&program)?;
    for (name, path) in &loaded {
        binds.push((readable(path)?, format!("{AT}/{name}")));
    }
    // The loader is the one of them that is named by its path alone.
    if let Some((name, _)) = loaded.iter().find(|(name, _)| name.starts_with("ld-")) {
        words = [
            &format!("{AT}/{name}"),
            "--inhibit-cache",
            "--library-path",
            AT,
        ]
        .map(str::to_owned)
        .to_vec();
    }
    binds.push((program, format!("{AT}/{HELPER}")));
    words.push(format!("{AT}/{HELPER}"));
    words.extend(leading.iter().map(|word| word.to_string_lossy().into()));
    words.push("container-gate".to_owned());
    Ok(Gate {
        command: words,
        binds,
    })
}

/// Name and file of the libraries of a program of ours, and of its loader; none of one that is static.
fn loaded(program: &Path) -> Result<Vec<(String, PathBuf)>, EngineError> {
    let output = Command::new(program)
        .env_clear()
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(EngineError::file(program))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let files = text.lines().filter_map(|line| {
        let line = line.rsplit_once(" (0x")?.0.trim();
        let (name, path) = line.split_once(" => ").unwrap_or((line, line));
        let name = Path::new(name).file_name()?.to_str()?;
        path.starts_with('/')
            .then(|| (name.to_owned(), PathBuf::from(path)))
    });
    Ok(files.collect())
}

/// The job's user reads it, inside.
fn readable(path: &Path) -> Result<PathBuf, EngineError> {
    let path = path.canonicalize().map_err(EngineError::file(path))?;
    let mode = path.metadata().map_err(EngineError::file(&path))?;
    match mode.permissions().mode() & 0o004 {
        0o004 => Ok(path),
        _ => Err(host(&format!(
            "{} starts jobs in Docker: let everybody read it (chmod 755)",
            path.display()
        ))),
    }
}

/// Lets the job go.
///
/// # Errors
/// The helper does not wait inside.
pub fn let_go(dir: &Path, first: &First) -> Result<(), EngineError> {
    let end = Instant::now() + WAITS_WITHIN;
    while !try_let_go(dir)? {
        if First::of(first.pid) != Some(*first) || Instant::now() > end {
            return Err(host("what waits for the job inside has ended"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// False where nobody waits.
pub fn try_let_go(dir: &Path) -> Result<bool, EngineError> {
    let path = dir.join(OPEN);
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let open = OpenOptions::new()
        .write(true)
        .custom_flags(nonblocking)
        .open(&path);
    match open.and_then(|mut fifo| fifo.write_all(b"1")) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            // No reader yet, or no more.
            Some(6 | 32) => Ok(false),
            _ => Err(EngineError::file(path)(error)),
        },
    }
}

/// The helper's verb `container-gate`, inside. Returns the job's code where there is no such command.
///
/// # Errors
/// It is not told what to become.
pub fn gate_main() -> Result<i32, EngineError> {
    let at = Path::new(AT);
    loop {
        let mut word = [0];
        let mut open = File::open(at.join(OPEN)).map_err(EngineError::file(at))?;
        match open.read(&mut word) {
            Ok(1) => break,
            // Who wanted to let it go has ended before it did.
            Ok(_) => continue,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(EngineError::file(at)(error)),
        }
    }
    let job: Option<Job> = read_json(&at.join(JOB))?;
    let job = job.ok_or_else(|| host("there is no job"))?;
    let (program, args) = job
        .command
        .split_first()
        .ok_or_else(|| host("there is no command"))?;
    let error = Command::new(program)
        .args(args)
        .env_clear()
        .envs(&job.env)
        .exec();
    let code = match error.kind() {
        io::ErrorKind::NotFound => 127,
        _ => 126,
    };
    eprintln!("iog: the command cannot be run ({code})");
    Ok(code)
}

fn host(detail: &str) -> EngineError {
    EngineError::host("engine", detail)
}
