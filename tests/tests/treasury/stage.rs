//! A network with US dollars, somebody who collects fees, and somebody who sells IO.

use iog_client::pda;
use iog_client::token;
use iog_client::treasury::accounts::{Auction, Config, FeeVault};
use iog_client::treasury::instructions::ReleaseKept;
use iog_client::treasury::Event;
use iog_tests::world::{ata, expect_code, spl, PubkeyOf};
use iog_tests::{Code, Meta, Outcome, World};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// One IO and one US dollar in base units.
pub const IO: u64 = 100_000_000;
pub const USD: u64 = 1_000_000;
/// 0.25 USD, as the oracle says it.
pub const QUARTER: i64 = 25_000_000;
/// What the collector and the seller are given: 1,000,000 IO.
pub const WALLET_IO: u64 = 1_000_000 * IO;

pub struct Stage {
    pub world: World,
    pub usdc: Pubkey,
    /// Stands for the market's PDA.
    pub collector: Keypair,
    pub seller: Keypair,
}

impl Clone for Stage {
    fn clone(&self) -> Self {
        Self {
            world: self.world.clone(),
            usdc: self.usdc,
            collector: self.collector.insecure_clone(),
            seller: self.seller.insecure_clone(),
        }
    }
}

pub fn stage() -> Stage {
    let mut world = World::ready();
    let usdc = world.usdc();
    let (collector, _) = world.collector(WALLET_IO);
    let seller = world.wallet();
    world.give_io(&seller.pubkey_of(), WALLET_IO);
    world.token_account(&seller.pubkey_of(), &usdc);
    Stage {
        world,
        usdc,
        collector,
        seller,
    }
}

/// As [`stage`], with a running auction of 1,000 USDC at 0.25 USD an IO.
pub fn auctioning() -> Stage {
    let mut stage = stage();
    stage.collect(1_000 * USD);
    stage.open();
    stage
}

impl Stage {
    /// Collects a fee in US dollars, new ones.
    pub fn collect(&mut self, amount: u64) -> Meta {
        let usdc = self.usdc;
        let authority = self.world.authority.insecure_clone();
        let collector = self.collector.pubkey_of();
        self.world.mint_to(&usdc, &authority, &collector, amount);
        self.collect_from(&usdc, amount)
    }

    /// Collects a fee out of what the collector has.
    pub fn collect_from(&mut self, mint: &Pubkey, amount: u64) -> Meta {
        let collect = self.collect_ix(mint, amount);
        self.world.must(collect, &[&self.collector])
    }

    pub fn collect_ix(&self, mint: &Pubkey, amount: u64) -> Instruction {
        let collector = self.collector.pubkey_of();
        let source = ata(&collector, mint);
        let collect = self.world.collect_ix(&collector, &source, mint, amount);
        collect.instruction()
    }

    pub fn burn(&mut self) -> Outcome {
        let anyone = self.world.wallet();
        let burn = self.world.burn_fees_ix().instruction();
        self.world.send(&[burn], &[&anyone])
    }

    /// Pays an incentive in `mint` to the seller.
    pub fn pay(&mut self, mint: &Pubkey, amount: u64) -> Outcome {
        let to = ata(&self.seller.pubkey_of(), mint);
        let collector = self.collector.pubkey_of();
        let pay = self.world.incentive_ix(&collector, &to, mint, amount);
        self.world.send(&[pay.instruction()], &[&self.collector])
    }

    /// Hands back what is kept of IO, as the market would.
    pub fn release(&mut self) -> Outcome {
        let release = self.release_ix();
        self.world.send(&[release], &[&self.collector])
    }

    pub fn release_ix(&self) -> Instruction {
        ReleaseKept {
            market_authority: self.collector.pubkey_of(),
            fees: pda::treasury::fees(&self.world.io),
        }
        .instruction()
    }

    pub fn open_ix(&self) -> Instruction {
        self.world.open_auction_ix(&self.usdc).instruction()
    }

