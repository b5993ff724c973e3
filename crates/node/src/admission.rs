//! Who may ask for what of which lease. Both sides ask it: the link side before it hands a stream on, the job side before it acts. redteam J1

use crate::{
    board::{BoardLease, Stage},
    view::View,
};
use iog_job::{
    wire::{Forwarded, Refusal, Verb},
    Key,
};

/// A refusal and its words for the opener.
pub type Refused = (Refusal, &'static str);

/// Whether somebody with this engineer key has a lease that is served under this tunnel key.
pub fn admits(view: &View, engineer: &Key, tunnel_key: &Key) -> bool {
    let leases = view.board.leases.iter();
    !view.board.stolen
        && !engineer.is_none()
        && leases
            .filter(|lease| lease.engineer_key == *engineer && lease.tunnel_key == *tunnel_key)
            .any(|lease| view.lease(&lease.binding).is_some())
}

/// Whether this tunnel key is that of a fellow of a running lease that is served under the other: admitted to their mesh alone. redteam mesh M4
pub fn admits_member(view: &View, peer: &Key, tunnel_key: &Key) -> bool {
    let leases = view.board.leases.iter();
    let ours = leases.filter(|lease| lease.tunnel_key == *tunnel_key && lease.mesh.is_some());
    let mut of_peer = ours.filter(|lease| {
        let mut members = lease.members.iter();
        members.any(|member| member.tunnel_key == *peer)
    });
    !view.board.stolen && of_peer.any(|lease| view.runs(lease))
}

/// The lease that a stream is for, if it may be opened. `tunnel_key`: the endpoint that it came by, where that is known. redteam S2
///
/// # Errors
/// Why not.
pub fn allows<'a>(
    view: &'a View,
    asked: &Forwarded,
    tunnel_key: Option<&Key>,
) -> Result<(&'a BoardLease, Stage), Refused> {
    if view.board.stolen {
        return Err((
            Refusal::Unavailable,
            "the node has stopped: its key is used elsewhere",
        ));
    }
    let hello = &asked.hello;
    let Some((lease, stage)) = view.lease(&hello.binding) else {
        let same = |lease: &&BoardLease| lease.binding.lease == hello.binding.lease;
        return Err(match view.board.leases.iter().find(same) {
            Some(lease) if lease.engineer_key == asked.engineer => {
                (Refusal::WrongBinding, "another network, match or device")
            }
            _ => (Refusal::NotYours, "no such lease of yours"),
        });
    };
    if lease.engineer_key.is_none() || lease.engineer_key != asked.engineer {
        return Err((Refusal::NotYours, "no such lease of yours"));
    }
    if tunnel_key.is_some_and(|key| *key != lease.tunnel_key) {
        return Err((
            Refusal::WrongBinding,
            "the lease is served under another tunnel key",
        ));
    }
    let ticket = asked.ticket.as_ref();
    if ticket.is_some_and(|verbs| !verbs.iter().any(|verb| verb == hello.verb.name())) {
        return Err((Refusal::NotAllowed, "the ticket does not allow it"));
    }
    if ticket.is_some() && matches!(hello.verb, Verb::Join(_)) {
        return Err((
            Refusal::NotAllowed,
            "only the order's own engineer key joins orders, and no ticket",
        ));
    }
    match stage {
        Stage::Running => Ok((lease, stage)),
        Stage::Matched | Stage::Accepted if matches!(hello.verb, Verb::Offer(_)) => {
            Ok((lease, stage))
        }
        Stage::Matched | Stage::Accepted => Err((Refusal::NotStarted, "the order has not started")),
        Stage::Kept if hello.verb.reads_what_is_kept() => Ok((lease, stage)),
        Stage::Kept => Err((Refusal::Over, "the lease is over")),
    }
}
