//! Cards between two leases: the next renter's job starts on none that still holds what the last one left. Whatever runs the jobs. redteam J7

use super::context::Context;
use iog_job::{wire::CardFacts, Binding};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What the cards' driver does for the job side. Cards are called as the board calls them: by UUID, PCI address or number. All of it may block.
pub trait CardKeeper: Send + Sync {
    /// What the driver tells of these cards now; those that are gone are left out.
    fn facts(&self, cards: &[String]) -> Vec<CardFacts>;

    /// The UUID of a card.
    fn uuid(&self, card: &str) -> Option<String>;

    /// Faults and heat of these cards that came after the event of this number, and the newest number. redteam J11
    fn events(&self, cards: &[String], after: u64) -> (Vec<String>, u64);

    /// Makes a card as it was before anybody had it: no process holds it, its memory is overwritten, clocks, power and modes are the machine's.
    /// Waits for a while for what is about to end.
    ///
    /// # Errors
    /// Why it does not come back.
    fn restore(&self, card: &str) -> Result<(), String>;
}

/// Which cards may be given to a job.
#[derive(Default)]
pub struct Between(Mutex<State>);

#[derive(Default)]
struct State {
    /// Restored, and nobody had them since.
    clean: BTreeSet<String>,
    restoring: BTreeSet<String>,
    /// They did not come back, and why.
    drained: BTreeMap<String, String>,
}

/// Events of one status at most.
const EVENTS: usize = 64;

/// Which events of its cards each lease was told. redteam J11
pub struct Told {
    keeper: Option<Arc<dyn CardKeeper>>,
    numbers: Mutex<HashMap<Binding, u64>>,
}

impl Told {
    pub fn new(keeper: Option<Arc<dyn CardKeeper>>) -> Self {
        Self {
            keeper,
            numbers: Mutex::default(),
        }
    }

    /// What is new for a lease. What happened before it asked first is not its own.
    pub fn new_of(&self, binding: &Binding, cards: &[String]) -> Vec<String> {
        let Some(keeper) = &self.keeper else {
            return Vec::new();
        };
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let after = numbers.get(binding).copied();
        let (mut events, newest) = keeper.events(cards, after.unwrap_or(u64::MAX));
        numbers.insert(*binding, newest);
        // A status is a frame of bounded size; the newest say most.
        let old = events.len().saturating_sub(EVENTS);
        events.drain(..old);
        events
    }

    pub fn forget(&self, binding: &Binding) {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.remove(binding);
    }
}

impl Between {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// Whether a job may start on these cards. Those that nobody has restored are restored now, beside the caller: it asks again when
    /// anything changes. The caller holds them.
    pub fn are_clean(self: &Arc<Self>, cards: &[String]) -> bool {
        let Some(keeper) = &self.settings.card_keeper else {
            return true;
        };
        let mut state = self.between.state();
        let dirty: Vec<String> = cards
            .iter()
            .filter(|card| !state.clean.contains(*card))
            .cloned()
            .collect();
        for card in &dirty {
            if state.drained.contains_key(card) || !state.restoring.insert(card.clone()) {
                continue;
            }
            let (ctx, keeper, card) = (Arc::clone(self), Arc::clone(keeper), card.clone());
            tokio::task::spawn_blocking(move || {
                let restored = keeper.restore(&card);
                let mut state = ctx.between.state();
                state.restoring.remove(&card);
                match restored {
                    Ok(()) => {
                        state.clean.insert(card);
                    }
                    Err(reason) => {
                        tracing::error!(
                            card,
                            reason,
                            "the card does not come back after a lease: nothing starts on it"
                        );
                        state.drained.insert(card, reason);
                    }
                }
                drop(state);
                ctx.tell();
            });
        }
        dirty.is_empty()
    }

    /// Why one of these cards is given to nobody. Asking lets it be tried once more.
    pub fn drained(&self, cards: &[String]) -> Option<String> {
        let mut state = self.between.state();
        let (card, reason) = cards
            .iter()
            .find_map(|card| state.drained.remove_entry(card))?;
        Some(format!("{card}: {reason}"))
    }

    /// A job that outlived the job side has these cards: they are not made ready for another.
    pub fn has(&self, cards: &[String]) {
        self.between.state().clean.extend(cards.iter().cloned());
    }

    /// A lease had these cards.
    pub fn had(&self, cards: &[String]) {
        let mut state = self.between.state();
        for card in cards {
            state.clean.remove(card);
        }
    }
}
