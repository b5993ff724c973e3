//! Whether the cluster's network keeps jobs where they belong: a NetworkPolicy says so, and only a plugin that enforces it makes it so.
//! No job is taken before pods have tried it. redteam M9

use crate::{
    api::{host, refused},
    cluster::Cluster,
    objects::{self, typed, Probe, Target},
    start::find,
};
use iog_engine::EngineError;
use k8s_openapi::api::core::v1::Pod;
use kube::api::PostParams;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::net::{lookup_host, TcpListener};

/// A plugin that was changed meanwhile is noticed after so long.
const HOLDS_FOR: Duration = Duration::from_secs(6 * 3_600);
const AGAIN_AFTER: Duration = Duration::from_secs(60);
const ENDS_WITHIN: Duration = Duration::from_secs(300);
/// Where servers tell secrets to whoever asks on the machine.
const METADATA: (&str, u16) = ("169.254.169.254", 80);

#[derive(Clone, Debug)]
enum State {
    Untried,
    Running(Option<Instant>),
    Held(Instant),
    Broken(String, Instant),
}

pub struct Proof {
    api: (String, u16),
    state: Mutex<State>,
}

impl Proof {
    pub fn new(api: (String, u16)) -> Self {
        Self {
            api,
            state: Mutex::new(State::Untried),
        }
    }

    fn state(&self) -> State {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state(), State::Running(_))
    }

    /// # Errors
    /// [`EngineError::Host`] where it does not hold, or is not known to.
    pub fn check(&self) -> Result<(), EngineError> {
        match self.state() {
            State::Held(_) | State::Running(Some(_)) => Ok(()),
            State::Broken(why, _) => Err(host("network", why)),
            State::Untried | State::Running(None) => Err(host(
                "network",
                "whether the cluster keeps jobs from its own network is being tried",
            )),
        }
    }

    /// Claims the next try if one is due.
    fn is_due(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let held = match &*state {
            State::Running(_) => return false,
            State::Held(at) if at.elapsed() < HOLDS_FOR => return false,
            State::Broken(_, at) if at.elapsed() < AGAIN_AFTER => return false,
            State::Held(at) => Some(*at),
            _ => None,
        };
        *state = State::Running(held);
        true
    }
}

impl Cluster {
    /// Begins a try where one is due; what it finds is said by [`Proof::check`].
    pub fn prove_when_due(self: &Arc<Self>) {
        if !self.proof.is_due() {
            return;
        }
        let cluster = Arc::clone(self);
        tokio::spawn(async move {
            let found = match cluster.prove().await {
                Ok(()) => State::Held(Instant::now()),
                Err(error) => {
                    tracing::warn!(%error, "no jobs are taken");
                    State::Broken(error.to_string(), Instant::now())
                }
            };
            cluster.proof.set(found);
        });
    }

    async fn prove(&self) -> Result<(), EngineError> {
        self.lay_ground().await?;
        let address = self.settings.address;
        let listener = TcpListener::bind((address, 0)).await.map_err(|error| {
            host(
                "network",
                format!("node.kubernetes.address: {address} is not listened on here: {error}"),
            )
        })?;
        let port = listener
            .local_addr()
            .map_err(EngineError::file("listener"))?
            .port();
        let node = Target {
            name: "another_namespace",
            host: address.to_string(),
            port,
        };
        let kept = async {
            loop {
                // Whoever comes is let go at once: that it came is enough.
                drop(listener.accept().await);
            }
        };
        tokio::select! {
            tried = self.try_all(&node) => tried,
            () = kept => Ok(()),
        }
    }

    async fn try_all(&self, node: &Target) -> Result<(), EngineError> {
        let (code, said) = self
            .try_one(Probe::Control, std::slice::from_ref(node))
            .await?;
        if (code, said.as_str()) != (1, node.name) {
            return Err(host(
                "network",
                format!("a pod that may reach {}:{} does not ({code}): check node.kubernetes.address and helper_image", node.host, node.port),
            ));
        }
        let mut targets = vec![
            Target {
                name: "metadata",
                host: METADATA.0.into(),
                port: METADATA.1,
            },
            node.clone(),
        ];
        targets.extend(self.api_targets().await?);
        for probe in [Probe::Shut, Probe::Egress] {
            let (code, said) = self.try_one(probe, &targets).await?;
            if code != 0 {
                let said = said.replace('\n', ", ");
                return Err(host(
                    "network",
                    format!(
                        "a pod ({}) reaches what no job may reach: {said}. Use a network plugin that enforces NetworkPolicy; add a public address of the API server to node.kubernetes.forbidden",
                        probe.name()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// By its addresses: a pod knows no names of the cluster.
    async fn api_targets(&self) -> Result<Vec<Target>, EngineError> {
        let (name, port) = &self.proof.api;
        let found = lookup_host((name.as_str(), *port)).await;
        let found: Vec<SocketAddr> = found
            .map_err(|error| {
                host(
                    "network",
                    format!("the API server's address {name}: {error}"),
                )
            })?
            .collect();
        if found.is_empty() {
            return Err(host(
                "network",
                format!("the API server's address {name} is none"),
            ));
        }
        let targets = found.iter().map(|at| Target {
            name: "api_server",
            host: at.ip().to_string(),
            port: at.port(),
        });
        Ok(targets.collect())
    }

    /// Its exit code and what it reached.
    async fn try_one(
        &self,
        probe: Probe,
        targets: &[Target],
    ) -> Result<(i32, String), EngineError> {
        let number = hex::encode(rand::random::<[u8; 4]>());
        let object = objects::probe_pod(&self.settings, probe, targets, &number);
        let pod: Pod = typed(&object)?;
        let name = pod.metadata.name.clone().unwrap_or_default();
        let made = self.api::<Pod>().create(&PostParams::default(), &pod).await;
        made.map_err(|error| refused(&error))?;
        let ended = self.pods.until(&name, ENDS_WITHIN, |pod| {
            let status = pod?.status.as_ref()?;
            let probe = find(status.container_statuses.as_deref(), "probe");
            let ended = probe.and_then(|probe| probe.state.as_ref()?.terminated.as_ref());
            match (ended, status.phase.as_deref()) {
                (Some(ended), _) => Some(Ok((
                    ended.exit_code,
                    ended.message.clone().unwrap_or_default().trim().to_owned(),
                ))),
                (None, Some("Failed")) => Some(Err(host(
                    "network",
                    format!(
                        "a pod that tries the network does not run: {}",
                        status.message.clone().unwrap_or_default()
                    ),
                ))),
                _ => None,
            }
        });
        let ended = ended.await;
        self.end_pod(&name, 1).await?;
        ended.map_err(|_| {
            host(
                "network",
                "a pod that tries the network does not come to an end: see its events",
            )
        })?
    }
}
