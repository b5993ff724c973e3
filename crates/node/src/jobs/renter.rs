//! Whether the renter's machine sends: only where it is away or silent are its mirrors asked. redteam V2

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What the renter's machine does for one lease.
#[derive(Clone, Debug)]
pub struct Renter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Streams that wait for what the job needs.
    listens: u32,
    /// Streams that bring it.
    sends: u32,
    silent_since: Instant,
}

impl Default for Renter {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            listens: 0,
            sends: 0,
            silent_since: Instant::now(),
        })))
    }
}

impl Renter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has sent the job and waits for what else is needed.
    pub fn listens(&self) -> There {
        let mut state = self.state();
        state.listens = state.listens.saturating_add(1);
        state.silent_since = Instant::now();
        drop(state);
        There(self.clone(), false)
    }

    /// It sends an input.
    pub fn sends(&self) -> There {
        let mut state = self.state();
        state.sends = state.sends.saturating_add(1);
        drop(state);
        There(self.clone(), true)
    }

    /// Whether it is away, or has sent nothing for so long.
    pub fn is_silent(&self, patience: Duration) -> bool {
        let state = self.state();
        state.sends == 0 && (state.listens == 0 || state.silent_since.elapsed() >= patience)
    }
}

/// One of its streams.
pub struct There(Renter, bool);

impl Drop for There {
    fn drop(&mut self) {
        let mut state = self.0.state();
        match self.1 {
            true => {
                state.sends = state.sends.saturating_sub(1);
                state.silent_since = Instant::now();
            }
            false => state.listens = state.listens.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam V2: the renter's machine first.
    #[test]
    fn who_sends_is_not_silent() {
        let (none, long) = (Duration::ZERO, Duration::from_secs(3_600));
        let renter = Renter::default();
        assert!(renter.is_silent(long), "nobody is there");
        let listens = renter.listens();
        assert!(!renter.is_silent(long));
        assert!(renter.is_silent(none));
        let sends = renter.sends();
        assert!(!renter.is_silent(none));
        drop(sends);
        assert!(!renter.is_silent(long));
        drop(listens);
        assert!(renter.is_silent(long));
    }
}
