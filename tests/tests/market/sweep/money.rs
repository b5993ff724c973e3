//! Instructions that pay out.

use iog_client::market::instructions::*;
use iog_client::{pda, treasury};
use iog_tests::sweep::Wrong;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::World;

use super::super::stage::stage;
use super::{at_work, sweep, ANY, ORACLE};

/// The recipient's account mostly is its associated one: it stands twice, and one mark makes it writable.
const TWICE: &str = "the same account stands in another place, too, and is writable there";

fn twice(places: [usize; 2]) -> [(usize, Wrong, &'static str); 2] {
    places.map(|place| (place, Wrong::ReadOnly, TWICE))
}

/// A recipient that signs chooses any account of its own, and what stands for the associated one is not looked at.
fn with_any(own: usize, associated: usize) -> Vec<(usize, Wrong, &'static str)> {
    let mut free = vec![(own, Wrong::Copy, ANY), (own, Wrong::ReadOnly, TWICE)];
    for what in [
        Wrong::Nothing,
        Wrong::Counterfeit,
        Wrong::Copy,
        Wrong::ReadOnly,
    ] {
        free.push((associated, what, ANY));
    }
    free
}

#[test]
fn refunding_and_paying() {
    let (mut world, supplier, renter, order) = at_work(0);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let refund = world.token_refund_ix(&order).instruction();
    let places = [Refund::ORDER, Refund::ESCROW];
    // A stranger pays into the associated account alone, the renter into any of its own.
    let keeper = world.authority.insecure_clone();
    let both = twice([Refund::RENTER_TOKEN, Refund::ASSOCIATED]);
    sweep(&world, &refund, &[&keeper], &places, &both);
    let mut own = world.token_refund_ix(&order);
    own.signer = renter.wallet.pubkey_of();
    let free = with_any(Refund::RENTER_TOKEN, Refund::ASSOCIATED);
    sweep(
        &world,
        &own.instruction(),
        &[&renter.wallet],
        &places,
        &free,
    );
    let withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
    let places = [WithdrawEarnings::EARNINGS, WithdrawEarnings::ESCROW];
    let both = twice([WithdrawEarnings::DESTINATION, WithdrawEarnings::ASSOCIATED]);
    sweep(&world, &withdraw.instruction(), &[&keeper], &places, &both);
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
    let keeper = world.authority.insecure_clone();
    let both = twice([RefundCredit::RENTER_TOKEN, RefundCredit::ASSOCIATED]);
    sweep(&world, &refund, &[&keeper], &places, &both);
    let settle = world.settle_credit_ix().instruction();
    sweep(&world, &settle, &[], &[SettleCredit::ESCROW], &[]);
    world.advance(2 * 86_400);
    world.post_price(25_000_000);
    let claim = world.claim_credit_ix(&supplier, 0).instruction();
    let places = [
        ClaimCredit::EARNINGS,
        ClaimCredit::ESCROW,
        ClaimCredit::TOKEN_CONFIG,
        ClaimCredit::NET_EMISSION,
        ClaimCredit::PRICE_SOURCE,
    ];
    let oracle = [(ClaimCredit::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &claim, &[&supplier.owner], &places, &oracle);
    let update = world.update_cover_ix().instruction();
    let places = [
        UpdateCover::ESCROW,
        UpdateCover::TOKEN_CONFIG,
        UpdateCover::NET_EMISSION,
        UpdateCover::PRICE_SOURCE,
    ];
    let oracle = [(UpdateCover::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &update, &[], &places, &oracle);
    world.claim_credit(&supplier);
    let fund = world.fund_credit_ix(u64::MAX).instruction();
    sweep(&world, &fund, &[], &[], &[]);
    fund_from_treasury(&world);
    world.fund_credit(u64::MAX);
    let pay = world.pay_credit_ix(&supplier).instruction();
    let both = twice([PayCredit::DESTINATION, PayCredit::ASSOCIATED]);
    sweep(&world, &pay, &[&keeper], &[PayCredit::EARNINGS], &both);
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
    // What is kept comes back when the line is paid by net emission.
    world.fund_credit(u64::MAX);
    let release = world.release_kept_ix().instruction();
    sweep(&world, &release, &[], &[], &[]);
}

/// Money added to an order, and IO for a dollar taken anew.
#[test]
fn funding_and_pricing_orders() {
    let (mut world, supplier, _) = stage();
    let renter = world.credit_renter();
    let mut args = order_args(1, 1, 200);
    args.max_total = 200_000_000_000;
    let order = world.book(&renter, CLASS_TEST, args);
    world.fill(&order, &[&supplier]);
    let signers = [&renter.wallet];
    let add = world.token_funds_ix(&order, 5).instruction();
    let places = [AddFunds::ORDER, AddFunds::ESCROW];
    let free = [(AddFunds::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &add, &signers, &places, &free);
    world.advance(604_800);
    world.post_price(25_000_000);
    let anew = world.price_anew_ix(&order).instruction();
    let places = [PriceAnew::ORDER, PriceAnew::ESCROW, PriceAnew::PRICE_SOURCE];
    let oracle = [(PriceAnew::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &anew, &[], &places, &oracle);
    let other = world.supplier(CLASS_TEST);
    let order = world.running_in(Currency::Iosd, &renter, 2, 1, &[&other]);
    let add = world.credit_funds_ix(&order, 5).instruction();
    let places = [AddFundsCredit::ORDER, AddFundsCredit::ESCROW];
    let free = [(AddFundsCredit::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &add, &signers, &places, &free);
}

/// Accounts that nothing counts on any more.
#[test]
fn closing_accounts() {
    let (mut world, supplier, renter) = stage();
    let owner = supplier.owner.pubkey_of();
    let close = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    };
    let places = [CloseRenter::STATS];
    let signers = [&renter.wallet];
    sweep(&world, &close.instruction(), &signers, &places, &[]);
    let close = CloseEarnings {
        owner,
        earnings: world.earnings_of(&supplier, Currency::Usd),
    };
    let places = [CloseEarnings::EARNINGS];
    sweep(
        &world,
        &close.instruction(),
        &[&supplier.owner],
        &places,
        &[],
    );
    world.delist_device(&supplier);
    world.set_device_state(&supplier, 2);
    let close = CloseOccupancy {
        owner,
        device: supplier.device,
        occupancy: supplier.occupancy,
    };
    let places = [CloseOccupancy::OCCUPANCY];
    sweep(
        &world,
        &close.instruction(),
        &[&supplier.owner],
        &places,
        &[],
    );
}
