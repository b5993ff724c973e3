//! A network whose four windows a test can set, fill and trip.

use iog_client::events::{parse_logs, Event};
use iog_client::pda;
use iog_client::token::accounts::Config;
use iog_client::token::events::BreakerRefused;
use iog_client::token::{self, TokenError};
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{
    burn_iosd, holder, mint_emission, mint_net_emission, refund_iosd, refused, seen, DAY,
    HIGHEST_CAP, IO, IOSD,
};

/// The windows in their order: emission, net emission, IOSD, refunds.
const WINDOWS: [usize; 4] = [0, 1, 2, 3];
pub const IOSD_WINDOW: usize = 2;
pub const REFUNDS: usize = 3;
/// Limit, share and floor that refuse nothing.
const WIDE: [u64; 3] = [u64::MAX, 10_000, u64::MAX];

pub struct Stage {
    pub world: World,
    /// A minter with every right.
    pub key: Keypair,
    pub owner: Keypair,
}

/// A month after the first burn: an allowance of 300,000 IO, 300,000 IOSD in supply, and as much that was spent.
pub fn stage() -> Stage {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(7, HIGHEST_CAP);
    let owner = holder(&mut world, 2_000_000 * IO);
    for window in WINDOWS {
        limit(&mut world, window, WIDE);
    }
    world.edit::<Config>(&pda::token::config(), |config| {
        config.net_emission_cap_per_hour.value = u64::MAX;
    });
    let mut stage = Stage { world, key, owner };
    stage.post();
    let burn = stage.mint(IOSD_WINDOW, 600_000 * IOSD);
    stage.world.must(burn, &[&stage.owner]);
    stage.spend(300_000 * IOSD);
    stage.world.warp_to(GENESIS_TS + 32 * DAY);
    stage.post();
    stage
}

/// Sets limit, share and floor of an empty window.
pub fn limit(world: &mut World, window: usize, [limit, share, floor]: [u64; 3]) {
    world.edit::<Config>(&pda::token::config(), |config| {
        let window = &mut config.windows[window];
        window.limit_units.value = limit;
        window.share_bps.value = share;
        window.floor_units.value = floor;
        (window.level_units, window.at_ts) = (0, 0);
        (window.credit_units, window.credit_ts) = (0, 0);
    });
}

impl Stage {
    /// IO at 1 USD: 100 units of IO make one of IOSD.
    pub fn post(&mut self) {
        seen(&mut self.world, 1_000_000_000_000);
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

    /// The owner spends IOSD.
    #[track_caller]
    pub fn spend(&mut self, amount: u64) {
        let spend = burn_iosd(&self.key, &self.owner.pubkey_of(), amount);
        self.world
            .must(spend.instruction(), &[&self.key, &self.owner]);
    }

    #[track_caller]
    pub fn passes(&mut self, window: usize, amount: u64) {
        let (mint, signer) = (self.mint(window, amount), self.signer(window));
        self.world.must(mint, &[&signer]);
    }

    /// The amount must be refused, with this event in the logs of the refused transaction.
    #[track_caller]
    pub fn trips(&mut self, window: usize, amount: u64, level: u64, capacity: u64) {
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

    /// What the window is a share of, by the books: the supply of what is minted, or all that can be refunded.
    pub fn supply(&self, window: usize) -> u64 {
        let books = self.world.token_config();
        match window {
            0 | 1 => {
                books.genesis_units + books.emitted_units + books.reminted_units
                    - books.burned_units
            }
            IOSD_WINDOW => {
                books.iosd_minted_units + books.iosd_refunded_units - books.iosd_spent_units
            }
            // Of what can be refunded: audit: money L7
            _ => books.iosd_spent_units - books.iosd_refunded_units - books.iosd_settled_units,
        }
    }
}
