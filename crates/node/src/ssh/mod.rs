//! The SSH server of a lease, on a stream of the link: OpenSSH, scp, sftp and rsync work unmodified. redteam S3
//!
//! Whoever reaches it has been admitted by the link, so it asks for nothing more. It forwards neither agents nor X11, and listens nowhere.

mod session;

use crate::{
    jobs::{on_disk, Lease},
    pipe::Pipe,
};
use rand::RngCore;
use russh::{
    keys::{
        ssh_key::private::{Ed25519Keypair, KeypairData},
        PrivateKey,
    },
    server::Config,
    MethodKind, MethodSet, SshId,
};
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The lease's host key; made when it is first asked for.
///
/// # Errors
/// If it cannot be kept.
pub async fn host_key(lease: &Lease) -> io::Result<PrivateKey> {
    let path = lease.store.path("ssh_host_key");
    on_disk(move || host_key_of(&path)).await
}

fn host_key_of(path: &Path) -> io::Result<PrivateKey> {
    // Two streams that ask first have the same one.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let seed = match std::fs::read(path) {
        Ok(seed) => <[u8; 32]>::try_from(seed).map_err(|_| io::ErrorKind::InvalidData)?,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {
            let mut seed = [0; 32];
            rand::rng().fill_bytes(&mut seed);
            crate::jobs::write_private(path, &seed)?;
            seed
        }
    };
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
    PrivateKey::new(pair, "").map_err(io::Error::other)
}

/// As OpenSSH writes it.
///
/// # Errors
/// None for such a key.
pub fn public_text(key: &PrivateKey) -> io::Result<String> {
    key.public_key().to_openssh().map_err(io::Error::other)
}

struct Ends(session::Tasks);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Serves one SSH connection to its end.
///
/// # Errors
/// If the stream was cut, or is not SSH.
pub async fn serve(lease: Arc<Lease>, pipe: &mut Pipe) -> io::Result<()> {
    let config = Arc::new(Config {
        server_id: SshId::Standard("SSH-2.0-iog".into()),
        methods: MethodSet::from([MethodKind::None, MethodKind::PublicKey].as_slice()),
        auth_rejection_time: Duration::ZERO,
        keys: vec![host_key(&lease).await?],
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(30)),
        ..Config::default()
    });
    let caller = pipe.hang_up()?;
    let (mut near, far) = tokio::io::duplex(64 << 10);
    let tasks = session::Tasks::default();
    let handler = session::Handler::new(lease, tasks.clone());
    let ends = Ends(tasks);
    let serves = async {
        let running = russh::server::run_stream(config, far, handler).await;
        running
            .map_err(io::Error::other)?
            .await
            .map_err(io::Error::other)
    };
    let copies = async {
        let copied = tokio::select! {
            copied = tokio::io::copy_bidirectional(pipe, &mut near) => copied,
            // Also where the server reads no more, for a command of its does not.
            () = caller.wait() => Err(io::ErrorKind::ConnectionReset.into()),
        };
        // The server sees the end and ends too, also where it waited for one of its channels.
        drop(near);
        drop(ends);
        copied.map(drop)
    };
    let (copied, served) = tokio::join!(copies, serves);
    if let Err(error) = served {
        tracing::debug!(%error, "an SSH connection ended");
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams that ask first at the same time are shown one key: another would be taken for an attack. redteam S3
    #[test]
    fn one_host_key() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("ssh_host_key");
            let ask = || public_text(&host_key_of(&path).unwrap()).unwrap();
            let keys: Vec<String> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| *key == keys[0]));
        }
    }
}
