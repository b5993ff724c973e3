//! Refusals of what is paid in IOSD.

use iog_client::market::{MarketError as E, QuoteArgs};
use iog_client::pda;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Supplier, World};

use super::super::stage::send;
use super::stage;

/// A supplier that has earned an hour's IOSD, at a price that is posted.
fn earned(world: &mut World) -> Supplier {
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.credit_renter();
    let order = world.running_in(Currency::Iosd, &renter, 1, 2, &[&supplier]);
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
    }
    world.settle_lease(&order, &supplier);
    world.post_price(25_000_000);
    supplier
}

pub fn cases() -> Vec<Case> {
    let mut all = claims();
    all.extend(currencies());
    all
}

fn claims() -> Vec<Case> {
    vec![
        refusal("a stranger claims", E::NotOwner, |world| {
            let supplier = earned(world);
            let stranger = world.wallet();
            let mut claim = world.claim_credit_ix(&supplier, 0);
            claim.owner = stranger.pubkey_of();
            world.send(&[claim.instruction()], &[&stranger])
        }),
        refusal("nothing to claim", E::NothingDue, |world| {
            let (supplier, _) = stage(world);
            let claim = world.claim_credit_ix(&supplier, 0).instruction();
            world.send(&[claim], &[&supplier.owner])
        }),
        refusal("one unit less than asked for", E::BelowMinimum, |world| {
            let supplier = earned(world);
            // 1.995 USD at 0.25 USD and twice 0.1 % of it.
            let claim = world.claim_credit_ix(&supplier, 796_407_186);
            world.send(&[claim.instruction()], &[&supplier.owner])
        }),
        refusal("a claim while one waits", E::ClaimWaits, |world| {
            let supplier = earned(world);
            world.claim_credit(&supplier);
            let renter = world.credit_renter();
            let order = world.running_in(Currency::Iosd, &renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            world.post_price(25_000_000);
            let claim = world.claim_credit_ix(&supplier, 0).instruction();
            world.send(&[claim], &[&supplier.owner])
        }),
        refusal("a claim in IO", E::WrongCurrency, |world| {
            let supplier = earned(world);
            let mut claim = world.claim_credit_ix(&supplier, 0);
            claim.escrow = world.escrow_of(Currency::Io);
            claim.earnings = world.earnings_of(&supplier, Currency::Io);
            world.send(&[claim.instruction()], &[&supplier.owner])
        }),
        refusal("a line that wants nothing", E::NothingDue, |world| {
            let fund = world.fund_credit_ix(u64::MAX).instruction();
            send(world, fund)
        }),
        refusal("fees kept for nobody", E::NothingDue, |world| {
            let fund = world.fund_from_treasury_ix(u64::MAX).instruction();
            send(world, fund)
        }),
        refusal("paid before the line is funded", E::NothingDue, |world| {
            let supplier = earned(world);
            world.claim_credit(&supplier);
            let pay = world.pay_credit_ix(&supplier).instruction();
            send(world, pay)
        }),
        refusal(
            "kept fees released while somebody waits",
            E::ClaimsWait,
            |world| {
                let supplier = earned(world);
                world.claim_credit(&supplier);
                let release = world.release_kept_ix().instruction();
                send(world, release)
            },
        ),
        refusal("a cover of dollars", E::WrongCurrency, |world| {
            world.post_price(25_000_000);
            let mut update = world.update_cover_ix();
            update.escrow = world.escrow_of(Currency::Usd);
            send(world, update.instruction())
        }),
        refusal("a floor where no cover is known", E::CoverStale, |world| {
            let supplier = world.supplier(CLASS_TEST);
            world.list_device(&supplier, 1);
            let renter = world.credit_renter();
            let order = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(1, 1, 1));
            world.make_ready(&supplier);
            let matching = world.match_ix(&order, &supplier);
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
        refusal(
            "a quote in IOSD without the line",
            E::CreditLineMissing,
            |world| {
                let args = QuoteArgs {
                    gpus: 1,
                    hours: 1,
                    min_tier: 0,
                    countries: [[0; 2]; 8],
                };
                let mut quote = world.quote_ix(Currency::Iosd, CLASS_TEST, args);
                quote.line = None;
                send(world, quote.instruction())
            },
        ),
        refusal("no refund at all", E::RefundsWait, |world| {
            let renter = world.credit_renter();
            let order = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let mut refund = world.credit_refund_ix(&order);
            refund.max_units = 0;
            send(world, refund.instruction())
        }),
        refusal(
            "a claim at a price that was followed",
            E::PriceOlder,
            |world| {
                let supplier = earned(world);
                world.update_cover();
                let mut older = world.fresh_price(25_000_000);
                older.publish_time -= 11;
                world.set_price(&older);
                let claim = world.claim_credit_ix(&supplier, 0).instruction();
                world.send(&[claim], &[&supplier.owner])
            },
        ),
        refusal("a claim at a stale price", E::PriceStale, |world| {
            let supplier = earned(world);
            world.advance(21);
            let claim = world.claim_credit_ix(&supplier, 0).instruction();
            world.send(&[claim], &[&supplier.owner])
        }),
    ]
}

fn currencies() -> Vec<Case> {
    vec![
        refusal(
            "IOSD withdrawn out of IO's vault",
            E::WrongCurrency,
            |world| {
                let supplier = earned(world);
                let io = world.io;
                let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Iosd);
                withdraw.vault = pda::market::vault(&io);
                withdraw.mint = io;
                withdraw.destination = supplier.owner_token;
                send(world, withdraw.instruction())
            },
        ),
        refusal(
            "IOSD refunded out of IO's vault",
            E::WrongCurrency,
            |world| {
                let renter = world.credit_renter();
                let order = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(1, 1, 1));
                world.cancel_order(&order, &renter);
                let io = world.io;
                let mut refund = world.token_refund_ix(&order);
                refund.vault = pda::market::vault(&io);
                refund.mint = io;
                refund.renter_token = renter.token;
                send(world, refund.instruction())
            },
        ),
        refusal("IO refunded as IOSD", E::WrongCurrency, |world| {
            let renter = world.credit_renter();
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let refund = world.credit_refund_ix(&order).instruction();
            send(world, refund)
        }),
        refusal(
            "an order in IO extended by IOSD",
            E::WrongCurrency,
            |world| {
                let supplier = world.supplier(CLASS_TEST);
                let renter = world.credit_renter();
                let order = world.running(&renter, 1, 1, &[&supplier]);
                let extend = world.extend_credit_ix(&order, 1, u64::MAX).instruction();
                world.send(&[extend], &[&renter.wallet])
            },
        ),
        refusal("IO's fees as earned IOSD", E::WrongCurrency, |world| {
            let mut settle = world.settle_credit_ix();
            settle.escrow = world.escrow_of(Currency::Io);
            send(world, settle.instruction())
        }),
        refusal("IOSD's fees out of IO's vault", E::WrongCurrency, |world| {
            earned(world);
            let mut collect = world.collect_fees_ix(Currency::Io);
            collect.escrow = world.escrow_of(Currency::Iosd);
            send(world, collect.instruction())
        }),
        refusal("nothing earned in IOSD", E::NothingDue, |world| {
            let settle = world.settle_credit_ix().instruction();
            send(world, settle)
        }),
        refusal("IOSD refunded to another", E::WrongRecipient, |world| {
            let (renter, other) = (world.credit_renter(), world.credit_renter());
            let order = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let mut refund = world.credit_refund_ix(&order);
            refund.renter_token = other.iosd;
            send(world, refund.instruction())
        }),
    ]
}
