//! The price that a quorum signs: reporters, and transactions that carry what they signed.

use iog_client::pda;
use iog_client::price_report::{self, SignedReport};
use iog_client::token::accounts::{PriceFeed, PriceSource};
use iog_client::token::instructions::{CreatePriceFeed, ReportPrice, SetReporter};
use iog_client::token::ID;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::{Outcome, PubkeyOf, World};

/// Seconds between two reports of [`World::report_for`]: as long as one bucket of the average.
const EVERY_SECS: i64 = 300;

impl World {
    /// Creates the feed and makes it the source of prices; `named` reporters are named, on the day of the initialisation. The quorum
    /// must be more than half of them.
    pub fn price_by_quorum(&mut self, quorum: u64, named: u8) -> Vec<Keypair> {
        let create = CreatePriceFeed {
            authority: self.authority.pubkey_of(),
            quorum,
        };
        self.govern(create.instruction());
        let keys: Vec<Keypair> = (0..named).map(|_| self.key()).collect();
        for (index, key) in (0..).zip(&keys) {
            let set = self.set_reporter_ix(index, &key.pubkey_of());
            self.govern(set.instruction());
        }
        self.edit::<PriceSource>(&pda::token::price_source(), |source| {
            source.receiver = ID;
            source.account = pda::token::price_feed();
        });
        self.price = pda::token::price_feed();
        keys
    }

    pub fn set_reporter_ix(&self, index: u8, key: &Pubkey) -> SetReporter {
        SetReporter {
            authority: self.authority.pubkey_of(),
            index,
            key: *key,
        }
    }

    pub fn price_feed(&self) -> PriceFeed {
        self.read(&pda::token::price_feed())
    }

    /// Has the reports of others checked and taken; whoever signs the transaction carries them.
    pub fn carry_ixs(&self, reports: &[SignedReport]) -> [Instruction; 2] {
        let check = price_report::check(reports).expect("as many as fit a transaction");
        [check, ReportPrice {}.instruction()]
    }

    /// Carries reports in one transaction that the network's authority pays.
    pub fn carry(&mut self, reports: &[SignedReport]) -> Outcome {
        let carrier = self.authority.insecure_clone();
        let carry = self.carry_ixs(reports);
        self.send(&carry, &[&carrier])
    }

    /// Everybody reports this price now. Prices are in 10^-10 USD for one IO.
    pub fn report_all(&mut self, keys: &[Keypair], price: u64) {
        let now = self.now();
        let reports: Vec<SignedReport> = keys.iter().map(|key| signed(key, price, now)).collect();
        for some in reports.chunks(price_report::MOST_AT_ONCE) {
            self.carry(some)
                .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
        }
    }

    /// Everybody reports this price every five minutes, `times` times; the last time is now.
    pub fn report_for(&mut self, keys: &[Keypair], price: u64, times: u32) {
        for _ in 0..times {
            self.advance(EVERY_SECS);
            self.report_all(keys, price);
        }
    }
}

/// A report as its reporter signs it.
pub fn signed(key: &Keypair, price: u64, ts: i64) -> SignedReport {
    signed_for(key, &pda::token::price_feed(), price, ts)
}

/// A report for any account.
pub fn signed_for(key: &Keypair, feed: &Pubkey, price: u64, ts: i64) -> SignedReport {
    let message = price_report::message(feed, price, ts);
    SignedReport {
        feed: *feed,
        price,
        ts,
        key: key.pubkey_of(),
        signature: key.sign_message(&message).into(),
    }
}
