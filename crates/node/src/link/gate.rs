//! Who is admitted, by the board.

use crate::{admission, view::View};
use iog_job::Key;
use iog_link::Gate;
use std::sync::Arc;
use tokio::sync::watch;

pub struct BoardGate {
    tunnel_key: Key,
    views: watch::Receiver<Arc<View>>,
}

impl BoardGate {
    pub fn new(tunnel_key: Key, views: watch::Receiver<Arc<View>>) -> Self {
        Self { tunnel_key, views }
    }
}

impl Gate for BoardGate {
    /// Of a lease that is served under this endpoint's key. redteam S2
    fn admits(&self, peer: &Key) -> bool {
        admission::admits(&self.views.borrow(), peer, &self.tunnel_key)
    }

    fn admits_member(&self, peer: &Key) -> bool {
        admission::admits_member(&self.views.borrow(), peer, &self.tunnel_key)
    }

    /// Counted by the link itself.
    fn refused(&self, peer: &Key, why: &'static str) {
        tracing::debug!(%peer, why, "refused");
    }

    fn now_ts(&self) -> i64 {
        self.views.borrow().now_ts()
    }
}
