//! Who may walk where: a card, or the processor, carries one walk at a time. Two would both be late.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What walks. A walk takes its places in this order, whoever else wants some of them: so none waits for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// By the number that the backend has for it, whatever the configuration calls it.
    Card(usize),
    Cpu,
}

#[derive(Clone, Default)]
pub(super) struct Locks(Arc<Mutex<BTreeMap<Place, Arc<Semaphore>>>>);

impl Locks {
    /// Returns when nobody else has any of these places.
    pub(super) async fn take(&self, places: &BTreeSet<Place>) -> Vec<OwnedSemaphorePermit> {
        let mut permits = Vec::new();
        for place in places {
            let semaphore = {
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let one = || Arc::new(Semaphore::new(1));
                all.entry(*place).or_insert_with(one).clone()
            };
            // Nobody closes them, so each is had in its turn.
            permits.extend(semaphore.acquire_owned().await);
        }
        permits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn walks_of_other_cards_do_not_wait_for_each_other() {
        let locks = Locks::default();
        let card = |numbers: &[usize]| numbers.iter().map(|n| Place::Card(*n)).collect();
        let first = locks.take(&card(&[0, 1])).await;
        let second = locks.take(&card(&[2, 3])).await;
        let both = card(&[1, 2]);
        let mut third = Box::pin(locks.take(&both));
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        assert_eq!(third.await.len(), 2);
    }
}
