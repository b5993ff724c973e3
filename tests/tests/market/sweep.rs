//! Every place of every market instruction, given every kind of wrong account.

use iog_client::market::instructions::*;
use iog_client::market::QuoteArgs;
use iog_client::{pda, treasury};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{
    class_args, order_args, price_book_args, Currency, PubkeyOf, Renter, CLASS_TEST,
};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::{stage, stage_with};

/// A copy can only be made by the program that owns it, and that one makes its accounts at their seeds alone.
const OWNED: &str = "only its own program creates such an account, at one address";
const ANY: &str = "any account of the recipient's or payer's will do";
const ORACLE: &str = "any update that Pyth's receiver wrote for the feed will do";

type Harmless = (usize, Wrong, &'static str);

/// Copies of accounts of our programs in these places say nothing new.
fn owned(places: &[usize]) -> Vec<Harmless> {
    let copy = |place: &usize| (*place, Wrong::Copy, OWNED);
    places.iter().map(copy).collect()
}

#[track_caller]
fn sweep(
    world: &World,
    ix: &Instruction,
    signers: &[&Keypair],
    places: &[usize],
    more: &[Harmless],
) {
    let mut harmless = owned(places);
    harmless.extend_from_slice(more);
    sweep::refused(world, ix, signers, &harmless);
}

/// A running order of three hours whose first hour was served, and its parts.
fn at_work(dispute_secs: u16) -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage_with(dispute_secs);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    (world, supplier, renter, order)
}

#[test]
fn currencies_and_price_books() {
    let (mut world, _, _) = stage();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let add = AddEscrow {
        authority: authority.pubkey_of(),
        mint,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
        currency: 1,
    };
    sweep(&world, &add.instruction(), &[&authority], &[], &[]);
    world.add_class(class_args(3));
    let add = world.add_price_book_ix(3, price_book_args()).instruction();
    sweep(&world, &add, &[&authority], &[AddPriceBook::CLASS], &[]);
    world.advance(86_400);
    let set = world.set_price_book_ix(CLASS_TEST, price_book_args());
    let places = [SetPriceBook::BOOK];
    sweep(&world, &set.instruction(), &[&authority], &places, &[]);
    let set = SetResolver {
        authority: authority.pubkey_of(),
        resolver: mint,
    };
    sweep(&world, &set.instruction(), &[&authority], &[], &[]);
}

#[test]
fn the_currency_iosd() {
    let (mut world, _, _) = stage();
    let add = AddCreditEscrow {
        authority: world.authority.pubkey_of(),
        token_config: pda::token::config(),
        escrow: world.escrow_of(Currency::Iosd),
        io_mint: world.io,
    };
    // As on a network where it is still missing.
    for address in [
        add.escrow,
        pda::market::credit_line(),
        pda::market::credit_vault(),
    ] {
        world.set_account(&address, solana_account::Account::default());
    }
    let authority = world.authority.insecure_clone();
    let places = [AddCreditEscrow::TOKEN_CONFIG];
    sweep(&world, &add.instruction(), &[&authority], &places, &[]);
}

