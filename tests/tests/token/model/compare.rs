//! Every counter, window, balance and supply, after each step.

use iog_client::pda;
use iog_client::token::accounts::{Minter, NetEmission};
use iog_math::net_emission::Allowance;
use iog_tests::world::{ata, iosd_ata, PubkeyOf};

use super::actions::Action;
use super::machine::Machine;
use super::reference::{GENESIS, HOLDERS};

impl Machine {
    /// Panics unless every book, window, balance and supply is the reference's.
    pub fn compare(&self, action: Action) {
        let (world, model) = (&self.world, &self.model);
        let books = world.token_config();
        let got = [
            books.genesis_units + books.emitted_units,
            books.reminted_units,
            books.burned_units,
            books.iosd_minted_units,
            books.iosd_spent_units,
            books.iosd_refunded_units,
            books.iosd_settled_units,
            u64::from(books.paused),
        ];
        let expected = [
            GENESIS + model.emitted,
            model.reminted,
            model.burned,
            model.iosd_minted,
            model.iosd_spent,
            model.iosd_refunded,
            model.iosd_settled,
            u64::from(model.paused),
        ];
        assert_eq!(got, expected, "books after {action:?}");
        for (window, bucket) in books.windows.iter().zip(model.windows) {
            let got = (window.level_units, window.at_ts);
            assert_eq!(got, (bucket.level, bucket.at), "windows after {action:?}");
        }
        let [.., refunds] = &books.windows;
        let credit = (refunds.credit_units, refunds.credit_ts);
        let expected = (model.credit.level, model.credit.at);
        assert_eq!(credit, expected, "credit after {action:?}");
        let minter = world.read::<Minter>(&pda::token::minter(&self.key.pubkey_of()));
        assert_eq!(minter.minted_units, model.emitted + model.reminted);
        assert_eq!(minter.outstanding_iosd_units, model.outstanding());
        assert_eq!(minter.minted_this_hour_units, model.minter_hour.sum);
        self.compare_net_emission(action);
        self.compare_supplies(action);
    }

    fn compare_net_emission(&self, action: Action) {
        let model = &self.model;
        let books = self.world.read::<NetEmission>(&pda::token::net_emission());
        let got = (books.burned_units, books.reminted_units);
        let burned = model.burned_for_iosd();
        assert_eq!(got, (burned, model.reminted), "after {action:?}");
        assert!(model.reminted <= burned && burned <= model.burned);
        assert_eq!(books.minted_this_hour_units, model.net_hour.sum);
        assert_eq!(books.newest_price_ts, model.newest, "after {action:?}");
        let account = Allowance {
            buckets: books.buckets,
            day: books.day,
            at_ts: books.at_ts,
            streaming: books.streaming_units,
            remainder: books.remainder,
            available: books.available_units,
        };
        let available = account.available_at(model.now).unwrap();
        assert_eq!(available, model.available(), "after {action:?}");
    }

    fn compare_supplies(&self, action: Action) {
        let (world, model) = (&self.world, &self.model);
        let supply = model.supply() - model.burned_directly;
        assert_eq!(world.supply(&world.io), supply, "IO after {action:?}");
        let iosd = model.iosd_supply() - model.iosd_burned_directly;
        let mint = pda::token::iosd_mint();
        assert_eq!(world.supply(&mint), iosd, "IOSD after {action:?}");
        assert_eq!(iosd, model.iosd.iter().sum::<u64>());
        for holder in 0..HOLDERS {
            let wallet = self.wallet(holder);
            let got = (
                world.balance(&ata(&wallet, &world.io)),
                world.balance(&iosd_ata(&wallet)),
            );
            let expected = (model.io[holder], model.iosd[holder]);
            assert_eq!(got, expected, "holder {holder} after {action:?}");
        }
    }
}
