//! Which devices an order gets: the same answer on every machine, for the same candidates.

use crate::{
    units::{mul_div_floor, BPS},
    MathError, Result,
};
use core::cmp::Ordering;

/// What an order is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Anything.
    #[default]
    General = 0,
    /// Training: long, and moves a lot of data.
    Train = 1,
    /// Inference: answers somebody who waits.
    Inference = 2,
}

/// What an order of a kind asks for where its renter names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Least connectivity tier.
    pub min_tier: u8,
    /// Least reputation.
    pub min_reputation_bps: u16,
}

impl TryFrom<u8> for Kind {
    type Error = MathError;

    fn try_from(kind: u8) -> Result<Self> {
        match kind {
            0 => Ok(Self::General),
            1 => Ok(Self::Train),
            2 => Ok(Self::Inference),
            _ => Err(MathError::OutOfRange),
        }
    }
}

impl Kind {
    /// What the kind asks for. Training fetches data sets and stores checkpoints, which takes a High line, and can resume from a checkpoint on
    /// another device: one that was never tried will do. Inference sends little, for which Medium is enough, but whoever waits notices every
    /// gap: 6,000 takes four served hours without a fault.
    pub const fn defaults(self) -> Defaults {
        let (min_tier, min_reputation_bps) = match self {
            Self::General => (0, 0),
            Self::Train => (3, 5_000),
            Self::Inference => (2, 6_000),
        };
        Defaults {
            min_tier,
            min_reputation_bps,
        }
    }

    /// How much each part of the score weighs, in hundredths. Price has more than half of them everywhere: from free to the limit it
    /// outweighs all else together. Training looks at the line next, inference at the way to its users and at the record.
    const fn weights(self) -> Weights {
        let [price, tier, location, reputation, idle] = match self {
            Self::General => [60, 8, 8, 14, 10],
            Self::Train => [52, 24, 4, 12, 8],
            Self::Inference => [52, 6, 18, 18, 6],
        };
        Weights {
            price,
            tier,
            location,
            reputation,
            idle,
        }
    }
}

struct Weights {
    price: u64,
    tier: u64,
    location: u64,
    reputation: u64,
    idle: u64,
}

/// Part of the score that one connectivity tier makes: four make a whole.
const PER_TIER_BPS: u64 = 2_500;
/// Idle time that makes a whole: a week. What waited longer is as good as that.
const IDLE_WHOLE_SECS: u64 = 604_800;

/// A device that could be hired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address, which no other candidate has.
    pub device: [u8; 32],
    /// GPUs, hired all together.
    pub gpus: u32,
    /// What the lease would be paid per GPU-hour, in millionths of a dollar. Not what its owner asks, which only says whether it may serve:
    /// ranked by that, asking for nothing would win and be paid the same.
    pub price_usd6: u64,
    /// Connectivity tier, 0 to 4.
    pub tier: u8,
    /// ISO 3166-1 alpha-2 code.
    pub country: [u8; 2],
    /// As [`crate::reputation::reputation_bps`] has it.
    pub reputation_bps: u16,
    /// Seconds since it was hired last, or came up.
    pub idle_secs: u64,
}

/// What a part of an order still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// GPUs still missing.
    pub gpus: u32,
    /// Exactly so many GPUs on each machine; 0 for any.
    pub per_machine: u32,
    /// The part's price of a GPU-hour, in millionths of a dollar.
    pub max_price_usd6: u64,
    /// Least connectivity tier.
    pub min_tier: u8,
    /// Least reputation.
    pub min_reputation_bps: u16,
    /// Where the devices should stand, all else being equal.
    pub preferred_country: Option<[u8; 2]>,
    /// What the order is for.
    pub kind: Kind,
}

/// How well a candidate serves, up to 1,000,000, or `None` where it may not: too dear, too slow, too little trusted, with more GPUs than
/// are missing, or with another number than each machine must have.
///
/// The sum of five parts of up to 10,000, weighed by the order's kind: what it saves of the part's price, its tier, whether
/// it stands in the preferred country, its reputation, and how long it has waited.
pub fn score(wanted: &Wanted, candidate: &Candidate) -> Option<u64> {
    let eligible = (1..=wanted.gpus).contains(&candidate.gpus)
        && (wanted.per_machine == 0 || candidate.gpus == wanted.per_machine)
        && candidate.tier >= wanted.min_tier
        && candidate.reputation_bps >= wanted.min_reputation_bps;
    if !eligible {
        return None;
    }
    let saved = wanted.max_price_usd6.checked_sub(candidate.price_usd6)?;
    // floor: nothing is saved before it is; the divisor is 0 only where the price is, too
    let price = mul_div_floor(saved, BPS, wanted.max_price_usd6.max(1)).ok()?;
    let tier = u64::from(candidate.tier).saturating_mul(PER_TIER_BPS);
    let preferred = wanted.preferred_country == Some(candidate.country);
    let location = if preferred { BPS } else { 0 };
    // floor: waiting counts when it is over
    let idle = candidate
        .idle_secs
        .min(IDLE_WHOLE_SECS)
        .saturating_mul(BPS)
        .checked_div(IDLE_WHOLE_SECS)?;
    let weights = wanted.kind.weights();
    [
        (weights.price, price),
        (weights.tier, tier),
        (weights.location, location),
        (weights.reputation, u64::from(candidate.reputation_bps)),
        (weights.idle, idle),
    ]
    .iter()
    .try_fold(0_u64, |sum, (weight, part)| {
        weight
            .checked_mul((*part).min(BPS))
            .and_then(|points| sum.checked_add(points))
    })
}

