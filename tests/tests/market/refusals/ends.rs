//! Refusals of orders at their end, and of money on its way out.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, World};
use solana_pubkey::Pubkey;

use super::super::stage::send;
use super::{at_work, stage, waiting};

/// Another account of the same owner.
fn another(world: &mut World, like: &Pubkey) -> Pubkey {
    let account = world.address();
    world.copy_account(like, &account);
    account
}

pub fn cases() -> Vec<Case> {
    let mut all = endings();
    all.extend(payments());
    all
}

fn endings() -> Vec<Case> {
    vec![
        refusal("another renter ends it", E::NotRenter, |world| {
            let (_, _, order) = at_work(world);
            let other = world.renter();
            let mut end = world.end_early_ix(&order);
            end.renter = other.wallet.pubkey_of();
            world.send(&[end.instruction()], &[&other.wallet])
        }),
        refusal("ended before the start", E::OrderNotActive, |world| {
            let (_, renter, order) = waiting(world);
            let end = world.end_early_ix(&order).instruction();
            world.send(&[end], &[&renter.wallet])
        }),
        refusal("another renter cancels", E::NotRenter, |world| {
            let (_, _, order) = waiting(world);
            let other = world.renter();
            let mut cancel = world.cancel_ix(&order);
            cancel.renter = other.wallet.pubkey_of();
            world.send(&[cancel.instruction()], &[&other.wallet])
        }),
        refusal("cancelled at work", E::OrderNotOpen, |world| {
            let (_, renter, order) = at_work(world);
            let cancel = world.cancel_ix(&order).instruction();
            world.send(&[cancel], &[&renter.wallet])
        }),
        refusal(
            "a second too early to expire",
            E::OrderNotExpired,
            |world| {
                let (_, _, order) = waiting(world);
                world.advance(1_199);
                let expire = world.expire_ix(&order).instruction();
                send(world, expire)
            },
        ),
        refusal("an order closed at work", E::OrderNotFinished, |world| {
            let (_, _, order) = at_work(world);
            let close = world.close_order_ix(&order).instruction();
            send(world, close)
        }),
        refusal("closed before its refund", E::OrderNotFinished, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let close = world.close_order_ix(&order).instruction();
            send(world, close)
        }),
        refusal("the order's rent to another", E::NotRenter, |world| {
            let (_, _, order) = at_work(world);
            let mut close = world.close_order_ix(&order);
            close.renter = world.renter().wallet.pubkey_of();
            send(world, close.instruction())
        }),
    ]
}

fn payments() -> Vec<Case> {
    vec![
        refusal("the refund of a running order", E::NothingDue, |world| {
            let (_, _, order) = at_work(world);
            let refund = world.refund_ix(&order);
            send(world, refund)
        }),
        refusal("refunded twice", E::NothingDue, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            world.refund(&order);
            let refund = world.refund_ix(&order);
            send(world, refund)
        }),
        refusal("refunded to another", E::WrongRecipient, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let mut refund = world.token_refund_ix(&order);
            refund.renter_token = supplier.owner_token;
            send(world, refund.instruction())
        }),
        refusal("refunded elsewhere by a stranger", E::NotAssociated, |w| {
            let (_, renter) = stage(w);
            let order = w.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            w.cancel_order(&order, &renter);
            let mut refund = w.token_refund_ix(&order);
            refund.renter_token = another(w, &renter.token);
            send(w, refund.instruction())
        }),
        refusal(
            "a stranger's own idea of the associated account",
            E::NotAssociated,
            |w| {
                let (_, renter) = stage(w);
                let order = w.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                w.cancel_order(&order, &renter);
                let mut refund = w.token_refund_ix(&order);
                refund.renter_token = another(w, &renter.token);
                refund.associated = refund.renter_token;
                send(w, refund.instruction())
            },
        ),
        refusal("earnings paid elsewhere", E::NotAssociated, |world| {
            let (supplier, _, order) = at_work(world);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
            withdraw.destination = another(world, &supplier.owner_token);
            send(world, withdraw.instruction())
        }),
        refusal("refunded out of another vault", E::WrongMint, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            let mut refund = world.token_refund_ix(&order);
            refund.escrow = world.escrow_of(Currency::Usd);
            refund.vault = pda::market::vault(&world.usd);
            refund.mint = world.usd;
            refund.renter_token = renter.usd;
            send(world, refund.instruction())
        }),
        refusal("earnings paid to another", E::WrongRecipient, |world| {
            let (supplier, renter, order) = at_work(world);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
            withdraw.destination = renter.token;
            send(world, withdraw.instruction())
        }),
        refusal("nothing to withdraw", E::NothingDue, |world| {
            let (supplier, _, _) = at_work(world);
            let withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
            send(world, withdraw.instruction())
        }),
        refusal("no fees to collect", E::NothingDue, |world| {
            let collect = world.collect_fees_ix(Currency::Io).instruction();
            send(world, collect)
        }),
    ]
}
