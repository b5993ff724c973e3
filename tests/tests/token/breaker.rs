//! The breaker: how much may be minted of each kind within 24 hours, and how it comes back.

use iog_client::events::{parse_logs, Event};
use iog_client::pda;
use iog_client::token::accounts::Config;
use iog_client::token::events::BreakerRefused;
use iog_client::token::instructions::{ApplyParameter, SetParameter};
use iog_client::token::{self, ParameterId, TokenError};
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{
    burn_iosd, holder, mint_emission, mint_net_emission, refund_iosd, refused, DAY, HIGHEST_CAP,
    HOUR, IO, IOSD,
};

/// The windows in their order: emission, net emission, IOSD, refunds.
const WINDOWS: [usize; 4] = [0, 1, 2, 3];
const IOSD_WINDOW: usize = 2;
const REFUNDS: usize = 3;

struct Stage {
    world: World,
    /// A minter with every right.
    key: Keypair,
    owner: Keypair,
}

/// A month after the first burn: an allowance of 300,000 IO, 300,000 IOSD in supply, and as much that was spent.
fn stage() -> Stage {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(7, HIGHEST_CAP);
    let owner = holder(&mut world, 2_000_000 * IO);
    for window in WINDOWS {
        limit(&mut world, window, [u64::MAX, 10_000, u64::MAX]);
    }
    world.edit::<Config>(&pda::token::config(), |config| {
        config.net_emission_cap_per_hour.value = u64::MAX;
    });
    let mut stage = Stage { world, key, owner };
    stage.post();
    let burn = stage.mint(IOSD_WINDOW, 600_000 * IOSD);
    stage.world.must(burn, &[&stage.owner]);
    let spend = burn_iosd(&stage.key, &stage.owner.pubkey_of(), 300_000 * IOSD);
    stage
        .world
        .must(spend.instruction(), &[&stage.key, &stage.owner]);
    stage.world.warp_to(GENESIS_TS + 32 * DAY);
    stage.post();
    stage
}

/// Sets limit, share and floor of an empty window.
fn limit(world: &mut World, window: usize, [limit, share, floor]: [u64; 3]) {
    world.edit::<Config>(&pda::token::config(), |config| {
        let window = &mut config.windows[window];
        window.limit_units.value = limit;
        window.share_bps.value = share;
        window.floor_units.value = floor;
        (window.level_units, window.at_ts) = (0, 0);
    });
}

impl Stage {
    /// IO at 1 USD: 100 units of IO make one of IOSD.
    fn post(&mut self) {
        let price = self.world.fresh_price(100_000_000);
        self.world.set_price(&price);
    }

    /// A mint of `amount` that this window watches.
    fn mint(&self, window: usize, amount: u64) -> Instruction {
        let wallet = self.owner.pubkey_of();
        match window {
            0 => mint_emission(&self.world, &self.key, amount).instruction(),
            1 => mint_net_emission(&self.world, &self.key, amount).instruction(),
            IOSD_WINDOW => {
                let burn = self.world.burn_for_iosd_ix(&wallet, 100 * amount, amount);
                burn.instruction()
            }
            _ => refund_iosd(&self.key, &wallet, amount).instruction(),
        }
    }

    fn signer(&self, window: usize) -> Keypair {
        match window {
            IOSD_WINDOW => self.owner.insecure_clone(),
            _ => self.key.insecure_clone(),
        }
    }

    #[track_caller]
    fn passes(&mut self, window: usize, amount: u64) {
        let (mint, signer) = (self.mint(window, amount), self.signer(window));
        self.world.must(mint, &[&signer]);
    }

    /// The amount must be refused, with this event in the logs of the refused transaction.
    #[track_caller]
    fn trips(&mut self, window: usize, amount: u64, level: u64, capacity: u64) {
        let (mint, signer) = (self.mint(window, amount), self.signer(window));
        let tripped = TokenError::BreakerTripped;
        let logs = refused(&mut self.world, tripped, mint, &[&signer]);
        let event = BreakerRefused {
            window: u8::try_from(window).unwrap(),
            amount,
            level,
            capacity,
        };
        let events = [Event::Token(token::Event::BreakerRefused(event))];
        assert_eq!(parse_logs(&logs), events);
    }

    /// The supply by the books of what this window watches.
    fn supply(&self, window: usize) -> u64 {
        let books = self.world.token_config();
        match window {
            0 | 1 => {
                books.genesis_units + books.emitted_units + books.reminted_units
                    - books.burned_units
            }
            _ => books.iosd_minted_units + books.iosd_refunded_units - books.iosd_spent_units,
        }
    }
}

#[test]
fn each_window_trips_at_its_limit_and_comes_back_within_a_day() {
    // 1,000 units a second
    const LIMIT: u64 = 86_400_000;
    for window in WINDOWS {
        let mut stage = stage();
        limit(&mut stage.world, window, [LIMIT, 10_000, 0]);
        stage.trips(window, LIMIT + 1, 0, LIMIT);
        stage.passes(window, LIMIT - 1);
        stage.trips(window, 2, LIMIT - 1, LIMIT);
        stage.passes(window, 1);
        stage.trips(window, 1, LIMIT, LIMIT);
        // Little by little: 1,000 units a second, half of it after half a day.
        stage.world.set_time(stage.world.now() + 1);
        stage.trips(window, 1_001, LIMIT - 1_000, LIMIT);
        stage.passes(window, 1_000);
        stage.world.set_time(stage.world.now() + 12 * HOUR);
        stage.post();
        stage.trips(window, LIMIT / 2 + 1, LIMIT / 2, LIMIT);
        stage.passes(window, LIMIT / 2);
        // Wholly, after a day in which nothing passed; and no more than the limit after two.
        for days in [1, 2] {
            stage.world.set_time(stage.world.now() + days * DAY);
            stage.post();
            stage.trips(window, LIMIT + 1, 0, LIMIT);
            stage.passes(window, LIMIT);
        }
        // A clock that steps back drains nothing.
        stage.world.set_time(stage.world.now() - 10);
        stage.post();
        stage.trips(window, 1, LIMIT, LIMIT);
    }
}

