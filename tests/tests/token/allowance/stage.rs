//! The program's allowance beside an exact sum of fractions and the crate it is computed with.

use iog_client::pda;
use iog_client::token::accounts::{Config, NetEmission};
use iog_client::token::events::NetEmissionMinted;
use iog_client::token::{Event, TokenError};
use iog_math::net_emission::Allowance;
use iog_tests::world::{PubkeyOf, RIGHT_NET_EMISSION};
use iog_tests::World;
use solana_keypair::Keypair;

use crate::setup::{holder, mint_net_emission, only_event, refused, DAY, IO};

/// 720 hours in seconds.
const STREAM: i64 = 2_592_000;

pub struct Stage {
    pub world: World,
    pub key: Keypair,
    pub owner: Keypair,
    /// Of each burn, the second from which it streams, and how much.
    pub burns: Vec<(i64, u64)>,
    pub spent: u64,
    /// The same in the crate that the program computes with.
    pub twin: Allowance,
}

impl Stage {
    /// The breaker and the cap out of the way, IO at 1 USD, and a holder with 2,000,000 IO.
    pub fn new() -> Self {
        let mut world = World::ready();
        let (key, _) = world.plain_minter(RIGHT_NET_EMISSION, 0);
        world.edit::<Config>(&pda::token::config(), |config| {
            for window in &mut config.windows {
                window.limit_units.value = u64::MAX;
                window.floor_units.value = u64::MAX;
            }
            config.net_emission_cap_per_hour.value = u64::MAX;
        });
        let owner = holder(&mut world, 2_000_000 * IO);
        Self {
            world,
            key,
            owner,
            burns: Vec::new(),
            spent: 0,
            twin: Allowance::default(),
        }
    }

    /// Burns `amount`, a multiple of 100, for IOSD.
    pub fn burn(&mut self, amount: u64) {
        let now = self.world.now();
        self.world.set_price(&self.world.fresh_price(100_000_000));
        let wallet = self.owner.pubkey_of();
        let burn = self.world.burn_for_iosd_ix(&wallet, amount, amount / 100);
        self.world.must(burn.instruction(), &[&self.owner]);
        self.burns.push(((now / DAY + 1) * DAY, amount));
        self.twin.burn(now, amount).unwrap();
        self.check();
    }

    /// What has streamed out, less what was minted: each burn in equal parts of a second for 720 hours.
    pub fn available(&self) -> u64 {
        let now = self.world.now();
        let parts: u128 = self
            .burns
            .iter()
            .map(|(from, amount)| {
                let secs = (now - from).clamp(0, STREAM);
                u128::from(*amount) * u128::from(secs.unsigned_abs())
            })
            .sum();
        u64::try_from(parts / 2_592_000).unwrap() - self.spent
    }

    pub fn mint(&mut self, amount: u64) {
        let mint = mint_net_emission(&self.world, &self.key, amount);
        let after = self.available() - amount;
        let meta = self.world.must(mint.instruction(), &[&self.key]);
        let event = NetEmissionMinted {
            minter: self.key.pubkey_of(),
            destination: mint.destination,
            amount,
            reminted_before: self.spent,
            reminted_after: self.spent + amount,
            available_after: after,
        };
        assert_eq!(only_event(&meta), Event::NetEmissionMinted(event));
        self.spent += amount;
        self.twin.spend(self.world.now(), amount).unwrap();
        self.check();
    }

    /// A unit above what is available must be refused.
    pub fn refuse_more(&mut self) {
        let above = self.available() + 1;
        let mint = mint_net_emission(&self.world, &self.key, above).instruction();
        let exhausted = TokenError::AllowanceExhausted;
        refused(&mut self.world, exhausted, mint, &[&self.key]);
    }

    /// All that is available, and then not a unit more.
    pub fn drain(&mut self) {
        self.refuse_more();
        if self.available() > 0 {
            self.mint(self.available());
        }
        self.refuse_more();
    }

    /// The account is its twin, field by field.
    fn check(&self) {
        let books = self.world.read::<NetEmission>(&pda::token::net_emission());
        let account = Allowance {
            buckets: books.buckets,
            day: books.day,
            at_ts: books.at_ts,
            streaming: books.streaming_units,
            remainder: books.remainder,
            available: books.available_units,
        };
        assert_eq!(account, self.twin);
        let burned: u64 = self.burns.iter().map(|(_, amount)| amount).sum();
        assert_eq!(
            (books.burned_units, books.reminted_units),
            (burned, self.spent)
        );
        assert!(self.spent <= burned);
        assert_eq!(self.world.token_config().reminted_units, self.spent);
        self.world.check_supply();
    }
}
