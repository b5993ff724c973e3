//! One price from several sources, so that none of them alone makes it.

/// Sources may always differ by this part of the middle: 3 %.
const ALWAYS_BPS: u128 = 300;
/// Further off than this many times the middle distance is another market, or a lie.
const DEVIATIONS: u128 = 3;
const BPS: u128 = 10_000;

/// What one source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 10^-10 USD for one IO.
    pub price: u64,
    pub weight: u32,
}

/// What they say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combined {
    pub price: u64,
    /// How many agree.
    pub agree: usize,
    /// How many were dropped as too far off.
    pub dropped: usize,
}

/// Why there is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    #[error("{found} of {needed} sources answered with a price")]
    TooFew { found: usize, needed: usize },
    #[error("{agree} of {needed} sources agree, {dropped} are too far off")]
    TooFewAgree {
        agree: usize,
        needed: usize,
        dropped: usize,
    },
    #[error("the sources do not agree: the middle one is {bps} bps off their median")]
    Scattered { bps: u64 },
}

/// The weighted median of those that are near the weighted median of all: at most 3 % off it, or three times as far as the
/// middle one is. Where the middle one itself is more than 3 % off, nobody is believed.
pub fn combine(answers: &[Answer], needed: usize) -> Result<Combined, NoPrice> {
    let found = answers.len();
    let too_few = NoPrice::TooFew { found, needed };
    if found < needed.max(1) {
        return Err(too_few);
    }
    let middle = median(answers.iter().map(|answer| (answer.price, answer.weight)));
    let middle = middle.ok_or(too_few)?;
    let distance = |answer: &Answer| answer.price.abs_diff(middle);
    let distances = answers
        .iter()
        .map(|answer| (distance(answer), answer.weight));
    let deviation = median(distances).ok_or(too_few)?;
    let always = part(middle, ALWAYS_BPS);
    let deviation = u128::from(deviation);
    if deviation > always {
        let off = deviation.saturating_mul(BPS).checked_div(middle.into());
        let bps = off
            .and_then(|bps| u64::try_from(bps).ok())
            .unwrap_or(u64::MAX);
        return Err(NoPrice::Scattered { bps });
    }
    let limit = always.max(deviation.saturating_mul(DEVIATIONS));
    let near = |answer: &&Answer| u128::from(distance(answer)) <= limit;
    let agree = answers.iter().filter(near).count();
    let dropped = found.saturating_sub(agree);
    if agree < needed {
        return Err(NoPrice::TooFewAgree {
            agree,
            needed,
            dropped,
        });
    }
    let kept = answers.iter().filter(near);
    let price = median(kept.map(|answer| (answer.price, answer.weight)));
    Ok(Combined {
        price: price.ok_or(too_few)?,
        agree,
        dropped,
    })
}

fn part(whole: u64, bps: u128) -> u128 {
    let product = u128::from(whole).saturating_mul(bps);
    product.checked_div(BPS).unwrap_or(0)
}

/// The value with half of the weight on either side; where the halves meet between two, the mean of these, rounded down.
fn median(values: impl Iterator<Item = (u64, u32)>) -> Option<u64> {
    let mut values: Vec<(u64, u32)> = values.collect();
    values.sort_unstable();
    let total: u64 = values.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut below = 0u64;
    let mut lower = None;
    for (value, weight) in values {
        if let Some(lower) = lower {
            return Some(mean(lower, value));
        }
        below = below.saturating_add(weight.into());
        match below.saturating_mul(2).cmp(&total) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => lower = Some(value),
            std::cmp::Ordering::Greater => return Some(value),
        }
    }
    lower
}

fn mean(low: u64, high: u64) -> u64 {
    low.midpoint(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(prices: &[u64]) -> Vec<Answer> {
        let answer = |price: &u64| Answer {
            price: *price,
            weight: 1,
        };
        prices.iter().map(answer).collect()
    }

    fn price(prices: &[u64], needed: usize) -> Result<u64, NoPrice> {
        combine(&answers(prices), needed).map(|combined| combined.price)
    }

    #[test]
    fn the_middle_counts() {
        assert_eq!(price(&[100, 101, 102], 3), Ok(101));
        assert_eq!(price(&[1_000, 1_003], 2), Ok(1_001));
        assert_eq!(price(&[7], 1), Ok(7));
        let weights = [(1_000, 1), (1_010, 1), (1_020, 3)];
        let weighted = weights.map(|(price, weight)| Answer { price, weight });
        assert_eq!(combine(&weighted, 3).unwrap().price, 1_020);
        assert_eq!(price(&[u64::MAX - 1, u64::MAX], 2), Ok(u64::MAX - 1));
    }

    #[test]
    fn outliers_are_dropped_and_missed() {
        let combined = combine(&answers(&[1_000, 1_001, 1_002, 5_000]), 3).unwrap();
        let expected = Combined {
            price: 1_001,
            agree: 3,
            dropped: 1,
        };
        assert_eq!(combined, expected);
        let missed = NoPrice::TooFewAgree {
            agree: 3,
            needed: 4,
            dropped: 1,
        };
        assert_eq!(price(&[1_000, 1_001, 1_002, 5_000], 4), Err(missed));
        // 3 % are never an outlier; 3.1 % are, where the others are near each other.
        assert_eq!(
            combine(&answers(&[1_000, 1_000, 1_030]), 3)
                .unwrap()
                .dropped,
            0
        );
        assert_eq!(
            combine(&answers(&[1_000, 1_000, 1_031]), 2)
                .unwrap()
                .dropped,
            1
        );
        // Where they are not, up to three times as far as the middle one.
        assert_eq!(
            combine(&answers(&[980, 1_000, 1_020, 1_059]), 4)
                .unwrap()
                .dropped,
            0
        );
        assert_eq!(
            combine(&answers(&[980, 1_000, 1_020, 1_071]), 3)
                .unwrap()
                .dropped,
            1
        );
    }

    #[test]
    fn who_does_not_agree_says_nothing() {
        let few = NoPrice::TooFew {
            found: 2,
            needed: 3,
        };
        assert_eq!(price(&[1, 1], 3), Err(few));
        assert_eq!(
            price(&[], 0).unwrap_err(),
            NoPrice::TooFew {
                found: 0,
                needed: 0
            }
        );
        // Two that are far apart: neither is better than the other.
        assert_eq!(
            price(&[1_000, 2_000], 2),
            Err(NoPrice::Scattered { bps: 3_333 })
        );
        assert_eq!(
            price(&[1_000, 1_100, 1_200], 3),
            Err(NoPrice::Scattered { bps: 909 })
        );
    }

    /// redteam P1
    #[test]
    fn a_minority_of_liars_stays_within_the_honest() {
        let honest = [1_000, 1_004, 1_010];
        for lie in [1, 500, 969, 985, 1_002, 1_020, 1_045, 2_000, u64::MAX] {
            for second in [1, 1_002, 1_029, u64::MAX] {
                let mut all = honest.to_vec();
                all.extend([lie, second]);
                let told = price(&all, 3).unwrap();
                assert!((1_000..=1_010).contains(&told), "{lie} {second}: {told}");
            }
        }
    }
}