/// Sorts the eligible candidates to the front, the best first, and says how many there are.
///
/// Of equal scores the one with more GPUs is first, which makes for fewer devices, and then the lower address: the order does not depend
/// on the one that they came in.
pub fn rank(wanted: &Wanted, candidates: &mut [Candidate]) -> usize {
    candidates.sort_unstable_by(|a, b| compare((score(wanted, a), a), (score(wanted, b), b)));
    candidates.partition_point(|candidate| score(wanted, candidate).is_some())
}

/// How [`rank`] sorts two candidates with their scores, for who has reckoned these already: less is first.
pub fn compare(a: (Option<u64>, &Candidate), b: (Option<u64>, &Candidate)) -> Ordering {
    b.0.cmp(&a.0)
        .then(b.1.gpus.cmp(&a.1.gpus))
        .then(a.1.device.cmp(&b.1.device))
}

/// How many GPUs the `ranked` candidates make up if each is taken that fits into what is left, the best first. Where that is all of
/// `gpus`, it is what [`choose`] takes, and nothing has to be searched.
pub fn reaches(ranked: &[Candidate], gpus: u32) -> u32 {
    let left = in_turn(ranked, gpus).fold(gpus, |left, (_, own)| left.saturating_sub(own));
    gpus.saturating_sub(left)
}

/// Places and GPUs of the candidates that fit, each into what those before it left.
fn in_turn(ranked: &[Candidate], gpus: u32) -> impl Iterator<Item = (usize, u32)> + '_ {
    let mut left = gpus;
    ranked
        .iter()
        .enumerate()
        .filter_map(move |(place, candidate)| {
            let own = candidate.gpus;
            let fits = own > 0 && own <= left;
            left = left.saturating_sub(if fits { own } else { 0 });
            fits.then_some((place, own))
        })
}

/// Takes those of the `ranked` candidates that make up exactly `gpus`, or as many as can be had without passing it, and says how many GPUs
/// they have. `take` is called with their places, in order.
///
/// Of all the ways to reach that number it is the one that keeps the best candidate if any does, of those the one that keeps
/// the second, and so on. `ranked` is the eligible part of what [`rank`] sorted; `room` is scratch space for `gpus + 1` numbers. Linear
/// where [`reaches`] says so, else a step for each candidate and GPU.
///
/// # Errors
/// [`MathError::OutOfRange`] for too little room; nothing is taken then.
pub fn choose(
    ranked: &[Candidate],
    gpus: u32,
    room: &mut [usize],
    mut take: impl FnMut(usize),
) -> Result<u32> {
    let size = |gpus: u32| usize::try_from(gpus).map_err(|_| MathError::OutOfRange);
    let wanted = size(gpus)?;
    let room = room.get_mut(..=wanted).ok_or(MathError::OutOfRange)?;
    if reaches(ranked, gpus) == gpus {
        // Whoever fits is in a fill that keeps all before it: no other keeps better ones.
        in_turn(ranked, gpus).for_each(|(place, _)| take(place));
        return Ok(gpus);
    }
    // `room[n]` is one more than the last place from which on the candidates can make up exactly n, 0 where none can.
    room.fill(0);
    *room.first_mut().ok_or(MathError::OutOfRange)? = usize::MAX;
    for (place, candidate) in ranked.iter().enumerate().rev() {
        let own = size(candidate.gpus)?;
        // Downwards, so that no candidate counts twice.
        for sum in (own..=wanted).rev() {
            let before = sum
                .checked_sub(own)
                .and_then(|rest| room.get(rest))
                .copied();
            if let Some(entry) = room.get_mut(sum).filter(|entry| **entry == 0) {
                if before.is_some_and(|before| before > 0) {
                    *entry = place.saturating_add(1);
                }
            }
        }
    }
    let mut missing = room.iter().rposition(|entry| *entry > 0).unwrap_or(0);
    let filled = u32::try_from(missing).map_err(|_| MathError::OutOfRange)?;
    for (place, candidate) in ranked.iter().enumerate() {
        let rest = missing.checked_sub(size(candidate.gpus)?);
        // Only if those behind it make up the rest: their last place is behind this one.
        if let Some(rest) = rest.filter(|rest| {
            let last = room.get(*rest).copied().unwrap_or(0);
            *rest < missing && last > place.saturating_add(1)
        }) {
            take(place);
            missing = rest;
        }
    }
    Ok(filled)
}
