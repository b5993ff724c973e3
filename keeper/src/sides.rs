//! The processes of a node that serve renters: `iog-keeper jobs` and `iog-keeper link`. Neither reads a device key. redteam J1

use crate::{
    cards::{self, Driver},
    node::NodeArgs,
    run::told_to_end,
    Failure, USAGE,
};
use iog_engine::{
    container::{ContainerEngine, ContainerSettings, Daemon, Runtime},
    netns::Egress,
    sandbox::{SandboxEngine, SandboxSettings},
    Engine,
};
use iog_keeper::{
    config::{EngineKind, Node, Overrides, RuntimeKind},
    supervisor::User,
    Config,
};
use iog_link::{Network, Settings};
use iog_node::{
    fetch::FetchSettings,
    jobs::{self, CardKeeper, JobsSettings, WalkSettings},
    link::{self, LinkSettings},
};
use iog_pow_gpu::Backend;
use std::{ffi::OsString, process::ExitCode, sync::Arc, time::Duration};

/// An address that gives nothing is asked again after so long.
const FETCH_PAUSE: Duration = Duration::from_secs(10);
/// Mirrors are asked when the renter has sent nothing for so long.
const FETCH_PATIENCE: Duration = Duration::from_secs(30);

/// KiB a second in an Mbit/s, rounded.
const KIB_OF_MBIT: u32 = 122;

/// A line for the user, with all that led to it.
fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure {
        code: USAGE,
        line: format!("{error:#}"),
    }
}

fn on_runtime<F: std::future::Future<Output = Result<(), Failure>>>(
    work: F,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    runtime.block_on(work)
}

/// The process that holds the engine.
pub fn jobs(args: &NodeArgs) -> Result<(), Failure> {
    let config = Config::load(Some(&args.config), Overrides::default())?;
    let engine = engine(&config)?;
    let link = User::of_node(&config.node)?.link;
    let cards = cards::open(&config)?;
    // A device without named cards has one at least: without any of them each lease's share would be the whole machine. redteam J8
    let named = config
        .devices
        .iter()
        .map(|device| device.cards.len().max(1));
    let there = cards.as_ref().map_or(0, |cards| cards.list().len());
    let gpus = named.sum::<usize>().max(there);
    let settings = JobsSettings {
        node_dir: config.node_dir(),
        engine,
        policy: config.policy.clone(),
        cards: cards.as_ref().map(Driver::list).unwrap_or_default(),
        gpus: u32::try_from(gpus).unwrap_or(u32::MAX),
        link_uid: link.map(|user| user.uid),
        fetch: fetch(&config)?,
        card_keeper: cards.map(|cards| -> Arc<dyn CardKeeper> { Arc::new(cards) }),
        walk: Some(walk(&config)?),
    };
    on_runtime(async {
        let end = told_to_end()?;
        jobs::run(settings, end)
            .await
            .map_err(|error| failed(&error))
    })
}

/// The process that holds the tunnel keys.
pub fn link(args: &NodeArgs) -> Result<(), Failure> {
    let config = Config::load(Some(&args.config), Overrides::default())?;
    let name = config.node.network.as_deref().unwrap_or("localnet");
    let updates = config.state_dir.join("networks");
    let warn = |error: &_| tracing::warn!("the newer network file is not taken: {error}");
    let network = Network::find(name, Some(&updates), warn);
    let network = network.map_err(|error| failed(&format!("node.network: {error}")))?;
    let settings = LinkSettings {
        node_dir: config.node_dir(),
        tunnel_keys: config
            .devices
            .iter()
            .filter_map(|device| device.tunnel_key.clone())
            .collect(),
        link: Settings {
            bind: config.node.bind,
            relay_only: config.node.relay_only,
            ..network.settings()
        },
    };
    on_runtime(async {
        let end = told_to_end()?;
        link::run(settings, end)
            .await
            .map_err(|error| failed(&error))
    })
}

