//! Times of filling, walking and reading.

use super::PowArgs;
use iog_pow::{walk::wave_key, Engine, ProverError, Root, Shape, STEPS};
use std::time::{Duration, Instant};

/// Bytes that a step reads: two panels of 32 rows.
pub(super) const STEP_BYTES: u64 = 2 * 32 * 512;
/// A call that took less is followed by one of twice as many lanes.
const SHORT: Duration = Duration::from_millis(250);
const FIRST_LANES: u32 = 64;
const MOST_LANES: u32 = 1 << 16;
/// Reading is measured for at least this long: a small table is read many times.
const READ: Duration = Duration::from_millis(300);

/// An amount and the microseconds that it took.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    pub(super) amount: u64,
    pub(super) micros: u64,
}

impl Timed {
    fn since(began: Instant, amount: u64) -> Self {
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
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

pub(super) struct Measured {
    /// Bytes filled.
    pub(super) fill: Timed,
    /// Steps walked.
    pub(super) walk: Timed,
    /// Bytes read, unless the bandwidth was given.
    pub(super) read: Option<Timed>,
}

pub(super) fn measure(args: &PowArgs, class: Shape) -> Result<Measured, ProverError> {
    let shape = limited(args, class)?;
    let seed = [0; 32];
    let mut engine = args.settings().engine(seed, shape)?;
    let began = Instant::now();
    engine.fill(&mut |_| Ok(()))?;
    let fill = Timed::since(began, shape.table_len());
    let limit = Duration::from_secs(args.seconds);
    let walk = walk(engine.as_mut(), &seed, shape, limit)?;
    let read = match args.memory_bandwidth {
        Some(_) => None,
        None => Some(read(engine.as_mut())?),
    };
    Ok(Measured { fill, walk, read })
}

/// The class's shape with as many rows as --table-mib allows.
fn limited(args: &PowArgs, class: Shape) -> Result<Shape, ProverError> {
    // 2,048 rows are a MiB.
    let most = args.table_mib.map(|mib| mib.max(1).saturating_mul(2_048));
    let rows = most.unwrap_or(u32::MAX).min(class.rows());
    // Rows of a class and of whole MiB are multiples of 32; only a saturated product is not, and is never the lesser.
    Shape::new(rows, class.lanes(), class.waves()).map_err(|_| ProverError::OutOfRange)
}

/// Walks the class's waves, or as much of them as the time allows. The keys are made up: how long a wave takes does not
/// depend on what the one before came to.
fn walk(
    engine: &mut dyn Engine,
    seed: &[u8; 32],
    shape: Shape,
    limit: Duration,
) -> Result<Timed, ProverError> {
    let began = Instant::now();
    let (mut lanes, mut at_once) = (0_u64, FIRST_LANES);
    'walk: for wave in 0..shape.waves() {
        let key = wave_key(seed, wave, &Root::default());
        let mut first = 0_u32;
        while first < shape.lanes() {
            let count = at_once.min(shape.lanes().saturating_sub(first));
            let called = Instant::now();
            engine.nodes(&key, 0, first, count)?;
            lanes = lanes.saturating_add(u64::from(count));
            first = first.saturating_add(count);
            if called.elapsed() < SHORT {
                at_once = at_once.saturating_mul(2).min(MOST_LANES);
            }
            if began.elapsed() >= limit {
                break 'walk;
            }
        }
    }
    Ok(Timed::since(began, lanes.saturating_mul(u64::from(STEPS))))
}

fn read(engine: &mut dyn Engine) -> Result<Timed, ProverError> {
    // The first time is not counted: it wakes caches and clocks.
    engine.read()?;
    let began = Instant::now();
    let mut bytes = 0_u64;
    while bytes == 0 || began.elapsed() < READ {
        bytes = bytes.saturating_add(engine.read()?);
    }
    Ok(Timed::since(began, bytes))
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
}