    pub fn try_open(&mut self) -> Outcome {
        let anyone = self.world.wallet();
        self.world.send(&[self.open_ix()], &[&anyone])
    }

    pub fn open(&mut self) -> Meta {
        self.try_open()
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    pub fn sell_ix(&self, amount: u64, min_usdc: u64) -> Instruction {
        let seller = self.seller.pubkey_of();
        let sell = self.world.sell_ix(&seller, &self.usdc, amount, min_usdc);
        sell.instruction()
    }

    /// Sells at the price as it was posted last.
    pub fn try_sell(&mut self, amount: u64, min_usdc: u64) -> Outcome {
        let sell = self.sell_ix(amount, min_usdc);
        self.world.send(&[sell], &[&self.seller])
    }

    /// Sells at a fresh price of 0.25 USD.
    pub fn sell(&mut self, amount: u64, min_usdc: u64) -> Meta {
        self.world.post_price(QUARTER);
        self.try_sell(amount, min_usdc)
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    /// A refusal that leaves every account as it was.
    #[track_caller]
    pub fn refuses(&mut self, code: impl Into<Code>, run: impl FnOnce(&mut Self) -> Outcome) {
        let before = self.everything();
        expect_code(run(self), code);
        assert!(self.everything() == before, "a refusal changed something");
    }

    fn everything(&self) -> Vec<Option<Account>> {
        let (usdc, io) = (self.usdc, self.world.io);
        let mut addresses = vec![
            pda::treasury::config(),
            pda::treasury::auction(&usdc),
            pda::token::config(),
            usdc,
            io,
        ];
        for mint in [usdc, io] {
            addresses.extend([pda::treasury::fees(&mint), pda::treasury::vault(&mint)]);
            for wallet in [&self.seller, &self.collector] {
                addresses.push(ata(&wallet.pubkey_of(), &mint));
            }
        }
        let accounts = addresses.iter();
        accounts.map(|address| self.world.find(address)).collect()
    }

    pub fn fees(&self, mint: &Pubkey) -> FeeVault {
        self.world.read(&pda::treasury::fees(mint))
    }

    pub fn auction(&self) -> Auction {
        self.world.read(&pda::treasury::auction(&self.usdc))
    }

    /// IO and US dollars of the seller.
    pub fn purse(&self) -> (u64, u64) {
        let seller = self.seller.pubkey_of();
        let balance = |mint| self.world.balance(&ata(&seller, mint));
        (balance(&self.world.io), balance(&self.usdc))
    }

    pub fn burned(&self) -> u64 {
        let books = self
            .world
            .read::<token::accounts::Config>(&pda::token::config());
        books.burned_units
    }

    /// Sets parameters as if their 24 hours were over.
    pub fn set(&mut self, change: impl FnOnce(&mut Config)) {
        self.world.edit(&pda::treasury::config(), change);
    }

    /// Puts US dollars that nobody booked into any account.
    pub fn donate(&mut self, to: &Pubkey, amount: u64) {
        let authority = self.world.authority.pubkey_of();
        let donation = spl::mint_to(&self.usdc, to, &authority, amount);
        self.world.govern(donation);
    }

    /// Panics unless both currencies' books add up and their vaults hold what is booked and kept.
    #[track_caller]
    pub fn check(&self) {
        for mint in [self.usdc, self.world.io] {
            let books = self.fees(&mint);
            assert_eq!(
                books.collected_units,
                books.booked_units
                    + books.burned_units
                    + books.spent_units
                    + books.kept_units
                    + books.paid_units,
                "the books of {mint}"
            );
            let held = self.world.balance(&pda::treasury::vault(&mint));
            assert!(held >= books.booked_units + books.kept_units);
        }
        self.world.check_supply();
    }
}

/// The treasury's own events of a transaction.
pub fn said(meta: &Meta) -> Vec<Event> {
    let ours = |event: &iog_client::events::Event| match event {
        iog_client::events::Event::Treasury(event) => Some(event.clone()),
        _ => None,
    };
    meta.events.iter().filter_map(ours).collect()
}
