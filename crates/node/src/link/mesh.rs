//! The meshes of leases: their devices come from the job side, who is in them from the board.

use crate::{board, pass, view::View};
use iog_job::{frame, MeshFrame};
use iog_mesh::{Device, Fellow, Hub, MeshId, Part};
use std::{
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::UnixStream, sync::watch, time::sleep};

const PAUSE: Duration = Duration::from_millis(500);

/// Leases of the board that run and have a place in a mesh. redteam mesh M4
fn parts(view: &View) -> Vec<Part> {
    if view.board.stolen {
        return Vec::new();
    }
    let running = view.board.leases.iter().filter_map(|lease| {
        let mesh = lease.mesh.filter(|_| view.runs(lease))?;
        let fellows = lease.members.iter().map(|member| Fellow {
            tunnel_key: member.tunnel_key,
            rank: member.rank,
        });
        Some(Part {
            binding: lease.binding,
            tunnel_key: lease.tunnel_key,
            rank: lease.rank,
            mesh: MeshId {
                root: mesh.root,
                root_created_ts: mesh.root_created_ts,
            },
            fellows: fellows.collect(),
        })
    });
    running.collect()
}

/// Follows the board: whoever is no fellow any more is cut at once.
pub async fn follow(hub: &Hub, mut views: watch::Receiver<Arc<View>>) {
    loop {
        let parts = parts(&views.borrow_and_update());
        hub.update(parts);
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// Takes devices from the job side. Those that are here stay when it ends, and are given back to the next one.
pub async fn devices(hub: &Hub, node_dir: PathBuf) {
    loop {
        if let Err(error) = take(hub, &board::jobs_socket(&node_dir)).await {
            tracing::debug!(%error, "the connection for devices of meshes ended");
        }
        sleep(PAUSE).await;
    }
}

async fn take(hub: &Hub, path: &Path) -> io::Result<()> {
    let mut socket = UnixStream::connect(path).await?;
    frame::write(&mut socket, &"mesh").await?;
    for (device, fd) in hub.devices() {
        let message = MeshFrame::Device {
            binding: device.binding,
            attempt: device.attempt,
            rank: device.rank,
            private: device.private,
        };
        pass::send(&socket, &message, Some(fd.as_fd())).await?;
    }
    pass::send(&socket, &MeshFrame::Told, None).await?;
    while let Some((message, fd)) = pass::receive(&socket).await? {
        match (message, fd) {
            (
                MeshFrame::Device {
                    binding,
                    attempt,
                    rank,
                    private,
                },
                Some(fd),
            ) => {
                let device = Device {
                    binding,
                    attempt,
                    rank,
                    private,
                };
                hub.take(device, fd)?;
            }
            (MeshFrame::Gone { binding }, _) => hub.let_go(&binding),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(())
}
