//! The conditions of a check-in, one by one, in the order in which the program looks at them (`check_in.rs`).

mod co_staker;
mod serving;

use crate::{
    context::Context,
    error::Result,
    nouns::{
        device::{life, Named},
        stake::rules,
    },
    output::{rfc3339, Record},
};
use iog_client::{
    emission::accounts::{Config, DeviceRewards},
    pda,
    registry::accounts::{Device, HardwareClass},
    staking::accounts::DeviceStake,
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;

const MAX_FAILURES: u32 = 4;
const FAILURE_WINDOW_HOURS: u32 = 12;
const PENDING: u8 = 8;
/// Heartbeats that a hired device shows in the last full hour of its lease, of 6.
const MIN_HIRED_BEATS: u32 = 5;
/// Hours of serving that each proof passed in a row frees of the next (the emission program's).
const EXEMPT_HOURS_PER_PASS: u64 = 2;

/// Everything that a check-in looks at.
struct Facts {
    address: Pubkey,
    device: Device,
    class: HardwareClass,
    config: Config,
    stake: Option<DeviceStake>,
    rewards: Option<DeviceRewards>,
    /// Since when it serves a started order, which frees it from the proof of work for some hours.
    serves_since: Option<i64>,
    hour: u32,
    now: i64,
}

pub async fn run(context: &Context, named: &Named) -> Result<()> {
    let (address, device) = context.device(&named.device).await?;
    let config: Config = context.config(&pda::emission::config()).await?;
    let now = context.time().await?.now;
    let facts = Facts {
        class: context.class(&device.class).await?,
        stake: context.find(&pda::staking::stake(&address)).await?,
        rewards: context.find(&pda::emission::rewards(&address)).await?,
        serves_since: serving::serves_since(context, &address, now).await?,
        hour: context.hour(config.genesis_ts).await?,
        now,
        address,
        device,
        config,
    };
    let checks = facts.checks()?;
    let eligible = checks.iter().all(|check| check.met);
    let records: Vec<Record> = checks.iter().map(Check::record).collect();
    context.out.one(
        &Record::new()
            .put("device", facts.address)
            .put("hour", facts.hour)
            .put("serving", facts.serves_since.is_some())
            .put("exempt", facts.exempt())
            .put("exempt_until_hour", facts.exempt_until())
            .put("eligible", eligible)
            .put("checks", records)
            .put("uptime", life::records(&facts.past())),
    );
    Ok(())
}

struct Check {
    name: &'static str,
    met: bool,
    to_do: String,
}

fn check(name: &'static str, met: bool, to_do: String) -> Check {
    Check { name, met, to_do }
}

impl Check {
    fn record(&self) -> Record {
        Record::new()
            .put("check", self.name)
            .put("met", self.met)
            .put("to_do", (!self.met).then(|| self.to_do.clone()))
    }
}

impl Facts {
    fn checks(&self) -> Result<Vec<Check>> {
        let mut checks = self.of_the_device()?;
        checks.extend(self.of_the_rewards());
        Ok(checks)
    }

    fn of_the_device(&self) -> Result<Vec<Check>> {
        let (device, address) = (&self.device, self.address);
        let epoch = u64::from(self.hour);
        let minimum = rules::minimum(device, &self.class)?;
        let old_enough = device
            .registered_ts
            .saturating_add_unsigned(self.config.min_age_secs.value);
        let past = self.past();
        let failed = life::failures(device, epoch, FAILURE_WINDOW_HOURS);
        Ok(vec![
            check(
                "device_active",
                device.state == 0,
                active_to_do(device.state, &address),
            ),
            check(
                "class_earns",
                self.class.multiplier_x100 > 0,
                format!(
                    "class {} has no multiplier and earns nothing",
                    device.class_id
                ),
            ),
            check(
                "proof_of_work",
                self.exempt() || device.last_pass_epoch == epoch,
                self.proof_to_do(),
            ),
            check(
                "few_failures",
                failed < MAX_FAILURES,
                format!(
                    "{failed} proofs failed in the last 12 hours: wait until fewer than 4 count"
                ),
            ),
            check(
                "stake",
                self.stake_covers(minimum),
                self.stake_to_do(minimum),
            ),
            check(
                "uptime",
                past.iter().all(|hour| hour.alive),
                life::to_do(&past),
            ),
            check(
                "served_last_hour",
                self.served_last_hour(),
                format!("a hired device needs {MIN_HIRED_BEATS} of 6 heartbeats in each full hour of unix time that its lease runs through"),
            ),
            check(
                "age",
                self.now >= old_enough,
                format!(
                    "the device is new: it earns from {} on",
                    rfc3339(old_enough)
                ),
            ),
        ])
    }

    fn past(&self) -> Vec<life::Past> {
        life::past(&self.device, self.now, self.config.min_uptime_hours.value)
    }

    fn of_the_rewards(&self) -> Vec<Check> {
        let pending = self
            .rewards
            .as_ref()
            .map_or(0, |rewards| rewards.pending_count);
        let last_hour = self.rewards.as_ref().map_or(0, |rewards| rewards.last_hour);
        vec![
            check(
                "rewards_account",
                self.rewards.is_some(),
                "its rewards account is missing: keepers open it before the first check-in".into(),
            ),
            check(
                "room_for_pending_hours",
                pending < PENDING || self.config.next_hour > 1 && self.oldest_is_closed(),
                "8 hours are pending and none is closed: a keeper must close hours first".into(),
            ),
            co_staker::check(self.address, self.stake.as_ref(), self.rewards.as_ref()),
            check(
                "not_checked_in_yet",
                last_hour < self.hour,
                format!(
                    "it has checked in for hour {} already: nothing to do",
                    self.hour
                ),
            ),
        ]
    }

    fn stake_covers(&self, minimum: u64) -> bool {
        self.stake
            .as_ref()
            .is_some_and(|stake| rules::counted(stake, self.now) >= minimum)
    }

    fn stake_to_do(&self, minimum: u64) -> String {
        let (address, minimum) = (self.address, Io(minimum));
        match &self.stake {
            None => format!("stake at least {minimum} IO: iog stake open {address}"),
            Some(stake) if stake.unlock_ts != 0 => {
                "the stake is cooling down: withdraw it when it is free, then stake again".into()
            }
            Some(stake) => format!(
                "{} IO of {minimum} IO count: iog stake add {address} AMOUNT, or find a co-staker with iog offer make",
                Io(rules::counted(stake, self.now))
            ),
        }
    }

    fn oldest_is_closed(&self) -> bool {
        let first = self
            .rewards
            .as_ref()
            .and_then(|rewards| rewards.pending.first());
        first.is_some_and(|hour| hour.hour < self.config.next_hour)
    }
}

fn active_to_do(state: u8, address: &Pubkey) -> String {
    match state {
        1 => format!("the device is paused: iog device resume {address}"),
        _ => "the device is terminated for good: register a new device key".into(),
    }
}
