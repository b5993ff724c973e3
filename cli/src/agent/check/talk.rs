//! One check of one lease: the conversation, its time, and the verdict. The seed is told when every device is ready, and each has its own, so
//! that no card walks for two. redteam S5

use clap::ValueEnum;
use iog_client::registry::accounts::HardwareClass;
use iog_job::{
    check::{
        Challenge, Openings, Size, Start, Walked, CHECK_SECS, MAX_CHECK_BYTES, SMALL_TABLE_BYTES,
    },
    frame, Hash,
};
use iog_pow::{pick, verify, Node, Shape, K_OPENINGS, MAX_CARDS, ROW_LEN};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

const SLOT_MS: u64 = 400;
/// Of the class's waves, the part that a small check walks.
const SMALL_PART: u32 = 8;
/// Of the class's time, the part that it may take: twice its share, for a job has the card beside it.
const SMALL_TIME: u32 = 4;
/// With its table at hand a device opens at once.
const OPEN: Duration = Duration::from_secs(30);
/// No more of a walk is put down to the line: the other end can slow its answers to make a line look long.
const LONGEST_LINE: Duration = Duration::from_secs(1);
/// What a line may take beyond the device's own limit.
const GRACE: Duration = Duration::from_secs(20);

/// How much is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
pub enum Extent {
    /// The class's whole table, where no job runs.
    #[value(name = "class")]
    #[serde(rename = "class")]
    Class,
    /// 1 GiB of each card and an eighth of the waves, also beside a job: it shows speed, not size.
    #[value(name = "1GiB", alias = "1gib")]
    #[serde(rename = "1GiB")]
    Small,
}

/// What is asked of a device, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub extent: Extent,
    pub shape: Shape,
    pub limit: Duration,
}

impl Plan {
    /// By the class on chain; none for one that is never proved.
    pub fn of(class: &HardwareClass, gpus: u32, extent: Extent) -> Option<Self> {
        if class.proof_valid_hours == 0 {
            return None;
        }
        let small_rows = SMALL_TABLE_BYTES.checked_div(u64::try_from(ROW_LEN).ok()?)?;
        let small_rows = u32::try_from(small_rows).ok()?;
        let (rows, waves, part) = match extent {
            Extent::Class => (class.rows, class.waves, 1),
            Extent::Small => (
                class.rows.min(small_rows),
                class.waves.div_ceil(SMALL_PART),
                SMALL_TIME,
            ),
        };
        let cards = gpus.clamp(1, MAX_CARDS.min(class.max_cards.max(1)));
        let slots = Duration::from_millis(SLOT_MS.saturating_mul(class.commit_slots.into()));
        Some(Self {
            extent,
            shape: Shape::new(rows, class.tiles, waves, cards).ok()?,
            limit: slots.checked_div(part)?,
        })
    }

    pub fn size(&self) -> Size {
        Size {
            rows: self.shape.rows(),
            tiles: self.shape.tiles(),
            waves: self.shape.waves(),
            cards: self.shape.cards(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    /// The class is never proved: there is no time to compare with.
    NotProved,
    /// Later than the class's time on chain.
    Slow,
    /// The openings do not belong to the walk.
    Wrong,
    /// The cards cannot hold the table.
    NoRoom,
    /// A card failed, or is not there.
    Failed,
    /// The device does not let itself be checked.
    Refused,
    /// The line was lost: it shows nothing.
    Silent,
}

impl Verdict {
    /// What a renter should act on. A small table beside a job may find no room.
    pub fn is_bad(self, extent: Extent) -> bool {
        match self {
            Self::Passed | Self::NotProved | Self::Silent => false,
            Self::NoRoom => extent == Extent::Class,
            Self::Slow | Self::Wrong | Self::Failed | Self::Refused => true,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotProved => "not_proved",
            Self::Slow => "slow",
            Self::Wrong => "wrong",
            Self::NoRoom => "no_room",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Silent => "silent",
        }
    }
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    /// From the seed to the root, without the line's round trip.
    pub walk: Option<Duration>,
    pub reason: Option<String>,
}

impl Outcome {
    pub fn without_walk(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            walk: None,
            reason: Some(reason.into()),
        }
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

pub fn walk_time(took: Duration, round_trip: Duration) -> Duration {
    took.saturating_sub(round_trip.min(LONGEST_LINE))
}

/// With a device that is admitted and waits for its seed.
pub async fn converse(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    plan: &Plan,
    round_trip: Duration,
) -> Outcome {
    let lost = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => Outcome::without_walk(Verdict::Wrong, error.to_string()),
        _ => Outcome::without_walk(Verdict::Silent, error.to_string()),
    };
    let seed = random();
    let since = Instant::now();
    let walked = async {
        frame::write(to, &Start { seed: Hash(seed) }).await?;
        frame::expect::<Walked, _>(from, MAX_CHECK_BYTES).await
    };
    // What comes later than the class's time is too slow, whatever it is.
    let most = Duration::from_secs(CHECK_SECS)
        .min(plan.limit)
        .saturating_add(GRACE);
    let walked = timeout(most, walked).await;
    let walk = walk_time(since.elapsed(), round_trip);
    let root = match walked {
        Ok(Ok(Walked::Root(root))) => root,
        Ok(Ok(Walked::NoRoom)) => {
            return Outcome::without_walk(Verdict::NoRoom, "the cards have no room for the table")
        }
        Ok(Ok(Walked::Failed)) => {
            return Outcome::without_walk(Verdict::Failed, "a card failed or is not there")
        }
        // It ends what takes longer than its own limit, which is longer than any class's.
        Ok(Err(_)) if since.elapsed() >= Duration::from_secs(CHECK_SECS) => {
            return Outcome::without_walk(Verdict::Slow, "it did not finish")
        }
        Ok(Err(error)) => return lost(error),
        Err(_) => return Outcome::without_walk(Verdict::Slow, "it did not finish"),
    };
    let mut commit = Node::default();
    if hex::decode_to_slice(&root, &mut commit).is_err() {
        return Outcome::without_walk(Verdict::Wrong, "its root is none");
    }
    let challenge = random();
    let opened = async {
        let challenge = Challenge {
            challenge: Hash(challenge),
        };
        frame::write(to, &challenge).await?;
        frame::expect::<Openings, _>(from, MAX_CHECK_BYTES).await
    };
    let openings = match timeout(OPEN, opened).await {
        Ok(Ok(openings)) => openings.openings,
        Ok(Err(error)) => return lost(error),
        Err(_) => return Outcome::without_walk(Verdict::Wrong, "it does not open what it walked"),
    };
    let verdict = match opens(&seed, plan, &commit, &challenge, &openings) {
        Err(reason) => return Outcome::without_walk(Verdict::Wrong, reason),
        Ok(()) if walk > plan.limit => Verdict::Slow,
        Ok(()) => Verdict::Passed,
    };
    Outcome {
        verdict,
        walk: Some(walk),
        reason: None,
    }
}

fn opens(
    seed: &[u8; 32],
    plan: &Plan,
    commit: &Node,
    challenge: &[u8; 32],
    openings: &[String],
) -> Result<(), String> {
    if u32::try_from(openings.len()) != Ok(K_OPENINGS) {
        return Err("it opens too few".into());
    }
    for (n, opening) in (0..K_OPENINGS).zip(openings) {
        let opening = hex::decode(opening).map_err(|error| error.to_string())?;
        let pick = pick(challenge, n, &plan.shape);
        verify(seed, &plan.shape, commit, &pick, &opening).map_err(|error| error.to_string())?;
    }
    Ok(())
}
