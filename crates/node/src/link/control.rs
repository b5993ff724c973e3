//! Signs what the job side found, of leases on the board and of nothing else.

use crate::{board, view::View};
use ed25519_dalek::{Signer, SigningKey};
use iog_job::{
    frame::{self, MAX_FRAME},
    wire::Control,
    Binding, HostKey, Key, Signed, Statement, Status, STATEMENT_PREFIX,
};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tokio::{net::UnixStream, sync::watch, time::sleep};

const PAUSE: Duration = Duration::from_millis(500);

/// Keeps one control connection to the job side.
pub async fn run(
    node_dir: &Path,
    seeds: &BTreeMap<Key, [u8; 32]>,
    views: watch::Receiver<Arc<View>>,
) {
    let path = board::jobs_socket(node_dir);
    loop {
        if let Ok(mut socket) = UnixStream::connect(&path).await {
            if let Err(error) = serve(&mut socket, seeds, &views).await {
                tracing::debug!(%error, "the control connection ended");
            }
        }
        sleep(PAUSE).await;
    }
}

async fn serve(
    socket: &mut UnixStream,
    seeds: &BTreeMap<Key, [u8; 32]>,
    views: &watch::Receiver<Arc<View>>,
) -> std::io::Result<()> {
    frame::write(socket, &"control").await?;
    while let Some(asked) = frame::read::<Control, _>(socket, MAX_FRAME).await? {
        let Control::Sign { lease, message } = asked else {
            return Err(std::io::ErrorKind::InvalidData.into());
        };
        let view = Arc::clone(&views.borrow());
        let answer = match sign(&view, seeds, &lease, &message) {
            Ok(signed) => Control::Signed(signed),
            Err(why) => Control::NotSigned(why.to_string()),
        };
        frame::write(socket, &answer).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Envelope {
    binding: Binding,
}

/// Statements of a status or a host key, of the lease as it is on the board. Never anything else: redteam L7.
fn sign(
    view: &View,
    seeds: &BTreeMap<Key, [u8; 32]>,
    lease: &Key,
    message: &str,
) -> Result<Signed, &'static str> {
    let bytes = hex::decode(message).map_err(|_| "not hexadecimal")?;
    let rest = bytes.strip_prefix(STATEMENT_PREFIX);
    let rest = rest.ok_or("not a statement")?;
    let of = |purpose: &str, version: u8| {
        rest.strip_prefix([purpose.as_bytes(), &[0, version]].concat().as_slice())
    };
    let text = of(Status::PURPOSE, Status::VERSION)
        .or_else(|| of(HostKey::PURPOSE, HostKey::VERSION))
        .ok_or("not a statement of the job side's")?;
    let envelope: Envelope = serde_json::from_slice(text).map_err(|_| "of no lease")?;
    let on_board = view.board.lease(&envelope.binding);
    let on_board = on_board.filter(|found| found.binding.lease == *lease);
    let found = on_board.ok_or("of a lease that is not on the board")?;
    let seed = seeds
        .get(&found.tunnel_key)
        .ok_or("of another's tunnel key")?;
    let signature = SigningKey::from_bytes(seed).sign(&bytes);
    Ok(Signed::new(&bytes, &signature.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Board, BoardLease, Stage};
    use iog_job::{Hash, Phase};
    use std::time::Instant;

    fn lease(tunnel_key: Key) -> BoardLease {
        BoardLease {
            binding: Binding {
                genesis: Key([1; 32]),
                program: Key([2; 32]),
                order: Key([3; 32]),
                created_ts: 4,
                lease: Key([5; 32]),
                matched_ts: 6,
                device: Key([7; 32]),
            },
            stage: Stage::Running,
            renter: Key([8; 32]),
            engineer_key: Key([9; 32]),
            receipt_key: Key::default(),
            tunnel_key,
            place: 0,
            rank: 0,
            world_size: 1,
            mesh: None,
            joins: Vec::new(),
            gpus: 1,
            image_hash: Hash::default(),
            command_hash: Hash::default(),
            cards: Vec::new(),
            cards_free: true,
            started_ts: 10,
            ends_ts: 100,
            keep_until_ts: 0,
            members: Vec::new(),
        }
    }

    /// redteam L7, J1: the tunnel key signs statuses and host keys of leases on the board; no transaction, no other lease, no ticket.
    #[test]
    fn signs_nothing_but_statements_of_its_leases() {
        let seed = [7; 32];
        let key = SigningKey::from_bytes(&seed);
        let public = Key(key.verifying_key().to_bytes());
        let seeds = BTreeMap::from([(public, seed)]);
        let lease = lease(public);
        let board = Board {
            now: 50,
            leases: vec![lease.clone()],
            ..Board::default()
        };
        let view = View::default().next(board, Instant::now());
        let status = Status {
            run: lease.binding.run(0),
            number: 1,
            previous: Hash::default(),
            ts: 50,
            phase: Phase::Stopped,
            events: Vec::new(),
        };
        let sign = |lease: &Key, message: &[u8]| sign(&view, &seeds, lease, &hex::encode(message));
        let message = Signed::message_of(&lease.binding, &status).unwrap();
        let signed = sign(&lease.binding.lease, &message).unwrap();
        let (binding, opened) = signed.open::<Status>(&public).unwrap();
        assert_eq!((binding, opened), (lease.binding, status.clone()));
        let mut other = lease.binding;
        other.matched_ts = 7;
        let of_other = Signed::message_of(&other, &status).unwrap();
        assert_eq!(
            sign(&other.lease, &of_other),
            Err("of a lease that is not on the board")
        );
        assert_eq!(
            sign(&Key([6; 32]), &message),
            Err("of a lease that is not on the board")
        );
        assert_eq!(
            sign(&lease.binding.lease, &[1, 0, 0]),
            Err("not a statement")
        );
        let ticket = [STATEMENT_PREFIX, b"ticket\0\x01".as_slice(), &[0; 64]].concat();
        assert_eq!(
            sign(&lease.binding.lease, &ticket),
            Err("not a statement of the job side's")
        );
        let none = BTreeMap::new();
        assert_eq!(
            super::sign(&view, &none, &lease.binding.lease, &hex::encode(&message)),
            Err("of another's tunnel key")
        );
    }
}
