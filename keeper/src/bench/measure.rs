//! Times of filling, walking and reading.

use super::PowArgs;
use iog_pow::{
    walk::{draw, panels},
    Chain, Engine, Progress, ProverError, Shape, Walker,
};
use iog_pow_gpu::{AnyProver, CardInfo, CardName};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Bytes of a panel: 32 rows of 512.
pub(super) const PANEL_BYTES: u64 = 32 * 512;
/// Bytes that a tile reads: two panels.
pub(super) const TILE_BYTES: u64 = 2 * PANEL_BYTES;
/// Reading is measured for at least this long: a small table is read many times.
const READ: Duration = Duration::from_millis(500);
/// Panels of a call of the smallest waves: it should not measure the call.
const LEAST_PANELS: u32 = 1 << 12;

/// An amount and the microseconds that it took.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    pub(super) amount: u64,
    pub(super) micros: u64,
}

impl Timed {
    fn new(amount: u64, took: Duration) -> Self {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        Self { amount, micros }
    }

    /// Rounded down.
    pub(super) fn per_second(self) -> u64 {
        let scaled = u128::from(self.amount).saturating_mul(1_000_000);
        let rate = scaled
            .checked_div(u128::from(self.micros.max(1)))
            .unwrap_or(0);
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// Milliseconds of another amount at the same rate, rounded up.
    pub(super) fn millis_of(self, amount: u64) -> u64 {
        let micros = u128::from(amount).saturating_mul(u128::from(self.micros));
        let millis = micros.div_ceil(u128::from(self.amount.max(1)).saturating_mul(1_000));
        u64::try_from(millis).unwrap_or(u64::MAX)
    }
}

/// How fast one card reads while the others read too.
pub(super) struct Reading {
    /// Its table from end to end.
    pub(super) stream: Timed,
    /// Panels at random, as a wave draws them.
    pub(super) gather: Timed,
}

pub(super) struct Measured {
    pub(super) cards: Vec<(CardInfo, Reading)>,
    /// Making the kernels ready, which is done before the hour's window opens.
    pub(super) ready: Timed,
    /// Bytes of one table; all are filled side by side.
    pub(super) fill: Timed,
    /// Waves of all cards together.
    pub(super) walk: Timed,
    /// Panels that a wave of the class draws from a card's table, each counted once.
    pub(super) distinct: u64,
}

pub(super) fn measure(args: &PowArgs, class: Shape) -> Result<Measured, ProverError> {
    let shape = limited(args, class)?;
    let (seed, settings) = ([0; 32], args.settings());
    let began = Instant::now();
    let numbers = settings.numbers(&args.card, shape.cards())?;
    let there = settings.cards()?;
    let names: Vec<CardName> = numbers.iter().map(|card| CardName::Number(*card)).collect();
    let engines = settings.engines(seed, shape, &names)?;
    let ready = Timed::new(1, began.elapsed());

    let limit = Duration::from_secs(args.seconds);
    let (mut walker, clock) = watched(Walker::over(engines, seed, shape), limit);
    let began = Instant::now();
    match walker.commit() {
        // Told to stop by the clock: a part is measured.
        Ok(_) | Err(ProverError::GivenUp) => {}
        Err(error) => return Err(error),
    }
    let clock = *held(&clock);
    let readings = read(&mut walker)?;
    // Of the CPU, whose cards are all the one that is there.
    let info = |number: &usize| {
        let found = there.iter().find(|card| card.number == *number);
        found.or(there.first()).cloned()
    };
    let cards = numbers.iter().filter_map(info).zip(readings).collect();
    Ok(Measured {
        cards,
        ready,
        fill: Timed::new(shape.table_len(), clock.filled.duration_since(began)),
        walk: Timed::new(
            clock.waves.into(),
            clock.walked.duration_since(clock.filled),
        ),
        distinct: distinct(&seed, &class),
    })
}

/// The class's shape with as many rows as --table-mib allows.
fn limited(args: &PowArgs, class: Shape) -> Result<Shape, ProverError> {
    // 2,048 rows are a MiB.
    let most = args.table_mib.map(|mib| mib.max(1).saturating_mul(2_048));
    let rows = most.unwrap_or(u32::MAX).min(class.rows());
    // Rows of a class and of whole MiB are multiples of 32; only a saturated product is not, and is never the lesser.
    Shape::new(rows, class.tiles(), class.waves(), class.cards())
        .map_err(|_| ProverError::OutOfRange)
}

/// When the tables were full, and how far the walk was at its last word.
#[derive(Clone, Copy)]
struct Clock {
    filled: Instant,
    walked: Instant,
    waves: u32,
}

impl Clock {
    fn hear(&mut self, progress: Progress) {
        match progress {
            Progress::Filled { .. } => self.filled = Instant::now(),
            Progress::Walked { waves, .. } => (self.waves, self.walked) = (waves, Instant::now()),
        }
    }

