//! The job side: holds the engine and no key. Takes typed requests from the link side, checks each against the board that the chain side
//! publishes, and runs the jobs. redteam J1

mod attempt;
mod books;
mod card_use;
mod cards;
mod context;
mod disk;
mod drive;
mod known;
mod lease;
mod mesh;
mod mirrors;
mod outputs;
mod place;
mod ray;
mod receipts;
mod receive;
mod renter;
mod report;
mod seal;
mod server;
mod share;
mod signer;
mod sources;
mod store;
mod verbs;

use crate::{
    board,
    fetch::{self, FetchSettings},
    policy::Policy,
    view::{self, View},
};
use anyhow::Context as _;
pub use cards::CardKeeper;
use context::Context;
pub(crate) use disk::on_disk;
use drive::drive;
use iog_engine::{Card, Engine, Health};
use iog_job::Binding;
pub(crate) use lease::Lease;
pub(crate) use seal::write_private;
use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    future::Future,
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet, time::sleep};
pub(crate) use verbs::is_plain;

/// How often the engine is asked whether it can take work.
const HEALTH: Duration = Duration::from_secs(10);

pub struct JobsSettings {
    pub node_dir: PathBuf,
    pub engine: Arc<dyn Engine>,
    pub policy: Policy,
    /// The machine's cards, by which leases name theirs. Empty: jobs get no device nodes.
    pub cards: Vec<Card>,
    /// How many the machine has: a lease's share of processors, memory and disk is by cards. redteam J8
    pub gpus: u32,
    /// Only this user, root and the job side's own may speak at its socket.
    pub link_uid: Option<u32>,
    /// How inputs are fetched that a job names by address, where the policy allows it; none: they are not. redteam J6
    pub fetch: Option<FetchSettings>,
    /// The cards' driver. Without one nothing is told of them, and none is cleaned between leases.
    pub card_keeper: Option<Arc<dyn CardKeeper>>,
    /// What walks for renters; none: nothing does. redteam S5
    pub walk: Option<WalkSettings>,
}

/// The process that walks cards for a renter's check.
#[derive(Clone, Debug)]
pub struct WalkSettings {
    /// Program and first arguments; size and cards follow.
    pub command: Vec<OsString>,
    /// It walks main memory, of which a lease has a share.
    pub on_cpu: bool,
}

/// The leases that are served, by match.
#[derive(Default)]
pub(crate) struct Leases(Mutex<HashMap<Binding, Arc<Lease>>>);

impl Leases {
    pub fn get(&self, binding: &Binding) -> Option<Arc<Lease>> {
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leases.get(binding).cloned()
    }

    fn put(&self, binding: Binding, lease: Option<Arc<Lease>>) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match lease {
            Some(lease) => leases.insert(binding, lease),
            None => leases.remove(&binding),
        };
    }
}

/// Serves until `shutdown`. Jobs live on; the next start finds them again.
///
/// # Errors
/// If the node's folder cannot be used or the engine does not answer.
pub async fn run(settings: JobsSettings, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let dir = settings.node_dir.join("jobs");
    // The link side passes through to the socket, and reads nothing else.
    let make = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o710)
        .create(&dir);
    make.with_context(|| format!("the folder {}", dir.display()))?;
    store::private_dir(&dir.join("leases"))?;
    let report = board::report_file(&settings.node_dir);
    fs::create_dir_all(report.parent().unwrap_or(&dir))?;
    let seal = seal::Seal::open(&dir.join("seal.key")).context("the key of the seal")?;
    let capacity = settings.engine.capacity().await.context("the engine")?;
    let (tell_views, views) = watch::channel(Arc::new(View::default()));
    let (tell_health, healths) = watch::channel(settings.engine.health().await);
    let engine = Arc::clone(&settings.engine);
    let node_dir = settings.node_dir.clone();
    let swept = node_dir.clone();
    let ctx = Arc::new(Context::new(settings, capacity, seal, views, healths));
    known::take_all(&ctx).await?;
    let dir = node_dir.clone();
    on_disk(move || {
        fetch::sweep(&dir);
        Ok(())
    })
    .await?;
    let leases = Arc::new(Leases::default());
    let listener = server::bind(&node_dir)?;
    tokio::select! {
        () = view::follow(node_dir, tell_views) => {}
        () = watch_health(engine, tell_health) => {}
        () = report::keep(&ctx, &leases) => {}
        () = keep_leases(&ctx, &leases) => {}
        () = server::serve(&ctx, &leases, listener) => {}
        () = shutdown => tracing::info!("the job side ends; jobs live on"),
    }
    // Fetches end with this process.
    on_disk(move || {
        fetch::sweep(&swept);
        Ok(())
    })
    .await?;
    Ok(())
}

async fn watch_health(engine: Arc<dyn Engine>, healths: watch::Sender<Health>) {
    loop {
        sleep(HEALTH).await;
        let health = engine.health().await;
        healths.send_if_modified(|old| {
            let changed = *old != health;
            *old = health;
            changed
        });
    }
}

/// One task for each lease of the board, and for each that is in the books and gone from it. redteam X2
async fn keep_leases(ctx: &Arc<Context>, leases: &Arc<Leases>) {
    let mut views = ctx.views.clone();
    let mut tasks = JoinSet::new();
    let mut strays_seen = false;
    loop {
        let view = Arc::clone(&views.borrow_and_update());
        // Nothing is killed as long as nothing is known.
        if view.known {
            if !strays_seen {
                strays_seen = known::end_strays(ctx, &view).await;
            }
            for board in &view.board.leases {
                if leases.get(&board.binding).is_some() {
                    continue;
                }
                let (of, board) = (Arc::clone(ctx), board.clone());
                let binding = board.binding;
                match on_disk(move || Lease::open(&of, &board)).await {
                    Ok(lease) => {
                        let lease = Arc::new(lease);
                        leases.put(binding, Some(Arc::clone(&lease)));
                        let leases = Arc::clone(leases);
                        tasks.spawn(async move {
                            drive(lease).await;
                            leases.put(binding, None);
                        });
                    }
                    Err(error) => {
                        tracing::error!(lease = %binding.lease, %error, "a lease's folder");
                    }
                }
            }
        }
        tokio::select! {
            changed = views.changed() => if changed.is_err() { return },
            Some(_) = tasks.join_next() => {}
        }
    }
}
