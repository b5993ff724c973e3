//! Every balance and every book, after each step.

use iog_client::emission::accounts::{Config as EmissionConfig, DeviceRewards};
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_client::token::accounts::Config as TokenConfig;
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use super::compare_staking;
use super::machine::{Action, Machine, CLASSES};

const GENESIS_SUPPLY: u64 = 50_000_000_000_000_000;

pub fn all(machine: &Machine, action: Action) {
    registry(machine, action);
    compare_staking::all(machine, action);
    emission(machine, action);
    rewards(machine, action);
    identities(machine, action);
    supply(machine, action);
}

fn registry(machine: &Machine, action: Action) {
    let model = &machine.model;
    for (number, device) in model.registry.devices.iter().enumerate() {
        let account = machine.account(number);
        let got = (
            (account.state == 0, account.last_sign_ts),
            (account.beats_total, account.last_pass_epoch),
            (account.proofs_passed, account.proofs_failed),
            (account.pass_streak, account.tier, account.tier_ts),
        );
        let expected = (
            (device.active, device.last_sign),
            (device.marked.len() as u64, u64::from(device.passed)),
            (device.passes, device.failed.len() as u64),
            (device.streak, device.tier, device.tier_ts),
        );
        assert_eq!(got, expected, "device {number} after {action:?}");
    }
    for (id, class) in CLASSES.iter().zip(&model.registry.classes) {
        let account = machine
            .world
            .read::<HardwareClass>(&pda::registry::class(*id));
        let waiting = (account.pending_ts != 0).then_some((
            u64::from(account.pending.multiplier_x100),
            account.pending_ts,
        ));
        let got = (
            u64::from(account.multiplier_x100),
            u64::from(account.stake_multiplier_x100),
            waiting,
        );
        let expected = (class.multiplier, class.stake_multiplier, class.waiting);
        assert_eq!(got, expected, "class {id} after {action:?}");
    }
}

fn emission(machine: &Machine, action: Action) {
    let model = &machine.model.emission;
    let config = machine
        .world
        .read::<EmissionConfig>(&pda::emission::config());
    let got = [
        config.scheduled_units,
        config.shared_units,
        config.minted_units,
        config.booked_units,
        config.claimed_units,
        config.enterprise_carry_units,
        config.community_carry_units,
        u64::from(config.next_hour),
        u64::from(config.paused),
        u64::from(config.void_from_hour),
        u64::from(config.void_until_hour),
    ];
    let expected = [
        model.scheduled,
        model.shared,
        model.minted,
        model.booked(),
        model.claimed(),
        model.carry[0],
        model.carry[1],
        u64::from(model.next_hour),
        u64::from(model.paused),
        u64::from(model.void.0),
        u64::from(model.void.1),
    ];
    assert_eq!(got, expected, "emission after {action:?}");
}

fn rewards(machine: &Machine, action: Action) {
    let key =
        |co: Option<usize>| co.map_or(Pubkey::default(), |who| machine.cos[who].wallet.pubkey_of());
    for (supplier, rewards) in machine
        .suppliers
        .iter()
        .zip(&machine.model.emission.rewards)
    {
        let account = machine.world.read::<DeviceRewards>(&supplier.rewards);
        let got = (
            [account.owner_booked_units, account.claimed_units],
            (account.co_staker, account.co_booked_units),
            (account.former_co_staker, account.former_booked_units),
            (account.co_claimed_units, account.last_hour),
        );
        let expected = (
            [rewards.booked, rewards.claimed],
            (key(rewards.co.0), rewards.co.1),
            (key(rewards.former.0), rewards.former.1),
            (rewards.co_claimed, rewards.last_hour),
        );
        assert_eq!(got, expected, "rewards after {action:?}");
        let pending = &account.pending[..usize::from(account.pending_count)];
        let got: Vec<_> = pending
            .iter()
            .map(|p| (p.hour, p.score, p.co_share_bps))
            .collect();
        let expected: Vec<_> = rewards
            .pending
            .iter()
            .map(|p| (p.hour, p.score, p.bps))
            .collect();
        assert_eq!(got, expected, "pending after {action:?}");
    }
}

/// `scheduled = shared + carries`, and `vault + due = booked + unsettled`, where unsettled is what closed hours owe devices that
/// have not settled them, and less than one unit of dust a device and hour. redteam 11e
fn identities(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let emission = &model.emission;
    let carried = emission.carry[0] + emission.carry[1];
    assert_eq!(emission.scheduled, emission.shared + carried, "{action:?}");
    let vault = world.balance(&pda::emission::vault()) - model.donations.emission;
    assert_eq!(vault, emission.minted - emission.claimed(), "{action:?}");
    let mut unsettled = 0;
    for (rewards, device) in emission.rewards.iter().zip(&model.registry.devices) {
        let pool = model.registry.classes[device.class].pool;
        let closed = rewards.pending.iter();
        let closed = closed.filter(|p| p.hour < emission.next_hour);
        unsettled += closed
            .map(|p| emission.ledger[&p.hour][pool].share(p.score))
            .sum::<u64>();
    }
    let (held, owed) = (vault + model.due(), emission.booked() + unsettled);
    let dust = u64::from(emission.next_hour) * emission.rewards.len() as u64;
    assert!(
        owed <= held && held - owed < dust,
        "{held} for {owed} after {action:?}"
    );
}

fn supply(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let tokens = world.read::<TokenConfig>(&pda::token::config());
    let (minted, slashed) = (model.emission.minted, model.stakes.slashed);
    let got = (tokens.emitted_units, tokens.burned_units);
    assert_eq!(got, (minted, slashed), "token books after {action:?}");
    let supply = GENESIS_SUPPLY + minted - slashed;
    assert_eq!(world.supply(&world.io), supply, "supply after {action:?}");
}