    /// At least one word of the walk is waited for, or there is nothing to tell.
    fn is_over(&self, limit: Duration) -> bool {
        self.waves > 0 && self.filled.elapsed() >= limit
    }
}

fn watched(walker: AnyProver, limit: Duration) -> (AnyProver, Arc<Mutex<Clock>>) {
    let now = Instant::now();
    let clock = Arc::new(Mutex::new(Clock {
        filled: now,
        walked: now,
        waves: 0,
    }));
    let (hearing, asked) = (Arc::clone(&clock), Arc::clone(&clock));
    let walker = walker
        .on_progress(move |progress| held(&hearing).hear(progress))
        .unless(move || held(&asked).is_over(limit));
    (walker, clock)
}

fn held(clock: &Mutex<Clock>) -> MutexGuard<'_, Clock> {
    clock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All cards at once, first from end to end and then at random: they may share a bus or the power.
fn read(walker: &mut AnyProver) -> Result<Vec<Reading>, ProverError> {
    let panels = walker.shape().tiles().saturating_mul(2).max(LEAST_PANELS);
    let streams = side_by_side(walker, |engine| timed(|| engine.read()))?;
    let gathers = side_by_side(walker, |engine| timed(|| engine.gather(panels)))?;
    let both = streams.into_iter().zip(gathers);
    Ok(both
        .map(|(stream, gather)| Reading { stream, gather })
        .collect())
}

fn side_by_side(
    walker: &mut AnyProver,
    read: impl Fn(&mut dyn Engine) -> Result<Timed, ProverError> + Sync,
) -> Result<Vec<Timed>, ProverError> {
    let read = &read;
    thread::scope(|scope| {
        let reading: Vec<_> = walker
            .engines_mut()
            .iter_mut()
            .map(|engine| scope.spawn(move || read(engine.as_mut())))
            .collect();
        let lost = || ProverError::Device("the thread that read it ended".into());
        reading
            .into_iter()
            .map(|card| card.join().unwrap_or_else(|_| Err(lost())))
            .collect()
    })
}

fn timed(mut read: impl FnMut() -> Result<u64, ProverError>) -> Result<Timed, ProverError> {
    // The first time is not counted: it wakes caches and clocks.
    read()?;
    let began = Instant::now();
    let mut bytes = 0_u64;
    while bytes == 0 || began.elapsed() < READ {
        bytes = bytes.saturating_add(read()?);
    }
    Ok(Timed::new(bytes, began.elapsed()))
}

/// Panels that the first wave draws for the first card, each counted once: what crosses the bus if a prover could sort the wave's
/// tiles so that no panel is read twice.
fn distinct(seed: &[u8; 32], class: &Shape) -> u64 {
    let key = Chain::new(*seed, class).key();
    let mut drawn: Vec<u32> = (0..class.tiles())
        .flat_map(|tile| {
            let (a, b) = panels(&draw(&key, 0, tile), class);
            [a, b]
        })
        .collect();
    drawn.sort_unstable();
    drawn.dedup();
    u64::try_from(drawn.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_down_and_projections_up() {
        let timed = Timed {
            amount: 10,
            micros: 3_000_000,
        };
        assert_eq!(timed.per_second(), 3);
        assert_eq!(timed.millis_of(10), 3_000);
        assert_eq!(timed.millis_of(1), 300);
        assert_eq!(timed.millis_of(7), 2_100);
        let odd = Timed {
            amount: 3,
            micros: 1_000,
        };
        assert_eq!(odd.millis_of(1), 1, "a third of a millisecond");
    }

    /// A wave of 2^16 tiles over eight times as many panels draws each 0.25 times, and so 1 - exp(-0.25) = 22.1 % of them.
    #[test]
    fn a_wave_draws_a_fifth_of_the_panels() {
        let class = Shape::new(1 << 24, 1 << 16, 1, 1).unwrap();
        let found = distinct(&[0; 32], &class);
        let panels = u64::from(class.panels());
        let share = found * 10_000 / panels;
        assert!((2_190..=2_235).contains(&share), "{share}");
    }
}
