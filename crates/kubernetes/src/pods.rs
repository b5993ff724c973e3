//! The pods of this machine's runs, as one watch tells them. What it misses, a list after it tells: 410, a dropped connection, a server
//! that is busy are all waited out.

use crate::{api::host, objects};
use futures_util::StreamExt;
use iog_engine::EngineError;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    runtime::{watcher, watcher::Event, WatchStreamExt},
    Api, ResourceExt,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

#[derive(Default)]
struct Seen {
    /// All there are have been told once.
    complete: bool,
    /// By the label of their run.
    pods: HashMap<String, Arc<Pod>>,
    /// While a list is told.
    listed: HashMap<String, Arc<Pod>>,
    error: Option<String>,
}

pub struct Pods {
    seen: watch::Receiver<Seen>,
}

impl Pods {
    pub fn watch(api: Api<Pod>, selector: &str) -> Self {
        let (tell, seen) = watch::channel(Seen::default());
        let config = watcher::Config::default().labels(selector);
        tokio::spawn(async move {
            let events = watcher(api, config).default_backoff();
            let mut events = std::pin::pin!(events);
            while let Some(event) = events.next().await {
                tell.send_modify(|seen| take(seen, event));
                if tell.is_closed() {
                    return;
                }
            }
        });
        Self { seen }
    }

    /// For another task.
    pub fn follow(&self) -> Self {
        Self {
            seen: self.seen.clone(),
        }
    }

    /// What `of` says of a run's pod, as soon as it says something. No pod is one that is gone or not made yet.
    pub async fn until<T>(
        &self,
        run: &str,
        within: Duration,
        mut of: impl FnMut(Option<&Pod>) -> Option<T>,
    ) -> Result<T, EngineError> {
        let mut seen = self.seen.clone();
        let mut said = None;
        let found = seen.wait_for(|seen| {
            if seen.complete {
                said = of(seen.pods.get(run).map(Arc::as_ref));
            }
            said.is_some()
        });
        let ended = timeout(within, found).await;
        let told = matches!(ended, Ok(Ok(_)));
        drop(ended);
        match (said, told) {
            (Some(said), true) => Ok(said),
            _ => Err(host(
                "engine",
                self.error()
                    .unwrap_or_else(|| "the pod did not get so far in time".into()),
            )),
        }
    }

    pub fn get(&self, run: &str) -> Option<Arc<Pod>> {
        self.seen.borrow().pods.get(run).cloned()
    }

    pub fn error(&self) -> Option<String> {
        self.seen.borrow().error.clone()
    }
}

fn take(seen: &mut Seen, event: Result<Event<Pod>, watcher::Error>) {
    let key = |pod: &Pod| pod.labels().get(objects::RUN_LABEL).cloned();
    match event {
        Ok(event) => {
            seen.error = None;
            match event {
                Event::Init => seen.listed.clear(),
                Event::InitApply(pod) => {
                    seen.listed
                        .extend(key(&pod).map(|key| (key, Arc::new(pod))));
                }
                Event::InitDone => {
                    seen.pods = std::mem::take(&mut seen.listed);
                    seen.complete = true;
                }
                Event::Apply(pod) => {
                    seen.pods.extend(key(&pod).map(|key| (key, Arc::new(pod))));
                }
                Event::Delete(pod) => {
                    let gone = key(&pod);
                    // A newer one of the same run is not the one that went.
                    if let Some(gone) = gone.filter(|key| {
                        seen.pods
                            .get(key)
                            .is_some_and(|known| known.uid() == pod.uid())
                    }) {
                        seen.pods.remove(&gone);
                    }
                }
            }
        }
        Err(error) => {
            tracing::warn!(%error, "the watch of pods is broken; it is begun anew");
            seen.error = Some(format!("the watch of pods is broken: {error}"));
        }
    }
}
