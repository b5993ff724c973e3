//! Folders of a node, each with the owner that writes it.

use super::user::{User, Users};
use crate::{
    config::Config,
    error::{KeeperError, Result},
};
use rustix::fs::{chmod, chown, Gid, Mode, Uid};
use std::{fs, io, path::Path};

/// Makes what is missing: the state directory is the chain side's alone, the board is written by it and read by all, the report by the job
/// side, whose socket only the link side opens besides.
///
/// # Errors
/// If a folder cannot be made or given away.
pub fn prepare(config: &Config) -> Result<()> {
    let users = User::of_node(&config.node)?;
    let dir = config.node_dir();
    let several = users != Users::default();
    if several && dir.starts_with(&config.state_dir) {
        return Err(KeeperError::Config(
            "[node]: several users share node.dir: set it to a folder outside of state_dir, which only one of them can read".into(),
        ));
    }
    if !several {
        tracing::warn!("all processes of this node are one user: take no jobs but your own (policy.own_renters)");
    }
    let root = User { uid: 0, gid: 0 };
    let jobs = users.jobs.unwrap_or(root);
    let link = users.link.unwrap_or(root);
    let shared = User {
        uid: jobs.uid,
        gid: link.gid,
    };
    for (path, owner, mode) in [
        (config.state_dir.clone(), users.chain, 0o700),
        (dir.clone(), several.then_some(root), 0o755),
        (dir.join("board"), users.chain, 0o755),
        (dir.join("report"), Some(jobs).filter(|_| several), 0o755),
        (dir.join("jobs"), Some(shared).filter(|_| several), 0o710),
        (dir.join("link"), users.link, 0o755),
    ] {
        folder(&path, owner, mode)?;
    }
    Ok(())
}

fn folder(path: &Path, owner: Option<User>, mode: u32) -> Result<()> {
    fs::create_dir_all(path).map_err(KeeperError::file(path))?;
    let refused = |error: rustix::io::Errno| KeeperError::file(path)(io::Error::from(error));
    if let Some(owner) = owner {
        let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
        chown(path, Some(uid), Some(gid)).map_err(refused)?;
    }
    chmod(path, Mode::from_raw_mode(mode)).map_err(refused)
}