#[test]
fn each_window_trips_at_its_share_of_the_supply() {
    for (window, share) in WINDOWS.into_iter().zip([7, 1, 123, 456]) {
        let mut stage = stage();
        limit(&mut stage.world, window, [u64::MAX, share, 0]);
        let capacity = |stage: &Stage| {
            let supply = u128::from(stage.supply(window));
            u64::try_from(supply * u128::from(share) / 10_000).unwrap()
        };
        let first = capacity(&stage);
        assert!(first > IOSD, "{window}: {first}");
        stage.trips(window, first + 1, 0, first);
        stage.passes(window, first);
        // What was minted is supply of the next.
        let grown = capacity(&stage);
        assert!(grown > first);
        stage.trips(window, grown - first + 1, first, grown);
        stage.passes(window, grown - first);
    }
}

#[test]
fn the_floor_holds_for_a_small_supply_and_never_above_the_limit() {
    for window in WINDOWS {
        let mut stage = stage();
        limit(&mut stage.world, window, [u64::MAX, 0, 5_000]);
        stage.trips(window, 5_001, 0, 5_000);
        stage.passes(window, 5_000);
        limit(&mut stage.world, window, [4_000, 0, 5_000]);
        stage.trips(window, 4_001, 0, 4_000);
        stage.passes(window, 4_000);
        // All closed.
        limit(&mut stage.world, window, [0, 10_000, 5_000]);
        stage.trips(window, 1, 0, 0);
        limit(&mut stage.world, window, [u64::MAX, 0, 0]);
        stage.trips(window, 1, 0, 0);
    }
}

#[test]
fn each_window_stands_for_itself() {
    for closed in WINDOWS {
        let mut stage = stage();
        limit(&mut stage.world, closed, [0, 0, 0]);
        for window in WINDOWS {
            if window == closed {
                stage.trips(window, 1, 0, 0);
            } else {
                stage.passes(window, 1);
            }
        }
        let levels = stage.world.token_config().windows.map(|w| w.level_units);
        let expected = WINDOWS.map(|window| u64::from(window != closed));
        assert_eq!(levels, expected);
    }
}

#[test]
fn a_capacity_below_the_level_refuses_until_enough_has_drained() {
    let mut stage = stage();
    limit(&mut stage.world, 0, [86_400_000, 10_000, 0]);
    stage.passes(0, 86_400_000);
    let lower = SetParameter {
        authority: stage.world.authority.pubkey_of(),
        id: ParameterId::EmissionLimit,
        value: 43_200_000,
    };
    stage.world.govern(lower.instruction());
    stage.trips(0, 1, 86_400_000, 43_200_000);
    // At the lower capacity it drains 500 units a second: a day to the new limit.
    stage.world.set_time(stage.world.now() + DAY);
    stage.trips(0, 1, 43_200_000, 43_200_000);
    stage.world.set_time(stage.world.now() + 1);
    stage.passes(0, 500);
}

#[test]
fn a_lower_limit_binds_at_once_and_a_higher_after_a_day() {
    let mut stage = stage();
    let set = |stage: &Stage, value| {
        let set = SetParameter {
            authority: stage.world.authority.pubkey_of(),
            id: ParameterId::IosdLimit,
            value,
        };
        set.instruction()
    };
    limit(&mut stage.world, IOSD_WINDOW, [2_000, 10_000, 0]);
    stage.world.govern(set(&stage, 1_000));
    stage.trips(IOSD_WINDOW, 1_001, 0, 1_000);
    stage.passes(IOSD_WINDOW, 1_000);
    stage.world.govern(set(&stage, 10_000));
    stage.trips(IOSD_WINDOW, 1, 1_000, 1_000);
    stage.world.set_time(stage.world.now() + DAY);
    stage.post();
    stage.trips(IOSD_WINDOW, 1_001, 0, 1_000);
    let apply = ApplyParameter {
        id: ParameterId::IosdLimit,
    };
    stage.world.govern(apply.instruction());
    stage.trips(IOSD_WINDOW, 10_001, 0, 10_000);
    stage.passes(IOSD_WINDOW, 10_000);
}

#[test]
fn spending_makes_room_for_refunds() {
    let mut stage = stage();
    limit(&mut stage.world, REFUNDS, [10_000, 10_000, 0]);
    stage.passes(REFUNDS, 10_000);
    stage.trips(REFUNDS, 1, 10_000, 10_000);
    let spend = |stage: &mut Stage, amount| {
        let spend = burn_iosd(&stage.key, &stage.owner.pubkey_of(), amount);
        stage
            .world
            .must(spend.instruction(), &[&stage.key, &stage.owner]);
    };
    // Spent and refunded again and again, it fills nothing.
    for _ in 0..3 {
        spend(&mut stage, 4_000);
        stage.trips(REFUNDS, 4_001, 6_000, 10_000);
        stage.passes(REFUNDS, 4_000);
    }
    // An empty window is not made wider by what is spent.
    spend(&mut stage, 1_000_000);
    assert_eq!(stage.world.token_config().windows[REFUNDS].level_units, 0);
    stage.trips(REFUNDS, 10_001, 0, 10_000);
    stage.passes(REFUNDS, 10_000);
}
