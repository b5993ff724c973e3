use super::{create, groups, images, ContainerEngine, Runtime, Shared, INSIDE_UID};
use crate::{
    engine::{
        Bytes, Capacity, Engine, Exec, ExecEvent, ExecInput, Health, Prepared, RunSpec, RunStatus,
    },
    error::EngineError,
    inside, log, outputs,
};
use async_trait::async_trait;
use iog_job::{
    wire::{LogFrame, OutputFile},
    RunId,
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::mpsc::{Receiver, Sender},
};

impl Shared {
    fn target(&self, id: &RunId) -> Result<inside::Target, EngineError> {
        if self.settings.runtime == Runtime::Runsc {
            return Err(EngineError::NotFound(
                "a way into a container of runsc".into(),
            ));
        }
        let book = self.book(id)?;
        let first = book
            .first
            .filter(|_| book.started && book.over.is_none())
            .ok_or(EngineError::NotRunning)?;
        Ok(inside::Target {
            first,
            uid: INSIDE_UID,
            gid: INSIDE_UID,
            cwd: "/work".into(),
            env: create::environment(&book.run),
            groups: groups::folders(&first),
        })
    }

    fn capacity(&self) -> Result<Capacity, EngineError> {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let memory =
            std::fs::read_to_string("/proc/meminfo").map_err(EngineError::file("/proc/meminfo"))?;
        let line = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"));
        let kib: u64 = line
            .and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
            .unwrap_or(0);
        let disk = rustix::fs::statvfs(&self.settings.root)
            .map_err(|error| EngineError::file(&self.settings.root)(error.into()))?;
        Ok(Capacity {
            platform: images::platform(),
            cpu_millis: u32::try_from(cpus)
                .unwrap_or(u32::MAX)
                .saturating_mul(1_000),
            memory_bytes: kib.saturating_mul(1_024),
            disk_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        })
    }
}

#[async_trait]
impl Engine for ContainerEngine {
    fn kind(&self) -> &'static str {
        "container"
    }

    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        let run = run.clone();
        self.blocking(move |shared| shared.prepare(&run)).await
    }

    async fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        let run = run.clone();
        self.blocking(move |shared| shared.start(&run)).await
    }

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.status(&id)).await
    }

    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError> {
        self.shared.book(id)?;
        let (shared, run) = (self.shared.clone(), *id);
        let is_over = move || shared.status(&run).map_or(true, |status| status.is_over());
        Ok(log::read(
            &self.shared.lease_dir(id).join("log"),
            from,
            follow,
            is_over,
        ))
    }

    async fn stop(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.end(&id)).await
    }

    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        self.blocking(Shared::list).await
    }

    async fn outputs(&self, id: &RunId) -> Result<Vec<OutputFile>, EngineError> {
        let id = *id;
        self.blocking(move |shared| {
            let book = shared.book(&id)?;
            outputs::list(&shared.lease_dir(&id).join("work"), &book.run.spec.outputs)
        })
        .await
    }

    async fn fetch(&self, id: &RunId, path: &str, from: u64) -> Result<Bytes, EngineError> {
        let (id, path) = (*id, path.to_owned());
        let open = move |shared: &Shared| {
            let book = shared.book(&id)?;
            match outputs::is_named(&path, &book.run.spec.outputs) {
                true => outputs::open(&shared.lease_dir(&id).join("work"), &path, from),
                false => Err(EngineError::NotFound(path)),
            }
        };
        Ok(Box::pin(tokio::fs::File::from_std(
            self.blocking(open).await?,
        )))
    }

    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
        let id = *id;
        let target = self.blocking(move |shared| shared.target(&id)).await?;
        inside::exec(&self.shared.settings.helper, target, exec).await
    }

    async fn sftp(&self, id: &RunId) -> Result<UnixStream, EngineError> {
        let id = *id;
        let target = self.blocking(move |shared| shared.target(&id)).await?;
        inside::sftp(&self.shared.settings.helper, target).await
    }

    async fn connect(&self, id: &RunId, port: u16) -> Result<TcpStream, EngineError> {
        let id = *id;
        let stream = self.blocking(move |shared| {
            let book = shared.book(&id)?;
            match book.started && book.over.is_none() {
                true => shared.net(&id).connect(port),
                false => Err(EngineError::NotRunning),
            }
        });
        let stream = stream.await?;
        let taken = stream
            .set_nonblocking(true)
            .and_then(|()| TcpStream::from_std(stream));
        taken.map_err(|error| EngineError::NotFound(format!("port {port}: {error}")))
    }

    async fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.seal(&id)).await
    }

    async fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.remove(&id)).await
    }

    async fn health(&self) -> Health {
        let health = self.blocking(|shared| Ok(shared.health())).await;
        health.unwrap_or(Health {
            ready: false,
            detail: None,
            strangers: false,
        })
    }

    async fn capacity(&self) -> Result<Capacity, EngineError> {
        self.blocking(Shared::capacity).await
    }
}