/// What the engines start beside a run. On one thread.
pub fn engine_helper(args: &[OsString]) -> ExitCode {
    let code = iog_engine::helper_main(args);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// What fetches inputs for jobs. On one thread.
pub fn node_fetch() -> ExitCode {
    ExitCode::from(u8::try_from(iog_node::fetch::main()).unwrap_or(1))
}

/// How inputs are fetched that jobs name by address: this program, behind the filter of jobs where it may make one. redteam J6
fn fetch(config: &Config) -> Result<Option<FetchSettings>, Failure> {
    if !config.policy.fetch {
        return Ok(None);
    }
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    Ok(Some(FetchSettings {
        command: vec![program.into(), "node-fetch".into()],
        egress: rustix::process::geteuid()
            .is_root()
            .then(|| limited(Egress::default(), &config.node)),
        allowed: Vec::new(),
        roots: Vec::new(),
        pause: FETCH_PAUSE,
        patience: FETCH_PATIENCE,
    }))
}

/// What walks for a renter's check: this program, by the prover of the proof.
fn walk(config: &Config) -> Result<WalkSettings, Failure> {
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let backend = config.prover.backend;
    Ok(WalkSettings {
        command: vec![
            program.into(),
            "walk".into(),
            "--backend".into(),
            backend.to_string().into(),
        ],
        on_cpu: backend == Backend::Cpu,
    })
}

/// As fast as the operator lets it be.
fn limited(egress: Egress, node: &Node) -> Egress {
    let kib = |mbit: u32| mbit.saturating_mul(KIB_OF_MBIT);
    Egress {
        kib_per_sec: node.egress_mbit.map_or(egress.kib_per_sec, kib),
        ..egress
    }
}

/// Where images come from, and what they may have.
fn images(node: &Node, settings: &mut ContainerSettings) {
    for registry in &node.registries {
        settings.registries.allowed.push(registry.host.clone());
        if registry.plain {
            settings.registries.plain.push(registry.host.clone());
            settings.registries.own.push(registry.host.clone());
        }
    }
    settings.pulls = settings.pulls.take().map(|pulls| limited(pulls, node));
    settings.session_image.clone_from(&node.session_image);
    let gib = node.image_cache_gib.map(u64::from);
    settings.cache_bytes = gib.map(|gib| gib.saturating_mul(1 << 30));
}

/// The engine of the configuration. What it holds lies in the job side's own folder.
fn engine(config: &Config) -> Result<Arc<dyn Engine>, Failure> {
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let helper = vec![program.into(), "engine-helper".into()];
    let root = config.node_dir().join("jobs").join("engine");
    let egress = config
        .policy
        .egress
        .then(|| limited(Egress::default(), &config.node));
    Ok(match config.node.engine {
        EngineKind::Sandbox => {
            let mut settings = SandboxSettings::new(root, helper);
            settings.egress = egress;
            settings.programs = config
                .sandbox_shows()
                .map_err(|error| failed(&error))?
                .to_vec();
            // Whose jobs are taken is the policy's: without limits the engine says that it is safe for none of a stranger. redteam E7
            settings.own_jobs_only = !config.policy.own_renters.is_empty();
            Arc::new(SandboxEngine::open(settings).map_err(|error| failed(&error))?)
        }
        EngineKind::Kubernetes => kubernetes(config, root, egress)?,
        kind @ (EngineKind::Container | EngineKind::Docker) => {
            let mut settings = ContainerSettings::new(root, helper);
            settings.egress = egress;
            images(&config.node, &mut settings);
            settings.runtime = match config.node.runtime {
                RuntimeKind::Runc => Runtime::Runc,
                RuntimeKind::Runsc => Runtime::Runsc,
            };
            if kind == EngineKind::Docker {
                let socket = config.node.docker_socket().to_owned();
                settings.daemon = Daemon::Docker { socket };
            }
            Arc::new(ContainerEngine::open(settings).map_err(|error| failed(&error))?)
        }
    })
}

/// The cluster's machine that this node stands for.
#[cfg(feature = "kubernetes")]
fn kubernetes(
    config: &Config,
    root: std::path::PathBuf,
    egress: Option<Egress>,
) -> Result<Arc<dyn Engine>, Failure> {
    use iog_kubernetes::{KubernetesEngine, KubernetesSettings};
    let lacks = |what: &str| {
        failed(&format!(
            "node.kubernetes.{what} is not set, and the environment has none"
        ))
    };
    let said = config.node.kubernetes.clone();
    let said = said.ok_or_else(|| lacks("helper_image"))?;
    let of_env = |name: &str| std::env::var(name).ok();
    let machine = said.machine.or_else(|| of_env("NODE_NAME"));
    let address = said.address.or_else(|| of_env("POD_IP")?.parse().ok());
    let machine = machine.ok_or_else(|| lacks("machine"))?;
    let address = address.ok_or_else(|| lacks("address"))?;
    let settings = KubernetesSettings {
        namespace: said.namespace,
        runtime_class: said.runtime_class,
        user_namespaces: said.user_namespaces,
        gpu_resource: said.gpu_resource,
        pull_secret: said.pull_secret,
        forbidden: said.forbidden.iter().map(ToString::to_string).collect(),
        max_pods: said.max_pods,
        egress,
        ..KubernetesSettings::new(root, said.secrets_dir, machine, address, said.helper_image)
    };
    let engine = KubernetesEngine::open(settings).map_err(|error| failed(&error))?;
    Ok(Arc::new(engine))
}

#[cfg(not(feature = "kubernetes"))]
fn kubernetes(
    _config: &Config,
    _root: std::path::PathBuf,
    _egress: Option<Egress>,
) -> Result<Arc<dyn Engine>, Failure> {
    Err(failed(
        &"this build has no engine kubernetes: build it with --features kubernetes",
    ))
}