#[test]
fn quotes_and_orders() {
    let (mut world, _, _) = stage();
    let renter = world.credit_renter();
    let args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    let quote = world.quote_ix(Currency::Io, CLASS_TEST, args).instruction();
    let places = [
        Quote::CLASS,
        Quote::BOOK,
        Quote::PRICE_SOURCE,
        Quote::ESCROW,
    ];
    let oracle = [(Quote::PRICE, Wrong::Copy, ORACLE)];
    sweep(&world, &quote, &[], &places, &oracle);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    let places = [
        CreateOrder::CLASS,
        CreateOrder::BOOK,
        CreateOrder::PRICE_SOURCE,
        CreateOrder::STATS,
        CreateOrder::ESCROW,
    ];
    let free = [
        (CreateOrder::PRICE, Wrong::Copy, ORACLE),
        (CreateOrder::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    let signers = [&renter.wallet];
    sweep(&world, &create.instruction(), &signers, &places, &free);
    let create = world.credit_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    let places = [
        CreateCreditOrder::CLASS,
        CreateCreditOrder::BOOK,
        CreateCreditOrder::STATS,
        CreateCreditOrder::ESCROW,
    ];
    let free = [(CreateCreditOrder::RENTER_TOKEN, Wrong::Copy, ANY)];
    sweep(&world, &create.instruction(), &signers, &places, &free);
    let other = world.wallet();
    let open = world.open_renter_ix(&other.pubkey_of()).instruction();
    let payer = world.authority.insecure_clone();
    sweep(&world, &open, &[&payer], &[], &[]);
}

#[test]
fn listings_and_earnings() {
    let (mut world, supplier, _) = stage();
    let owner = supplier.owner.insecure_clone();
    let list = world.list_device_ix(&supplier, 1).instruction();
    let places = [ListDevice::STAKE, ListDevice::BOOK];
    sweep(&world, &list, &[&owner], &places, &[]);
    let delist = world.delist_device_ix(&owner.pubkey_of(), &supplier);
    let places = [DelistDevice::BOOK, DelistDevice::OCCUPANCY];
    sweep(&world, &delist.instruction(), &[&owner], &places, &[]);
    let fresh = world.registered(CLASS_TEST, 1);
    let open = world.open_earnings_ix(&fresh, Currency::Usd).instruction();
    let places = [OpenEarnings::ESCROW];
    sweep(&world, &open, &[&fresh.owner], &places, &[]);
}

#[test]
fn matching_accepting_and_skipping() {
    let (mut world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&order, &supplier).instruction();
    let places = [
        MatchDevice::BOOK,
        MatchDevice::STAKE,
        MatchDevice::OCCUPANCY,
        MatchDevice::EARNINGS,
    ];
    // Only another class than the quoted one is priced by its book.
    sweep(&world, &matching, &[&keeper], &places, &[]);
    world.match_device(&order, &supplier);
    let accept = world.accept_ix(&order, &supplier).instruction();
    let places = [Accept::LEASE, Accept::OCCUPANCY, Accept::BOOK];
    sweep(&world, &accept, &[&supplier.device_key], &places, &[]);
    world.set_time(world.now() + 181);
    let skip = world.skip_ix(&order, &supplier).instruction();
    let places = [SkipDevice::LEASE, SkipDevice::OCCUPANCY, SkipDevice::BOOK];
    sweep(&world, &skip, &[], &places, &[]);
}

#[test]
fn settling_and_closing() {
    let (mut world, supplier, renter, order) = at_work(0);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let places = [
        Settle::LEASE,
        Settle::OCCUPANCY,
        Settle::BOOK,
        Settle::ESCROW,
        Settle::EARNINGS,
        Settle::STATS,
    ];
    sweep(&world, &settle, &[], &places, &[]);
    let mut priced = world.clone();
    priced.post_price(25_000_000);
    let extend = priced.extend_ix(&order, 1, u64::MAX);
    let places = [
        Extend::CLASS,
        Extend::BOOK,
        Extend::PRICE_SOURCE,
        Extend::ORDER,
        Extend::ESCROW,
    ];
    let free = [
        (Extend::PRICE, Wrong::Copy, ORACLE),
        (Extend::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep(
        &priced,
        &extend.instruction(),
        &[&renter.wallet],
        &places,
        &free,
    );
    let end = world.end_early_ix(&order).instruction();
    let places = [EndEarly::ORDER, EndEarly::ESCROW];
    sweep(&world, &end, &[&renter.wallet], &places, &[]);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &supplier);
    let close = world.close_lease_ix(&order, &supplier).instruction();
    let places = [CloseLease::LEASE, CloseLease::OCCUPANCY, CloseLease::BOOK];
    sweep(&world, &close, &[], &places, &[]);
    world.close_lease(&order, &supplier);
    world.refund(&order);
    let close = world.close_order_ix(&order).instruction();
    sweep(&world, &close, &[], &[CloseOrder::ORDER], &[]);
}

#[test]
fn dropping_out() {
    let (mut world, supplier, renter, order) = at_work(0);
    world.post_price(25_000_000);
    world.settle_lease(&order, &supplier);
    world.extend(&order, &renter, 1);
    let early = world.clone();
    world.set_time(world.now() + 2_400);
    let report = world.timeout_ix(&order, &supplier).instruction();
    let places = [
        ReportTimeout::LEASE,
        ReportTimeout::OCCUPANCY,
        ReportTimeout::BOOK,
    ];
    let keeper = world.authority.insecure_clone();
    sweep(&world, &report, &[&keeper], &places, &[]);
    let mut world = early;
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    let leave = world.leave_lease_ix(&order, &supplier).instruction();
    let places = [LeaveLease::LEASE, LeaveLease::OCCUPANCY, LeaveLease::BOOK];
    sweep(&world, &leave, &[&supplier.owner], &places, &[]);
}

#[test]
fn disputing() {
    let (mut world, supplier, renter, order) = at_work(3_600);
    world.settle_lease(&order, &supplier);
    let open = world.dispute_ix(&order, &supplier).instruction();
    let places = [
        OpenDispute::LEASE,
        OpenDispute::OCCUPANCY,
        OpenDispute::BOOK,
        OpenDispute::STATS,
    ];
    sweep(&world, &open, &[&renter.wallet], &places, &[]);
    world.dispute(&order, &renter, &supplier);
    let places = [
        ResolveDispute::LEASE,
        ResolveDispute::OCCUPANCY,
        ResolveDispute::ESCROW,
        ResolveDispute::EARNINGS,
        ResolveDispute::STATS,
    ];
    let resolve = world.resolve_dispute_ix(&order, &supplier, 1).instruction();
    let resolver = world.resolver.insecure_clone();
    sweep(&world, &resolve, &[&resolver], &places, &[]);
    world.set_time(world.now() + 259_200);
    let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    sweep(&world, &rule, &[&keeper], &places, &[]);
}

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
