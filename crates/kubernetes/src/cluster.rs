//! A cluster as this node uses it: its calls, what is watched, and who looks after which run.

use crate::{
    api::{host, or_gone, refused},
    book::Books,
    collect,
    inside::Place,
    objects::{self, job_name, typed},
    pods::Pods,
    proof::Proof,
    settings::KubernetesSettings,
    shepherd::Shepherd,
};
use iog_engine::{names, EngineError};
use iog_job::RunId;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{LimitRange, Pod, ResourceQuota},
    networking::v1::NetworkPolicy,
};
use kube::{
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::NamespaceResourceScope,
    Api, Client, Resource, ResourceExt,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::sleep;

/// What is left over is looked for so often.
const SWEEP: Duration = Duration::from_secs(600);
const AGAIN: Duration = Duration::from_secs(5);
/// How long a pod may take that was told to end at once.
const GONE_WITHIN: Duration = Duration::from_secs(120);

pub struct Cluster {
    pub settings: KubernetesSettings,
    pub books: Books,
    pub client: Client,
    pub pods: Pods,
    pub proof: Proof,
    pub shepherds: Mutex<HashMap<RunId, Arc<Shepherd>>>,
}

impl Cluster {
    /// Watches, and takes up what ran before. Runs that are in no book any more go. redteam X2
    pub fn open(
        settings: KubernetesSettings,
        client: Client,
        api: (String, u16),
    ) -> Result<Arc<Self>, EngineError> {
        let books = Books::new(&settings.root, &settings.secrets);
        let pods = Api::namespaced(client.clone(), &settings.namespace);
        let cluster = Arc::new(Self {
            pods: Pods::watch(pods, &objects::selector(&settings)),
            proof: Proof::new(api),
            books,
            client,
            shepherds: Mutex::default(),
            settings,
        });
        for book in cluster.books.all()? {
            collect::mend(&cluster.books.work(&book.run.id))?;
            if book.started && book.over.is_none() {
                cluster.look_after(&book.run);
            }
        }
        let weak = Arc::downgrade(&cluster);
        tokio::spawn(async move {
            while let Some(cluster) = weak.upgrade() {
                let pause = match cluster.sweep().await {
                    Ok(()) => SWEEP,
                    Err(error) => {
                        tracing::warn!(%error, "what is left over in the cluster cannot be erased");
                        AGAIN
                    }
                };
                drop(cluster);
                sleep(pause).await;
            }
        });
        Ok(cluster)
    }

    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.settings.namespace)
    }

    /// Makes one, or makes the one there like it.
    pub async fn apply<K>(&self, object: &Value) -> Result<(), EngineError>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let name = object.pointer("/metadata/name").and_then(Value::as_str);
        let name = name.ok_or_else(|| host("engine", "an object without a name"))?;
        let params = PatchParams::apply(objects::MANAGER).force();
        let applied = self
            .api::<K>()
            .patch(name, &params, &Patch::Apply(object))
            .await;
        applied.map(drop).map_err(|error| refused(&error))
    }

    /// What holds for all jobs; before the first of them, and again before each try of the network.
    pub async fn lay_ground(&self) -> Result<(), EngineError> {
        let settings = &self.settings;
        self.apply::<NetworkPolicy>(&objects::nothing_policy(settings))
            .await?;
        self.apply::<NetworkPolicy>(&objects::egress_policy(settings))
            .await?;
        self.apply::<NetworkPolicy>(&objects::open_policy(settings))
            .await?;
        self.apply::<ResourceQuota>(&objects::quota(settings))
            .await?;
        self.apply::<LimitRange>(&objects::limit_range(settings))
            .await
    }

    /// The container of a run whose pod is known.
    pub fn place(&self, id: &RunId, container: &'static str) -> Result<Place, EngineError> {
        let pod = self
            .pods
            .get(&names::run_name(id))
            .ok_or(EngineError::NotRunning)?;
        Ok(Place {
            pods: self.api(),
            pod: pod.name_any(),
            container,
        })
    }

    /// A Job with the same name is the same run: names are never used again. redteam J9
    pub async fn make_job(&self, job: &Value) -> Result<(), EngineError> {
        let job: Job = typed(job)?;
        match self
            .api::<Job>()
            .create(&kube::api::PostParams::default(), &job)
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if crate::api::code(&error) == Some(409) => self.is_ours(&job).await,
            Err(error) => Err(refused(&error)),
        }
    }

    async fn is_ours(&self, job: &Job) -> Result<(), EngineError> {
        let there = self
            .api::<Job>()
            .get(&job.name_any())
            .await
            .map_err(|error| refused(&error))?;
        let id = |job: &Job| job.annotations().get(objects::RUN_ANNOTATION).cloned();
        match id(&there) == id(job) && there.metadata.deletion_timestamp.is_none() {
            true => Ok(()),
            false => Err(EngineError::Conflict(job.name_any())),
        }
    }

    /// Ends a run's pod at once and erases its Job; returns when both are gone, and the cards with them.
    pub async fn erase_job(&self, id: &RunId) -> Result<(), EngineError> {
        let run = names::run_name(id);
        if let Some(pod) = self.pods.get(&run) {
            // Not 0: that erases the object and leaves the containers to themselves.
            self.end_pod(&pod.name_any(), 1).await?;
        }
        let job = self
            .api::<Job>()
            .delete(&job_name(id), &DeleteParams::background())
            .await;
        or_gone(job)?;
        self.pods
            .until(&run, GONE_WITHIN, |pod| pod.is_none().then_some(()))
            .await
    }

    pub async fn end_pod(&self, pod: &str, grace_secs: u32) -> Result<(), EngineError> {
        let params = DeleteParams::default().grace_period(grace_secs);
        or_gone(self.api::<Pod>().delete(pod, &params).await)
    }

    /// Jobs of this machine that are in no book, or over there.
    async fn sweep(&self) -> Result<(), EngineError> {
        let params = ListParams::default().labels(&objects::selector(&self.settings));
        let jobs = self
            .api::<Job>()
            .list(&params)
            .await
            .map_err(|error| refused(&error))?;
        // Read after the list: one that is begun at this moment is in the books before it is in the cluster.
        let books = self.books.all()?;
        let live: HashSet<String> = books
            .iter()
            .filter(|book| book.over.is_none())
            .map(|book| job_name(&book.run.id))
            .collect();
        for job in jobs.items.iter().map(ResourceExt::name_any) {
            if !live.contains(&job) {
                tracing::info!(job, "a Job without a run is erased");
                or_gone(
                    self.api::<Job>()
                        .delete(&job, &DeleteParams::background())
                        .await,
                )?;
            }
        }
        let probes = params.labels(&format!(
            "{},{}",
            objects::selector(&self.settings),
            objects::PROBE_LABEL
        ));
        if !self.proof.is_running() {
            let pods = self
                .api::<Pod>()
                .list(&probes)
                .await
                .map_err(|error| refused(&error))?;
            for pod in &pods.items {
                self.end_pod(&pod.name_any(), 1).await?;
            }
        }
        Ok(())
    }
}
