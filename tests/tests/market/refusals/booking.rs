//! Refusals of new orders, quotes and extensions.

use iog_client::market::accounts::Escrow;
use iog_client::market::instructions::Pause;
use iog_client::market::{MarketError as E, QuoteArgs};
use iog_client::pda;
use iog_client::registry::ClassArgs;
use iog_tests::world::{class_args, order_args, Currency, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

use super::super::stage::send;
use super::{create, stage};

const TOTAL: u64 = 401_803_609;

fn with_class(world: &mut World, change: impl FnOnce(&mut ClassArgs)) -> Outcome {
    let mut class = class_args(CLASS_TEST);
    change(&mut class);
    world.update_class(class);
    create(world, |_| {})
}

fn quoted(world: &mut World, change: impl FnOnce(&mut QuoteArgs)) -> Outcome {
    let mut args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    change(&mut args);
    let quote = world.quote_ix(Currency::Io, CLASS_TEST, args).instruction();
    send(world, quote)
}

pub fn cases() -> Vec<Case> {
    let mut all = numbers();
    all.extend(accounts());
    all.extend(extensions());
    all
}

fn numbers() -> Vec<Case> {
    vec![
        refusal("a class without price", E::ClassNotOffered, |w| {
            with_class(w, |class| class.base_price_usd6 = 0)
        }),
        refusal("a disabled class", E::ClassNotOffered, |w| {
            with_class(w, |class| class.enabled = false)
        }),
        refusal("no GPU", E::InvalidGpus, |w| create(w, |a| a.gpus = 0)),
        refusal("4,097 GPUs", E::InvalidGpus, |w| {
            create(w, |a| a.gpus = 4_097)
        }),
        refusal("a quote of no GPU", E::InvalidGpus, |w| {
            quoted(w, |a| a.gpus = 0)
        }),
        refusal("no hour", E::InvalidHours, |w| create(w, |a| a.hours = 0)),
        refusal("87,601 hours", E::InvalidHours, |w| {
            create(w, |a| a.hours = 87_601)
        }),
        refusal("a quote of too many hours", E::InvalidHours, |w| {
            quoted(w, |a| a.hours = 87_601)
        }),
        refusal("tier 5", E::InvalidTier, |w| create(w, |a| a.min_tier = 5)),
        refusal("a fourth kind", E::InvalidKind, |w| {
            create(w, |a| a.kind = 3)
        }),
        refusal("a reputation above one", E::InvalidReputation, |w| {
            create(w, |a| a.min_reputation_bps = 10_001)
        }),
        refusal("one unit above the limit", E::TotalAboveLimit, |w| {
            create(w, |a| a.max_total = TOTAL - 1)
        }),
        refusal("a total beyond 64 bits", E::MathOverflow, |world| {
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 1_000_000_000;
            world.update_class(class);
            create(world, |a| (a.gpus, a.hours) = (4_096, 87_600))
        }),
        refusal("a price beyond 64 bits", E::MathOverflow, |w| {
            with_class(w, |class| class.base_price_usd6 = u64::MAX)
        }),
        refusal("books beyond 64 bits", E::MathOverflow, |world| {
            let escrow = world.escrow_of(Currency::Io);
            world.edit::<Escrow>(&escrow, |books| books.deposited_units = u64::MAX);
            create(world, |_| {})
        }),
        refusal("orders are paused", E::Paused, |world| {
            let signer = world.authority.pubkey_of();
            world.govern(Pause { signer, actions: 1 }.instruction());
            create(world, |_| {})
        }),
    ]
}

fn accounts() -> Vec<Case> {
    vec![
        refusal("a mint that is not IO", E::WrongMint, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.mint = world.mint(&renter.wallet, 8);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("another class than the one named", E::WrongClass, |w| {
            create(w, |a| a.class_ids = [CLASS_COMMUNITY, CLASS_TEST, 0, 0])
        }),
        refusal("no class", E::WrongClass, |w| {
            create(w, |a| a.class_ids = [0; 4])
        }),
        refusal("the price book of another class", E::WrongClass, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.book = pda::market::price_book(CLASS_COMMUNITY);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("counted for another renter", E::NotRenter, |world| {
            let (renter, other) = (world.renter(), world.renter());
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.stats = other.stats;
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("IOSD by transfer", E::WrongCurrency, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.escrow = world.escrow_of(Currency::Iosd);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("IO by burning", E::WrongCurrency, |world| {
            let renter = world.credit_renter();
            let mut wrong = world.credit_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.escrow = world.escrow_of(Currency::Io);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
    ]
}

fn extensions() -> Vec<Case> {
    vec![
        refusal("extended by no hour", E::InvalidHours, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let extend = world.extend_ix(&order, 0, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended beyond ten years", E::InvalidHours, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 1;
            world.update_class(class);
            let extend = world.extend_ix(&order, 87_600, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended above the limit", E::TotalAboveLimit, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let extend = world.extend_ix(&order, 1, TOTAL - 1).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended before the start", E::OrderNotActive, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended at its end", E::OrderNotActive, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.post_price(25_000_000);
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended by another renter", E::NotRenter, |world| {
            let (supplier, renter) = stage(world);
            let other = world.renter();
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let mut extend = world.extend_ix(&order, 1, u64::MAX);
            extend.renter = other.wallet.pubkey_of();
            extend.renter_token = other.token;
            world.send(&[extend.instruction()], &[&other.wallet])
        }),
        refusal(
            "extended at another class's price",
            E::WrongClass,
            |world| {
                let (supplier, renter) = stage(world);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                let mut extend = world.extend_ix(&order, 1, u64::MAX);
                extend.class = pda::registry::class(CLASS_COMMUNITY);
                extend.book = pda::market::price_book(CLASS_COMMUNITY);
                world.send(&[extend.instruction()], &[&renter.wallet])
            },
        ),
        refusal("a fourth price of an extension", E::TooManyRates, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            for usd8 in [26_000_000, 27_000_000, 28_000_000] {
                world.post_price(usd8);
                world.extend(&order, &renter, 1);
            }
            world.extend(&order, &renter, 1);
            world.post_price(29_000_000);
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
    ]
}

/// What lies on the bounds.
pub fn bounds() -> Vec<fn(&mut World) -> Outcome> {
    vec![
        |w| create(w, |a| a.max_total = TOTAL),
        |w| create(w, |a| (a.min_tier, a.kind) = (4, 2)),
        |w| create(w, |a| a.min_reputation_bps = 10_000),
        |w| create(w, |a| a.class_ids = [CLASS_TEST, 9, 9, CLASS_TEST]),
    ]
}
