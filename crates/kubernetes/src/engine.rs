use crate::{
    api::host,
    book::{Book, Books},
    cluster::Cluster,
    connect::{connect, is_memory},
    objects, outputs as inside, port,
    settings::KubernetesSettings,
    shell,
};
use async_trait::async_trait;
use iog_engine::{
    files::private_dir, log, names::erase_dir, outputs, Bytes, Capacity, Engine, EngineError, Exec,
    ExecEvent, ExecInput, Health, Left, Prepared, RunSpec, RunStatus,
};
use iog_job::{wire::LogFrame, RunId};
use kube::Client;
use std::sync::Arc;
use tokio::{
    net::TcpStream,
    sync::{
        mpsc::{Receiver, Sender},
        OnceCell,
    },
};

/// The handle of a cluster. It connects at its first call.
pub struct KubernetesEngine {
    settings: KubernetesSettings,
    cluster: OnceCell<Arc<Cluster>>,
    /// A client that is there already, with where its server is.
    client: Option<(Client, (String, u16))>,
}

impl KubernetesEngine {
    /// By the pod's service account, or the kubeconfig of the user.
    ///
    /// # Errors
    /// The folders cannot be made, or that of secrets is not in memory.
    pub fn open(settings: KubernetesSettings) -> Result<Self, EngineError> {
        Self::new(settings, None)
    }

    /// # Errors
    /// As [`KubernetesEngine::open`].
    pub fn with_client(
        settings: KubernetesSettings,
        client: Client,
        server: (String, u16),
    ) -> Result<Self, EngineError> {
        Self::new(settings, Some((client, server)))
    }

    fn new(
        settings: KubernetesSettings,
        client: Option<(Client, (String, u16))>,
    ) -> Result<Self, EngineError> {
        private_dir(&settings.root)?;
        private_dir(&settings.secrets)?;
        is_memory(&settings.secrets)?;
        Ok(Self {
            settings,
            cluster: OnceCell::new(),
            client,
        })
    }

    async fn cluster(&self) -> Result<&Arc<Cluster>, EngineError> {
        let open = || async {
            let (client, server) = match &self.client {
                Some((client, server)) => (client.clone(), server.clone()),
                None => connect().await?,
            };
            Cluster::open(self.settings.clone(), client, server)
        };
        self.cluster.get_or_try_init(open).await
    }

    fn books(&self) -> Books {
        match self.cluster.get() {
            Some(cluster) => cluster.books.clone(),
            None => Books::new(&self.settings.root, &self.settings.secrets),
        }
    }
}

fn prepare(
    books: &Books,
    settings: &KubernetesSettings,
    run: &RunSpec,
) -> Result<Prepared, EngineError> {
    match books.find(&run.id)? {
        Some(book) if book.run != *run => return Err(EngineError::Conflict(run.id.to_string())),
        Some(_) => {}
        None => {
            // What no pod can be is said before anything is sent.
            objects::job(settings, run)?;
            books.keep(&Book::new(run.clone()))?;
        }
    }
    let (work, secrets) = (books.work(&run.id), books.secrets_dir(&run.id));
    private_dir(&work.join("out"))?;
    private_dir(&secrets)?;
    Ok(Prepared { work, secrets })
}

#[async_trait]
impl Engine for KubernetesEngine {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        self.cluster().await?.proof.check()?;
        prepare(&self.books(), &self.settings, run)
    }

    async fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        self.cluster().await?.start(run).await
    }

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        // A run that another process began is looked after from here on.
        self.cluster()
            .await?
            .books
            .get(id)
            .map(|book| book.status())
    }

    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError> {
        let books = self.books();
        books.get(id)?;
        let (id, dir) = (*id, books.log(id));
        let is_over = move || books.get(&id).map_or(true, |book| book.over.is_some());
        Ok(log::read(&dir, from, follow, is_over))
    }

    async fn stop(&self, id: &RunId) -> Result<(), EngineError> {
        self.cluster().await?.stop(id).await
    }

    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        let books = self.books().all()?;
        Ok(books
            .iter()
            .map(|book| (book.run.id, book.status()))
            .collect())
    }

    async fn outputs(&self, id: &RunId) -> Result<Vec<Left>, EngineError> {
        let book = self.books().get(id)?;
        match book.status() {
            RunStatus::Running => {
                inside::list(
                    &self.cluster().await?.place(id, "hold")?,
                    &book.run.spec.outputs,
                )
                .await
            }
            _ => outputs::list(&self.books().work(id), &book.run.spec.outputs),
        }
    }

    async fn fetch(&self, id: &RunId, path: &str, from: u64) -> Result<Bytes, EngineError> {
        let book = self.books().get(id)?;
        if !outputs::is_named(path, &book.run.spec.outputs) {
            return Err(EngineError::NotFound(path.into()));
        }
        if book.status() == RunStatus::Running {
            let hold = self.cluster().await?.place(id, "hold")?;
            return inside::fetch(&hold, path, from).await;
        }
        let file = outputs::open(&self.books().work(id), path, from)?;
        Ok(Box::pin(tokio::fs::File::from_std(file)))
    }

    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
        self.running(id)?;
        shell::exec(self.cluster().await?.place(id, "job")?, exec).await
    }

    async fn connect(&self, id: &RunId, port: u16) -> Result<TcpStream, EngineError> {
        self.running(id)?;
        port::connect(&self.cluster().await?.place(id, "hold")?, port).await
    }

    async fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        let cluster = self.cluster().await?;
        for book in cluster.books.attempts(id)? {
            cluster.stop(&book.run.id).await?;
        }
        erase_dir(&cluster.books.secrets_dir(id))
    }

    async fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        self.seal(id).await?;
        erase_dir(&self.books().lease_dir(id))
    }

    async fn health(&self) -> Health {
        let checked = async {
            let cluster = self.cluster().await?;
            cluster.prove_when_due();
            cluster.proof.check()?;
            match cluster.pods.error() {
                Some(error) => Err(host("engine", error)),
                None => Ok(()),
            }
        };
        let detail = checked.await.err().map(|error| error.to_string());
        let ready = detail.is_none();
        Health {
            ready,
            detail,
            strangers: ready,
        }
    }

    async fn capacity(&self) -> Result<Capacity, EngineError> {
        self.cluster().await?.capacity().await
    }
}

impl KubernetesEngine {
    fn running(&self, id: &RunId) -> Result<(), EngineError> {
        match self.books().get(id)?.status() {
            RunStatus::Running => Ok(()),
            _ => Err(EngineError::NotRunning),
        }
    }
}
