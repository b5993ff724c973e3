//! Stakes, offers and cases, after each step.

use iog_client::pda;
use iog_client::staking::accounts::{Config as StakingConfig, DeviceStake, SlashCase};
use iog_tests::world::PubkeyOf;
use iog_tests::Supplier;
use solana_pubkey::Pubkey;

use super::machine::{Action, Machine};
use super::staking::State;

pub fn all(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    for (supplier, tokens) in machine.suppliers.iter().zip(&model.owners) {
        let balance = world.balance(&supplier.owner_token);
        assert_eq!(balance, *tokens, "owner after {action:?}");
    }
    for (co, tokens) in machine.cos.iter().zip(&model.stakes.cos) {
        assert_eq!(world.balance(&co.token), *tokens, "co after {action:?}");
    }
    for (device, supplier) in machine.suppliers.iter().enumerate() {
        one_stake(machine, device, supplier, action);
    }
    let config = world.read::<StakingConfig>(&pda::staking::config());
    let got = (config.staked_units, config.slashed_units, config.cases);
    let stakes = &model.stakes;
    let expected = (stakes.total(), stakes.slashed, stakes.next_case);
    assert_eq!(got, expected, "staked after {action:?}");
    let vault = world.balance(&pda::staking::vault());
    assert_eq!(
        vault,
        stakes.total() + model.donations.staking,
        "stakes after {action:?}"
    );
    for (number, case) in &stakes.cases {
        let account = world.read::<SlashCase>(&pda::staking::slash_case(*number));
        let got = (account.owner_units, account.co_units, account.state);
        let state = match case.state {
            State::Open => 0,
            State::Appealed(_) => 1,
            State::Decided(upheld, _) => 3 - u8::from(upheld),
        };
        assert_eq!(got, (case.owner, case.co, state), "case after {action:?}");
    }
}

fn one_stake(machine: &Machine, device: usize, supplier: &Supplier, action: Action) {
    let (world, stakes) = (&machine.world, &machine.model.stakes);
    let offer = world.find(&pda::staking::offer(&supplier.device));
    assert_eq!(
        offer.is_some(),
        stakes.offers[device].is_some(),
        "offer after {action:?}"
    );
    let Some(stake) = &stakes.of[device] else {
        let account = world.find(&supplier.stake);
        return assert!(account.is_none(), "stake after {action:?}");
    };
    let account = world.read::<DeviceStake>(&supplier.stake);
    let got = (
        [account.amount_units, account.held_units],
        [account.co_amount_units, account.co_held_units],
        [account.unlock_ts, account.co_leave_ts],
        (account.co_staker, account.co_share_bps, account.open_cases),
    );
    let co = stake.co;
    let who = co.map_or(Pubkey::default(), |co| {
        machine.cos[co.who].wallet.pubkey_of()
    });
    let expected = (
        [stake.amount, stake.held],
        [stake.co_amount(), co.map_or(0, |co| co.held)],
        [stake.unlock, co.map_or(0, |co| co.leave)],
        (who, co.map_or(0, |co| co.bps), stake.open_cases),
    );
    assert_eq!(got, expected, "stake after {action:?}");
}
