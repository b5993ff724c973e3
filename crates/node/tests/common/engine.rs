//! An engine of the tests: a job is a shell process in a folder, which outlives whoever started it and is found by files.

use async_trait::async_trait;
use iog_engine::{netns::Net, *};
use iog_job::{
    wire::{LogFrame, LogKind},
    Platform, RunId,
};
use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::Ipv4Addr,
    os::fd::OwnedFd,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::PathBuf,
    pin::Pin,
    process::Stdio,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    sync::mpsc::{self, Receiver, Sender},
};

pub struct Files(pub PathBuf);

struct Endless(PathBuf);

impl tokio::io::AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Poll::Pending
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        fs::write(&self.0, "").unwrap();
    }
}

impl Files {
    fn lease(&self, id: &RunId) -> PathBuf {
        self.0.join(format!("{}-{}", id.lease, id.matched_ts))
    }

    fn file(&self, id: &RunId, what: &str) -> PathBuf {
        self.lease(id).join(format!("{what}-{}", id.attempt))
    }

    fn pid(&self, id: &RunId) -> Option<i32> {
        let pid: i32 = fs::read_to_string(self.file(id, "pid"))
            .ok()?
            .parse()
            .ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // A child of this process that is over and was not waited for is over.
        (!stat.contains(") Z ")).then_some(pid)
    }
}

impl Files {
    /// Where the file `mesh` lies each run has a network, which needs root.
    pub fn net(&self, id: &RunId) -> Option<Net> {
        let mut hash = DefaultHasher::new();
        (&self.0, id).hash(&mut hash);
        let net = Net::of(&format!("{:016x}", hash.finish()));
        self.0.join("mesh").exists().then_some(net)
    }

    fn end_net(&self, id: &RunId) {
        if let Some(net) = self.net(id) {
            net.delete().unwrap();
        }
    }
}

fn unknown(id: &RunId) -> EngineError {
    EngineError::Unknown(id.to_string())
}

