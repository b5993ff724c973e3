//! The devices of leases' meshes: made by the engine in the network of each run, handed to the link side, which moves their packets. The job
//! side reads none of them.

use super::{context::Context, lease::Lease, Leases};
use crate::{board::BoardLease, pass, view::View};
use iog_engine::EngineError;
use iog_job::{Binding, JobSpec, MeshFrame, RunId};
use iog_mesh::{address_of, peers, DEVICE, MASTER_PORT, MTU};
use std::{
    collections::HashMap,
    io,
    net::Ipv4Addr,
    os::fd::{AsFd, OwnedFd},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::UnixStream, sync::watch, time::sleep};

/// Between two tries to make a device.
const PAUSE: Duration = Duration::from_secs(1);
/// After so many the operator is told: a link side that still has the device gives it back sooner.
const TOLD_AFTER: u32 = 10;
/// Devices that are taken back from a link side at most.
const MOST: usize = 1_024;

#[derive(Clone)]
struct Device {
    attempt: u32,
    rank: u16,
    private: bool,
    fd: Arc<OwnedFd>,
}

/// Open devices, by lease and match.
#[derive(Default)]
pub struct Devices {
    open: Mutex<HashMap<Binding, Device>>,
    changed: watch::Sender<u64>,
}

impl Devices {
    fn open(&self) -> MutexGuard<'_, HashMap<Binding, Device>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        let next = |count: &mut u64| *count = count.wrapping_add(1);
        self.changed.send_modify(next);
    }

    fn has(&self, binding: &Binding, attempt: u32) -> bool {
        let open = self.open();
        open.get(binding)
            .is_some_and(|device| device.attempt == attempt)
    }

    fn put(&self, binding: Binding, device: Device) {
        self.open().insert(binding, device);
        self.tell();
    }

    /// The run's network goes.
    pub fn forget(&self, binding: &Binding) {
        if self.open().remove(binding).is_some() {
            self.tell();
        }
    }

    /// Serves the link side's connection for devices until it ends.
    pub async fn serve(&self, ctx: &Context, leases: &Leases, socket: UnixStream) {
        if let Err(error) = self.exchange(ctx, leases, &socket).await {
            tracing::debug!(%error, "the link side's connection for devices ended");
        }
    }

    async fn exchange(
        &self,
        ctx: &Context,
        leases: &Leases,
        socket: &UnixStream,
    ) -> io::Result<()> {
        // This process may have been started anew: what the link side has is of runs that live.
        let mut told = HashMap::new();
        loop {
            match pass::receive(socket).await? {
                Some((
                    MeshFrame::Device {
                        binding,
                        attempt,
                        rank,
                        private,
                    },
                    Some(fd),
                )) if told.len() < MOST => {
                    told.insert(binding, attempt);
                    let fd = Arc::new(fd);
                    let device = Device {
                        attempt,
                        rank,
                        private,
                        fd,
                    };
                    self.open().entry(binding).or_insert(device);
                }
                Some((MeshFrame::Told, None)) => break,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        self.let_go(&ctx.view(), leases);
        self.tell();
        tokio::select! {
            done = self.hand_over(socket, told) => done,
            // It says nothing more: its end alone is heard.
            heard = pass::receive(socket) => match heard? {
                None => Ok(()),
                Some(_) => Err(io::ErrorKind::InvalidData.into()),
            },
        }
    }

    /// Whoever looks at a lease's books may hold them while it forgets a device: they are not asked while the devices are held.
    fn let_go(&self, view: &View, leases: &Leases) {
        let held: Vec<_> = {
            let open = self.open();
            let held = open.iter();
            held.map(|(binding, device)| (*binding, device.attempt))
                .collect()
        };
        for (binding, attempt) in held {
            if !goes_on(view, leases, &binding, attempt) {
                self.open()
                    .retain(|of, device| *of != binding || device.attempt != attempt);
            }
        }
    }

    async fn hand_over(
        &self,
        socket: &UnixStream,
        mut told: HashMap<Binding, u32>,
    ) -> io::Result<()> {
        let mut changes = self.changed.subscribe();
        loop {
            changes.borrow_and_update();
            let open = self.open().clone();
            for binding in told.keys().copied().collect::<Vec<_>>() {
                if !open.contains_key(&binding) {
                    told.remove(&binding);
                    pass::send(socket, &MeshFrame::Gone { binding }, None).await?;
                }
            }
            for (binding, device) in open {
                if told.get(&binding) == Some(&device.attempt) {
                    continue;
                }
                let message = MeshFrame::Device {
                    binding,
                    attempt: device.attempt,
                    rank: device.rank,
                    private: device.private,
                };
                pass::send(socket, &message, Some(device.fd.as_fd())).await?;
                told.insert(binding, device.attempt);
            }
            if changes.changed().await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Whether a run may go on, as far as is known. Its end may have come while this process was not there, and the kernel keeps a network for as
/// long as a device of it is open.
fn goes_on(view: &View, leases: &Leases, binding: &Binding, attempt: u32) -> bool {
    let on_board = view.board.lease(binding);
    let is_over = |lease: &Lease| {
        lease.with_books(|books| books.finished || books.sealed || books.attempt != attempt)
    };
    (!view.known || on_board.is_some_and(|lease| view.runs(lease)))
        && !leases.get(binding).is_some_and(|lease| is_over(&lease))
}

/// The lease's address, where it has a mesh.
fn address(ctx: &Context, board: &BoardLease) -> Option<Ipv4Addr> {
    let engine = &ctx.settings.engine;
    board.mesh.filter(|_| engine.has_mesh())?;
    address_of(board.rank)
}

/// Who the job is among its fellows, as PyTorch and NCCL know it. The port of the first one may be the job's own choice.
pub fn env(ctx: &Context, board: &BoardLease, spec: &JobSpec) -> Vec<(String, String)> {
    let mut env = vec![("IOG_WORLD_SIZE", board.world_size.to_string())];
    let rank = match board.rank {
        iog_job::NO_RANK => board.place,
        rank => rank,
    };
    env.push(("IOG_RANK", rank.to_string()));
    let mut master = Ipv4Addr::LOCALHOST;
    match address(ctx, board) {
        Some(address) => {
            let first = board.rank.saturating_sub(board.place);
            env.extend([
                ("IOG_ADDRESS", address.to_string()),
                ("IOG_PEERS", peers(first, board.world_size)),
                ("NCCL_SOCKET_IFNAME", DEVICE.to_string()),
                ("GLOO_SOCKET_IFNAME", DEVICE.to_string()),
            ]);
            master = address_of(0).unwrap_or(master);
        }
        // redteam mesh M6
        None => {
            let why = match ctx.settings.engine.has_mesh() {
                true => "its mesh has as many members as there may be",
                false => "the engine of this node offers none",
            };
            env.push(("IOG_NO_MESH", why.to_string()));
        }
    }
    env.push(("MASTER_ADDR", master.to_string()));
    if !spec.env.contains_key("MASTER_PORT") {
        env.push(("MASTER_PORT", MASTER_PORT.to_string()));
    }
    let own = env
        .into_iter()
        .map(|(name, value)| (name.to_string(), value));
    own.collect()
}

/// Makes the device of a run, if it has a mesh and none yet.
///
/// # Errors
/// Why it is to be tried again.
pub async fn make(lease: &Arc<Lease>, id: &RunId, spec: &JobSpec) -> Result<(), EngineError> {
    let Some((board, _)) = lease.board() else {
        return Ok(());
    };
    let Some(address) = address(&lease.ctx, &board) else {
        return Ok(());
    };
    let devices = &lease.ctx.devices;
    if devices.has(&board.binding, id.attempt) {
        return Ok(());
    }
    let (engine, run) = (Arc::clone(&lease.ctx.settings.engine), *id);
    // To its end: a device that nobody took would be in the way of the next one.
    let made = lease.to_its_end(async move { engine.mesh(&run, address, MTU).await });
    let fd = made.await.map_err(EngineError::file(DEVICE))??;
    let device = Device {
        attempt: id.attempt,
        rank: board.rank,
        private: spec.mesh.is_some_and(|mesh| mesh.private),
        fd: Arc::new(fd),
    };
    devices.put(board.binding, device);
    Ok(())
}

/// Beside a run: sees to it that it has its device. Where this process was started anew the link side has it, and gives it back.
pub async fn keep(lease: &Arc<Lease>, spec: &JobSpec) {
    let id = lease.books().run();
    let mut tries = 0_u32;
    while let Err(error) = make(lease, &id, spec).await {
        tries = tries.saturating_add(1);
        if tries == TOLD_AFTER {
            tracing::error!(run = %id, %error, "a job runs without its mesh: its device cannot be made, which is tried on");
        }
        sleep(PAUSE).await;
    }
    std::future::pending().await
}
