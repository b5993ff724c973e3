//! Who has a lease's cards: its job, a check of its renter, or nobody. redteam S5

use super::lease::Lease;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct CardUse(Mutex<Users>);

#[derive(Default)]
struct Users {
    /// It runs, or is about to.
    job: bool,
    /// One runs, beside a job or instead of it.
    check: Option<Beside>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Job,
    Nothing,
}

impl CardUse {
    fn users(&self) -> MutexGuard<'_, Users> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False while a check has all of them.
    pub fn take_for_job(&self) -> bool {
        let mut users = self.users();
        let free = users.check != Some(Beside::Nothing);
        users.job |= free;
        free
    }

    /// A job that ran before the job side was started anew has them already.
    pub fn job_has(&self, has: bool) {
        self.users().job = has;
    }
}

/// The right to check a lease's cards: one at a time.
pub struct Checking(Arc<Lease>);

impl Checking {
    /// # Errors
    /// Who has them.
    pub fn begin(lease: &Arc<Lease>, beside: Beside) -> Result<Self, &'static str> {
        let mut users = lease.card_use.users();
        if users.check.is_some() {
            return Err("the cards are being checked already");
        }
        if users.job && beside == Beside::Nothing {
            return Err("the job has the cards: check with a table of 1 GiB");
        }
        users.check = Some(beside);
        Ok(Self(Arc::clone(lease)))
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.0.card_use.users().check = None;
        self.0.tell();
    }
}
