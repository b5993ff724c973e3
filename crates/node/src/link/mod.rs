//! The link side: holds the tunnel keys and no other right. Admits whom the board names, hands their streams on to the job side, and signs
//! what that found. redteam J1

mod control;
mod gate;
mod keys;
mod mesh;
mod serve;

use crate::view::{self, View};
use anyhow::Context as _;
use gate::BoardGate;
use iog_link::Link;
use std::{
    collections::BTreeMap,
    fs,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet, time::sleep};

pub use keys::read_seed;

/// How often the figures are written.
const METERS: Duration = Duration::from_secs(2);

pub struct LinkSettings {
    pub node_dir: PathBuf,
    /// Mode 0600: 32 bytes, or a keypair as 64 numbers in JSON.
    pub tunnel_keys: Vec<PathBuf>,
    pub link: iog_link::Settings,
}

/// Serves until `shutdown`.
///
/// # Errors
/// If a key or the settings cannot be used, or a tunnel key was connected elsewhere. redteam X3
pub async fn run(settings: LinkSettings, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let dir = settings.node_dir.join("link");
    fs::create_dir_all(&dir).with_context(|| format!("the folder {}", dir.display()))?;
    let mut seeds = BTreeMap::new();
    for path in &settings.tunnel_keys {
        let (key, seed) = read_seed(path)?;
        // Two devices may have one key, which is one endpoint.
        seeds.insert(key, seed);
    }
    let (tell, views) = watch::channel(Arc::new(View::default()));
    let mut links = Vec::new();
    for (index, (key, seed)) in seeds.iter().enumerate() {
        let gate = Arc::new(BoardGate::new(*key, views.clone()));
        let link = Link::bind(seed, &of(&settings.link, index), gate).await;
        links.push(Arc::new(
            link.with_context(|| format!("the endpoint {key}"))?,
        ));
    }
    // One board for all: a file that others can read says where the endpoints listen.
    let bound: BTreeMap<_, _> = links
        .iter()
        .map(|link| (link.id().to_string(), link.bound()))
        .collect();
    write(&dir.join("bound.json"), &bound);
    let hub = iog_mesh::Hub::new(&links);
    let mut serves = JoinSet::new();
    for link in &links {
        serves.spawn(serve::run(
            Arc::clone(link),
            settings.node_dir.clone(),
            views.clone(),
        ));
    }
    let result = tokio::select! {
        () = view::follow(settings.node_dir.clone(), tell) => Ok(()),
        () = control::run(&settings.node_dir, &seeds, views.clone()) => Ok(()),
        () = recheck(&links, views.clone()) => Ok(()),
        () = mesh::follow(&hub, views.clone()) => Ok(()),
        () = mesh::devices(&hub, settings.node_dir.clone()) => Ok(()),
        () = keep_meters(&dir, &links, &views) => Ok(()),
        key = displaced(&links) => Err(anyhow::anyhow!(
            "the tunnel key {key} was connected elsewhere: another machine has this key, and this one serves no more"
        )),
        () = shutdown => Ok(()),
    };
    serves.abort_all();
    for link in &links {
        link.close().await;
    }
    result
}

/// Each endpoint has a port of its own: those after the one that was named.
fn of(settings: &iog_link::Settings, index: usize) -> iog_link::Settings {
    let mut settings = settings.clone();
    if let Some(bind) = settings.bind.as_mut().filter(|bind| bind.port() != 0) {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        bind.set_port(bind.port().saturating_add(index));
    }
    settings
}

async fn displaced(links: &[Arc<Link>]) -> iog_job::Key {
    let mut waits = JoinSet::new();
    for link in links.iter().map(Arc::clone) {
        waits.spawn(async move {
            link.until_displaced().await;
            link.id()
        });
    }
    match waits.join_next().await {
        Some(Ok(key)) => key,
        _ => std::future::pending().await,
    }
}

/// Whoever the board admits no more is cut at once.
async fn recheck(links: &[Arc<Link>], mut views: watch::Receiver<Arc<View>>) {
    while views.changed().await.is_ok() {
        for link in links {
            link.recheck();
        }
    }
}

/// What leases cost, as long as the board has them.
async fn keep_meters(dir: &Path, links: &[Arc<Link>], views: &watch::Receiver<Arc<View>>) {
    let mut written = None;
    loop {
        let view = Arc::clone(&views.borrow());
        for link in links.iter().filter(|_| view.known) {
            for lease in link.meter().leases {
                if view.board.lease(&lease.binding).is_none() {
                    link.forget(&lease.binding);
                }
            }
        }
        let meters: BTreeMap<_, _> = links
            .iter()
            .map(|link| (link.id().to_string(), link.meter()))
            .collect();
        let mut refused = BTreeMap::<String, u64>::new();
        for (why, count) in meters.values().flat_map(|meter| &meter.refused) {
            let sum = refused.entry(why.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        let now = (meters, refused);
        if written.as_ref() != Some(&now) {
            write(&dir.join("meters.json"), &now.0);
            write(&dir.join("refused.json"), &now.1);
            written = Some(now);
        }
        sleep(METERS).await;
    }
}

fn write<T: serde::Serialize>(path: &Path, value: &T) {
    if let Err(error) = crate::board::replace(path, value) {
        tracing::error!(%error, "{} cannot be written", path.display());
    }
}