#[async_trait]
impl Engine for Files {
    fn kind(&self) -> &'static str {
        "files"
    }

    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        if self.0.join("broken").exists() {
            return Err(EngineError::Host {
                what: "disk",
                detail: "a secret path".into(),
            });
        }
        if self.0.join("odd").exists() {
            return Err(EngineError::Job("its user is no user".into()));
        }
        while self.0.join("hold").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let as_text = serde_json::to_vec(run).unwrap();
        if fs::read(self.file(&run.id, "run")).is_ok_and(|before| before != as_text) {
            return Err(EngineError::Conflict(run.id.to_string()));
        }
        let lease = self.lease(&run.id);
        let prepared = Prepared {
            work: lease.join("work"),
            secrets: lease.join("secrets"),
        };
        fs::create_dir_all(&prepared.work).unwrap();
        fs::create_dir_all(&prepared.secrets).unwrap();
        fs::write(self.file(&run.id, "run"), as_text).unwrap();
        if let Some(net) = self.net(&run.id) {
            net.make(None).unwrap();
        }
        Ok(prepared)
    }

    fn has_mesh(&self) -> bool {
        self.0.join("mesh").exists()
    }

    async fn mesh(&self, id: &RunId, address: Ipv4Addr, mtu: u16) -> Result<OwnedFd, EngineError> {
        self.net(id).unwrap().mesh(address, mtu)
    }

    async fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        if self.file(&run.id, "stopped").exists() {
            return Ok(());
        }
        let dir = self.lease(&run.id);
        let exit = self.file(&run.id, "exit");
        let log = dir.join("log");
        let command = match run.spec.command.as_slice() {
            [] => "exec sleep 1000".to_string(),
            [_, _, script] => script.clone(),
            _ => panic!("sh -c SCRIPT"),
        };
        let new = exit.with_extension("new");
        let script = format!(
            "( {command} ) >> {} 2>&1; echo -n $? > {}; mv {} {}",
            log.display(),
            new.display(),
            new.display(),
            exit.display()
        );
        let mut process = std::process::Command::new("sh");
        if let Some(net) = self.net(&run.id) {
            process = std::process::Command::new("ip");
            process.args(["netns", "exec", net.name(), "sh"]);
        }
        process.args(["-c", &script]).current_dir(dir.join("work"));
        process.env("SECRETS", dir.join("secrets"));
        process
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        process.process_group(0);
        let mut child = process.spawn().unwrap();
        fs::write(self.file(&run.id, "pid"), child.id().to_string()).unwrap();
        std::thread::spawn(move || child.wait());
        let starts = dir.join("starts");
        let before = fs::read_to_string(&starts).unwrap_or_default();
        fs::write(starts, format!("{before}{}\n", run.id.attempt)).unwrap();
        Ok(())
    }

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        if !self.file(id, "run").exists() {
            return Err(unknown(id));
        }
        if let Ok(code) = fs::read_to_string(self.file(id, "exit")) {
            return Ok(RunStatus::Exited(code.trim().parse().unwrap()));
        }
        if self.file(id, "stopped").exists() {
            return Ok(RunStatus::Stopped);
        }
        match (self.pid(id), self.file(id, "pid").exists()) {
            (Some(_), _) => Ok(RunStatus::Running),
            (None, false) => Ok(RunStatus::Prepared),
            // Between the end of the process and the file, or gone with the machine.
            (None, true) => match fs::read_to_string(self.file(id, "exit")) {
                Ok(code) => Ok(RunStatus::Exited(code.trim().parse().unwrap())),
                Err(_) => Err(unknown(id)),
            },
        }
    }

    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError> {
        if !self.file(id, "run").exists() {
            return Err(unknown(id));
        }
        let (to, frames) = mpsc::channel(4);
        let engine = Self(self.0.clone());
        let id = *id;
        tokio::spawn(async move {
            let mut next = from;
            loop {
                let over = engine
                    .status(&id)
                    .await
                    .map_or(true, |status| status.is_over());
                let log = fs::read(engine.lease(&id).join("log")).unwrap_or_default();
                let bytes = log[usize::try_from(next).unwrap().min(log.len())..].to_vec();
                let offset = next;
                next += bytes.len() as u64;
                let kind = LogKind::Stdout;
                if !bytes.is_empty()
                    && to
                        .send(LogFrame {
                            offset,
                            kind,
                            bytes,
                        })
                        .await
                        .is_err()
                {
                    return;
                }
                if over || !follow {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Ok(frames)
    }

    async fn stop(&self, id: &RunId) -> Result<(), EngineError> {
        if !self.file(id, "run").exists() {
            return Err(unknown(id));
        }
        if self.0.join("unstoppable").exists() {
            return Err(EngineError::NotRunning);
        }
        fs::write(self.file(id, "ended"), "").unwrap();
        // What was only prepared is never started then, as the engines have it.
        if !self.file(id, "pid").exists() {
            fs::write(self.file(id, "stopped"), "").unwrap();
        }
        if let Some(pid) = self.pid(id) {
            fs::write(self.file(id, "stopped"), "").unwrap();
            let group = nix::unistd::Pid::from_raw(pid);
            let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        }
        self.end_net(id);
        Ok(())
    }

    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        let mut all = Vec::new();
        for lease in fs::read_dir(&self.0).unwrap().flatten() {
            for file in fs::read_dir(lease.path()).into_iter().flatten().flatten() {
                let name = file.file_name().into_string().unwrap();
                if let Some(attempt) = name.strip_prefix("run-") {
                    let lease = lease.file_name().into_string().unwrap();
                    let id: RunId = format!("{lease}-{attempt}").parse().unwrap();
                    if let Ok(status) = self.status(&id).await {
                        all.push((id, status));
                    }
                }
            }
        }
        Ok(all)
    }

    async fn outputs(&self, id: &RunId) -> Result<Vec<Left>, EngineError> {
        let mut files = Vec::new();
        let out = self.lease(id).join("work/out");
        for file in fs::read_dir(out).into_iter().flatten().flatten() {
            let meta = file.metadata().unwrap();
            files.push(Left {
                path: format!("out/{}", file.file_name().into_string().unwrap()),
                len: meta.len(),
                executable: false,
                changed_ns: i128::from(meta.ctime_nsec()) + i128::from(meta.ctime()),
                inode: meta.ino(),
            });
        }
        Ok(files)
    }

    /// Each is counted in the file `fetches`. A file `held` waits for one `release`. Of a file `endless` nothing comes, and `dropped` is written when nobody waits any more.
    async fn fetch(
        &self,
        id: &RunId,
        path: &str,
        from: u64,
    ) -> Result<Pin<Box<dyn tokio::io::AsyncRead + Send>>, EngineError> {
        let dir = self.lease(id);
        let mut options = fs::OpenOptions::new();
        let mut fetches = options
            .create(true)
            .append(true)
            .open(dir.join("fetches"))
            .unwrap();
        std::io::Write::write_all(&mut fetches, format!("{path}\n").as_bytes()).unwrap();
        while path == "out/held" && !dir.join("release").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if path == "out/endless" {
            return Ok(Box::pin(Endless(dir.join("dropped"))));
        }
        let bytes = fs::read(dir.join("work").join(path)).unwrap();
        let bytes = bytes[usize::try_from(from).unwrap()..].to_vec();
        Ok(Box::pin(std::io::Cursor::new(bytes)))
    }

    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
        let command = match exec.command.as_slice() {
            [] => vec!["sh".to_string()],
            command => command.to_vec(),
        };
        let mut child = tokio::process::Command::new(&command[0])
            .args(&command[1..])
            .envs(exec.env)
            .current_dir(self.lease(id).join("work"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, mut inputs) = mpsc::channel(4);
        let (tell, events) = mpsc::channel(4);
        tokio::spawn(async move {
            let mut stdin = child.stdin.take();
            let mut stdout = child.stdout.take().unwrap();
            let mut stderr = child.stderr.take().unwrap();
            let feeds = async {
                while let Some(input) = inputs.recv().await {
                    match (input, &mut stdin) {
                        (ExecInput::Stdin(bytes), Some(to)) => {
                            let _ = tokio::io::AsyncWriteExt::write_all(to, &bytes).await;
                        }
                        (ExecInput::Eof, _) => stdin = None,
                        _ => {}
                    }
                }
                stdin = None;
                std::future::pending::<()>().await;
            };
            let tells = async {
                let (mut out, mut err) = (vec![0; 4096], vec![0; 4096]);
                let (mut more_out, mut more_err) = (true, true);
                while more_out || more_err {
                    tokio::select! {
                        n = stdout.read(&mut out), if more_out => {
                            let n = n.unwrap();
                            more_out = n > 0;
                            if n > 0 { let _ = tell.send(ExecEvent::Stdout(out[..n].to_vec())).await; }
                        }
                        n = stderr.read(&mut err), if more_err => {
                            let n = n.unwrap();
                            more_err = n > 0;
                            if n > 0 { let _ = tell.send(ExecEvent::Stderr(err[..n].to_vec())).await; }
                        }
                    }
                }
            };
            tokio::select! { () = feeds => {}, () = tells => {}, () = tell.closed() => {} }
            if tell.is_closed() {
                return;
            }
            let code = child.wait().await.unwrap().code().unwrap_or(137);
            let _ = tell.send(ExecEvent::Exit(code)).await;
        });
        Ok((input, events))
    }

    async fn connect(&self, _: &RunId, port: u16) -> Result<TcpStream, EngineError> {
        let connected = TcpStream::connect(("127.0.0.1", port)).await;
        connected.map_err(|_| EngineError::NotFound(format!("port {port}")))
    }

    async fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        fs::write(self.lease(id).join("sealed"), "").map_err(|_| unknown(id))
    }

    async fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        fs::remove_dir_all(self.lease(id)).map_err(|_| unknown(id))
    }

    async fn health(&self) -> Health {
        Health {
            ready: true,
            detail: None,
            strangers: true,
        }
    }

    async fn capacity(&self) -> Result<Capacity, EngineError> {
        Ok(Capacity {
            platform: Platform::LinuxAmd64,
            cpu_millis: 4_000,
            memory_bytes: 8 << 30,
            disk_bytes: 1 << 30,
        })
    }
}
