//! Instructions that pay out.

use iog_client::market::instructions::*;
use iog_client::{pda, treasury};
use iog_tests::sweep::Wrong;
use iog_tests::world::{order_args, Currency, CLASS_TEST};
use iog_tests::World;

use super::super::stage::stage;
use super::{at_work, sweep, ANY, ORACLE};

#[test]
fn refunding_and_paying() {
    let (mut world, supplier, renter, order) = at_work(0);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let refund = world.token_refund_ix(&order).instruction();
    let places = [Refund::ORDER, Refund::ESCROW];
    let free = [(Refund::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &refund, &[], &places, &free);
    let withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
    let places = [WithdrawEarnings::EARNINGS, WithdrawEarnings::ESCROW];
    let free = [(WithdrawEarnings::DESTINATION, Wrong::Copy, ANY)];
    sweep(&world, &withdraw.instruction(), &[], &places, &free);
    let collect = world.collect_fees_ix(Currency::Io).instruction();
    let places = [CollectFees::ESCROW];
    sweep(&world, &collect, &[], &places, &[]);
    let waiting = world.book(&renter, CLASS_TEST, order_args(5, 1, 1));
    let cancel = world.cancel_ix(&waiting).instruction();
    let places = [CancelOrder::ORDER, CancelOrder::ESCROW];
    sweep(&world, &cancel, &[&renter.wallet], &places, &[]);
    world.set_time(world.now() + 1_200);
    let expire = world.expire_ix(&waiting).instruction();
    let places = [ExpireOrder::ORDER, ExpireOrder::ESCROW];
    sweep(&world, &expire, &[], &places, &[]);
}

#[test]
fn paying_in_credit() {
    let (mut world, supplier, _) = stage();
    let renter = world.credit_renter();
    let order = world.running_in(Currency::Iosd, &renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    let extend = world.extend_credit_ix(&order, 1, u64::MAX).instruction();
    let places = [
        ExtendCredit::CLASS,
        ExtendCredit::BOOK,
        ExtendCredit::ORDER,
        ExtendCredit::ESCROW,
    ];
    let free = [(ExtendCredit::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &extend, &[&renter.wallet], &places, &free);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let refund = world.credit_refund_ix(&order).instruction();
    let places = [RefundCredit::ORDER, RefundCredit::ESCROW];
    let free = [(RefundCredit::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &refund, &[], &places, &free);
    let settle = world.settle_credit_ix().instruction();
    sweep(&world, &settle, &[], &[SettleCredit::ESCROW], &[]);
    world.advance(2 * 86_400);
    world.post_price(25_000_000);
    let claim = world.claim_credit_ix(&supplier, 0).instruction();
    let places = [
        ClaimCredit::EARNINGS,
        ClaimCredit::ESCROW,
        ClaimCredit::PRICE_SOURCE,
    ];
    let oracle = [(ClaimCredit::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &claim, &[&supplier.owner], &places, &oracle);
    world.claim_credit(&supplier);
    let fund = world.fund_credit_ix(u64::MAX).instruction();
    sweep(&world, &fund, &[], &[], &[]);
    fund_from_treasury(&world);
    world.fund_credit(u64::MAX);
    let pay = world.pay_credit_ix(&supplier).instruction();
    let free = [(PayCredit::DESTINATION, Wrong::Copy, ANY)];
    sweep(&world, &pay, &[], &[PayCredit::EARNINGS], &free);
}

/// With fees that the treasury keeps.
fn fund_from_treasury(world: &World) {
    let mut world = world.clone();
    world.edit::<treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    world.collect_fees(Currency::Io);
    let fund = world.fund_from_treasury_ix(u64::MAX).instruction();
    sweep(&world, &fund, &[], &[], &[]);
}
