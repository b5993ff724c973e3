//! Other people's accounts where money is booked and paid.

use iog_client::market::instructions::*;
use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::swaps;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::World;

use super::{swap, Pair};

#[test]
fn ending_and_closing() {
    let mut pair = Pair::settled(0);
    let lease = pair.foreign_lease();
    let (world, ours, theirs) = (&mut pair.world, &pair.ours, &pair.theirs);
    let dollars = world.escrow_of(Currency::Usd);
    let end = world.end_early_ix(&pair.order).instruction();
    let wrong = [
        swap("order", EndEarly::ORDER, pair.foreign, E::NotRenter),
        swap("escrow", EndEarly::ESCROW, dollars, E::WrongMint),
    ];
    swaps::refused(world, &end, &[&pair.renter.wallet], &wrong);
    world.end_early(&pair.order, &pair.renter);
    world.settle_lease(&pair.order, ours);
    let close = world.close_lease_ix(&pair.order, ours).instruction();
    let stranger = pair.other.wallet.pubkey_of();
    let their_pay = world.earnings_of(theirs, Currency::Io);
    type Place = CloseLease;
    let wrong = [
        swap("device", Place::DEVICE, theirs.device, E::WrongDevice),
        swap("escrow", Place::ESCROW, dollars, E::WrongMint),
        swap("earnings", Place::EARNINGS, their_pay, E::WrongRecipient),
        swap("order", Place::ORDER, pair.foreign, E::WrongOrder),
        swap("lease", Place::LEASE, lease, E::WrongOrder),
        swap("place", Place::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("book", Place::BOOK, theirs.price_book(), E::WrongClass),
        swap("payer", Place::PAYER, stranger, E::WrongRecipient),
    ];
    let keeper = world.authority.insecure_clone();
    swaps::refused(world, &close, &[&keeper], &wrong);
    let refund = world.token_refund_ix(&pair.order).instruction();
    let usd_vault = pda::market::vault(&world.usd);
    let wrong = [
        swap("order", Refund::ORDER, pair.foreign, E::WrongRecipient),
        swap("escrow", Refund::ESCROW, dollars, E::WrongMint),
        swap("vault", Refund::VAULT, usd_vault, E::WrongCurrency),
        swap("mint", Refund::MINT, world.usd, E::WrongMint),
        swap(
            "renter's account",
            Refund::RENTER_TOKEN,
            pair.other.token,
            E::WrongRecipient,
        ),
        swap(
            "associated account",
            Refund::ASSOCIATED,
            pair.other.token,
            E::NotAssociated,
        ),
    ];
    swaps::refused(world, &refund, &[&keeper], &wrong);
    let withdraw = world.withdraw_earnings_ix(ours, Currency::Io);
    type Pay = WithdrawEarnings;
    let wrong = [
        swap("earnings", Pay::EARNINGS, their_pay, E::WrongRecipient),
        swap("escrow", Pay::ESCROW, dollars, E::WrongMint),
        swap("vault", Pay::VAULT, usd_vault, E::WrongCurrency),
        swap("mint", Pay::MINT, world.usd, E::WrongMint),
        swap(
            "destination",
            Pay::DESTINATION,
            theirs.owner_token,
            E::WrongRecipient,
        ),
        swap(
            "associated account",
            Pay::ASSOCIATED,
            theirs.owner_token,
            E::NotAssociated,
        ),
    ];
    swaps::refused(world, &withdraw.instruction(), &[&keeper], &wrong);
    let collect = world.collect_fees_ix(Currency::Io).instruction();
    let wrong = [
        swap("vault", CollectFees::VAULT, usd_vault, E::WrongCurrency),
        swap("mint", CollectFees::MINT, world.usd, E::WrongMint),
    ];
    swaps::refused(world, &collect, &[&keeper], &wrong);
}

#[test]
fn booking_and_extending() {
    let mut pair = Pair::new(0, true);
    let world = &mut pair.world;
    world.post_price(25_000_000);
    let dollars = world.escrow_of(Currency::Usd);
    let usd_vault = pda::market::vault(&world.usd);
    let class = pair.theirs.class;
    let book = pair.theirs.price_book();
    let extend = world.extend_ix(&pair.order, 1, u64::MAX).instruction();
    let wrong = [
        swap("class", Extend::CLASS, class, E::WrongClass),
        swap("book", Extend::BOOK, book, E::WrongClass),
        swap("order", Extend::ORDER, pair.foreign, E::NotRenter),
        swap("escrow", Extend::ESCROW, dollars, E::WrongMint),
        swap("vault", Extend::VAULT, usd_vault, E::WrongCurrency),
        swap("mint", Extend::MINT, world.usd, E::WrongMint),
    ];
    swaps::refused(world, &extend, &[&pair.renter.wallet], &wrong);
    let create = world.create_order_ix(&pair.renter, CLASS_TEST, order_args(7, 1, 1));
    type Place = CreateOrder;
    let wrong = [
        swap("class", Place::CLASS, class, E::WrongClass),
        swap("book", Place::BOOK, book, E::WrongClass),
        swap("stats", Place::STATS, pair.other.stats, E::NotRenter),
        swap("escrow", Place::ESCROW, dollars, E::WrongCurrency),
        swap("vault", Place::VAULT, usd_vault, E::WrongCurrency),
        swap("mint", Place::MINT, world.usd, E::WrongMint),
    ];
    swaps::refused(world, &create.instruction(), &[&pair.renter.wallet], &wrong);
}

#[test]
fn listing() {
    let pair = Pair::new(0, true);
    let (world, ours, theirs) = (&pair.world, &pair.ours, &pair.theirs);
    let list = world.list_device_ix(ours, 5).instruction();
    type Place = ListDevice;
    let wrong = [
        swap("device", Place::DEVICE, theirs.device, E::NotOwner),
        swap("class", Place::CLASS, theirs.class, E::WrongClass),
        swap("stake", Place::STAKE, theirs.stake, E::WrongDevice),
        swap("book", Place::BOOK, theirs.price_book(), E::WrongClass),
    ];
    swaps::refused(world, &list, &[&ours.owner], &wrong);
    let delist = world.delist_device_ix(&ours.owner.pubkey_of(), ours);
    type Off = DelistDevice;
    let wrong = [
        swap("class", Off::CLASS, theirs.class, E::WrongClass),
        swap("book", Off::BOOK, theirs.price_book(), E::WrongClass),
        swap("place", Off::OCCUPANCY, theirs.occupancy, E::WrongClass),
    ];
    swaps::refused(world, &delist.instruction(), &[&ours.owner], &wrong);
    let mut world = world.clone();
    world.heartbeat(ours);
    let relist = world.relist_device_ix(ours).instruction();
    type Again = RelistDevice;
    let wrong = [
        swap("device", Again::DEVICE, theirs.device, E::NotDeviceKey),
        swap("class", Again::CLASS, theirs.class, E::WrongClass),
        swap("stake", Again::STAKE, theirs.stake, E::WrongDevice),
        swap("book", Again::BOOK, theirs.price_book(), E::WrongClass),
        swap("place", Again::OCCUPANCY, theirs.occupancy, E::WrongDevice),
    ];
    let payer = world.authority.insecure_clone();
    swaps::refused(&world, &relist, &[&payer, &ours.device_key], &wrong);
}

#[test]
fn credit() {
    let mut world = World::ready();
    let [ours, theirs] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.credit_renter();
    for (id, supplier) in [(1, &ours), (2, &theirs)] {
        let order = world.running_in(Currency::Iosd, &renter, id, 1, &[supplier]);
        world.serve_hour(&[supplier], 6);
        world.wind_up(&order, &[supplier]);
    }
    world.advance(2 * 86_400);
    world.post_price(25_000_000);
    let claim = world.claim_credit_ix(&ours, 0).instruction();
    let their_pay = world.earnings_of(&theirs, Currency::Iosd);
    let our_io = world.earnings_of(&ours, Currency::Io);
    let io = world.escrow_of(Currency::Io);
    let wrong = [
        swap("earnings", ClaimCredit::EARNINGS, their_pay, E::NotOwner),
        swap("currency", ClaimCredit::EARNINGS, our_io, E::WrongMint),
        swap("escrow", ClaimCredit::ESCROW, io, E::WrongMint),
    ];
    swaps::refused(&world, &claim, &[&ours.owner], &wrong);
    world.claim_credit(&ours);
    let keeper = world.authority.insecure_clone();
    let io_vault = pda::market::vault(&world.io);
    let fund = world.fund_credit_ix(u64::MAX).instruction();
    let wrong = [
        swap("vault", FundCredit::VAULT, io_vault, E::WrongRecipient),
        swap("mint", FundCredit::IO_MINT, world.usd, E::WrongMint),
    ];
    swaps::refused(&world, &fund, &[&keeper], &wrong);
    world.fund_credit(u64::MAX);
    let pay = world.pay_credit_ix(&ours).instruction();
    let wrong = [
        swap(
            "earnings",
            PayCredit::EARNINGS,
            their_pay,
            E::WrongRecipient,
        ),
        swap("vault", PayCredit::VAULT, io_vault, E::WrongRecipient),
        swap("mint", PayCredit::IO_MINT, world.usd, E::WrongMint),
        swap(
            "destination",
            PayCredit::DESTINATION,
            theirs.owner_token,
            E::WrongRecipient,
        ),
        swap(
            "associated account",
            PayCredit::ASSOCIATED,
            theirs.owner_token,
            E::NotAssociated,
        ),
    ];
    swaps::refused(&world, &pay, &[&keeper], &wrong);
    let settle = world.settle_credit_ix().instruction();
    let wrong = [swap("escrow", SettleCredit::ESCROW, io, E::WrongCurrency)];
    swaps::refused(&world, &settle, &[&keeper], &wrong);
}
