//! How suppliers of IOSD orders come to IO: claims stand in a line that net emission and kept fees fund from its start.

use iog_client::market::events::{CreditClaimed, CreditFunded, CreditPaid};
use iog_client::market::{Event, MarketError as E};
use iog_client::token::TokenError;
use iog_client::{pda, token, treasury};
use iog_tests::world::{Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};

use super::stage::{market_events, QUARTER};

/// Two hours at a dollar less 25 basis points are 1.995 USD; at 0.25 USD and twice 0.1 % of it, rounded down.
const CLAIM: u64 = 796_407_185;
const DAY: i64 = 86_400;

/// A supplier's device serves two hours of an order in IOSD.
fn earn(world: &mut World, renter: &Renter, id: u64, supplier: &Supplier) {
    let order = world.running_in(Currency::Iosd, renter, id, 2, &[supplier]);
    for _ in 0..2 {
        world.serve_hour(&[supplier], 6);
    }
    world.wind_up(&order, &[supplier]);
    world.check_escrow(Currency::Iosd);
}

/// Two suppliers with claims in this order, two days after IO was burned: there is enough to pay both.
fn claims() -> (World, [Supplier; 2]) {
    let mut world = World::ready();
    let suppliers = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.credit_renter();
    for (id, supplier) in (1..).zip(&suppliers) {
        earn(&mut world, &renter, id, supplier);
    }
    world.advance(2 * DAY);
    world.post_price(QUARTER);
    for supplier in &suppliers {
        world.claim_credit(supplier);
    }
    (world, suppliers)
}

#[test]
fn a_claim_is_made_at_the_price_of_its_moment() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.credit_renter();
    earn(&mut world, &renter, 1, &supplier);
    world.post_price(QUARTER);
    let claim = world.claim_credit_ix(&supplier, CLAIM).instruction();
    let meta = world.must(claim, &[&supplier.owner]);
    let claimed = CreditClaimed {
        owner: supplier.owner.pubkey_of(),
        usd6: 1_995_000,
        io_units: CLAIM,
        cover_bps: 10_000,
        claimed_before: 0,
        claimed_after: CLAIM,
    };
    assert_eq!(market_events(&meta), [Event::CreditClaimed(claimed)]);
    let books = world.earnings(&supplier, Currency::Iosd);
    assert_eq!((books.due_units, books.withdrawn_units), (0, 1_995_000));
    assert_eq!((books.claim_start_units, books.claim_units), (0, CLAIM));
    // Whatever becomes of the price.
    world.post_price(4 * QUARTER);
    assert_eq!(world.credit_line().claimed_units, CLAIM);
    world.check_escrows();
}

/// First come, first served, to the unit; funds go to whoever stands first, whoever asks.
#[test]
fn the_line_is_paid_in_order() {
    let (mut world, [one, two]) = claims();
    let keeper = world.authority.insecure_clone();
    let before = [&one, &two].map(|s| world.balance(&s.owner_token));
    let paid = |world: &World| {
        let now = [&one, &two].map(|s| world.balance(&s.owner_token));
        [now[0] - before[0], now[1] - before[1]]
    };
    let meta = world.fund_credit(CLAIM - 1);
    let funded = CreditFunded {
        amount: CLAIM - 1,
        from_treasury: false,
        funded_before: 0,
        funded_after: CLAIM - 1,
    };
    assert_eq!(market_events(&meta), [Event::CreditFunded(funded)]);
    world.check_escrows();
    let second = world.pay_credit_ix(&two).instruction();
    world.refuses(E::NothingDue, second.clone(), &[&keeper]);
    let meta = world.pay_credit(&one);
    let event = CreditPaid {
        owner: one.owner.pubkey_of(),
        amount: CLAIM - 1,
        paid_before: 0,
        paid_after: CLAIM - 1,
    };
    assert_eq!(market_events(&meta), [Event::CreditPaid(event)]);
    assert_eq!(paid(&world), [CLAIM - 1, 0]);
    world.fund_credit(2);
    world.must(second.clone(), &[&keeper]);
    world.refuses(E::NothingDue, second, &[&keeper]);
    world.pay_credit(&one);
    assert_eq!(paid(&world), [CLAIM, 1]);
    world.check_escrows();
    // No more than the line wants.
    world.fund_credit(u64::MAX);
    let more = world.fund_credit_ix(u64::MAX).instruction();
    world.refuses(E::NothingDue, more, &[&keeper]);
    world.pay_credit(&two);
    assert_eq!(paid(&world), [CLAIM, CLAIM]);
    let line = world.credit_line();
    let ends = (line.claimed_units, line.funded_units, line.paid_units);
    assert_eq!(ends, (2 * CLAIM, 2 * CLAIM, 2 * CLAIM));
    assert_eq!(world.balance(&pda::market::credit_vault()), 0);
    world.check_escrows();
}

/// A supplier whose claim is paid stands at the end again.
#[test]
fn the_next_claim_stands_at_the_end() {
    let (mut world, [one, two]) = claims();
    world.fund_credit(CLAIM);
    world.pay_credit(&one);
    let renter = world.credit_renter();
    earn(&mut world, &renter, 7, &one);
    world.post_price(QUARTER);
    world.claim_credit(&one);
    let books = world.earnings(&one, Currency::Iosd);
    assert_eq!(books.claim_start_units, 2 * CLAIM);
    world.fund_credit(CLAIM);
    world.pay_credit(&two);
    let early = world.pay_credit_ix(&one).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingDue, early, &[&keeper]);
    world.check_escrows();
}

/// Right after the burn nothing may be minted again; later, what has streamed so far and not a unit more.
#[test]
fn funding_goes_as_far_as_what_was_burned_allows() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    // 10 IO for 2.495 IOSD, of which an order of two hours takes 2.005.
    world.give_iosd(&renter, 1_000_000_000);
    earn(&mut world, &renter, 1, &supplier);
    world.post_price(QUARTER);
    world.claim_credit(&supplier);
    let wanted = world.credit_line().claimed_units;
    assert_eq!(wanted, CLAIM);
    let keeper = world.authority.insecure_clone();
    let all = world.fund_credit_ix(u64::MAX).instruction();
    let mut minted = 0;
    for _ in 0..40 {
        world.advance(DAY);
        if world.send(std::slice::from_ref(&all), &[&keeper]).is_ok() {
            let funded = world.credit_line().funded_units;
            assert!(funded > minted && funded <= wanted);
            minted = funded;
        }
        world.refuses(E::NothingDue, all.clone(), &[&keeper]);
    }
    assert_eq!(minted, wanted);
    world.check_escrows();
}

/// The token's caps and breaker hold for the market as for anyone: what is above them is refused, a smaller part is not.
#[test]
fn the_tokens_caps_hold() {
    let (mut world, [one, _]) = claims();
    world.edit::<token::accounts::Config>(&pda::token::config(), |config| {
        config.net_emission_cap_per_hour.value = CLAIM;
    });
    let keeper = world.authority.insecure_clone();
    let above = world.fund_credit_ix(CLAIM + 1).instruction();
    world.refuses(TokenError::NetEmissionCapReached, above, &[&keeper]);
    world.fund_credit(CLAIM);
    let more = world.fund_credit_ix(1).instruction();
    world.refuses(TokenError::NetEmissionCapReached, more.clone(), &[&keeper]);
    world.pay_credit(&one);
    world.advance(3_600);
    world.must(more, &[&keeper]);
    world.check_escrows();
}

/// The share of fees that the treasury keeps pays the line too, and only what is kept.
#[test]
fn kept_fees_fund_the_line() {
    let (mut world, [one, _]) = claims();
    world.edit::<treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    let renter = world.renter();
    let order = world.running(&renter, 1, 1, &[&one]);
    world.serve_hour(&[&one], 6);
    world.wind_up(&order, &[&one]);
    world.collect_fees(Currency::Io);
    let fees = pda::treasury::fees(&world.io);
    let kept = world.read::<treasury::accounts::FeeVault>(&fees).kept_units;
    assert_eq!(kept, 1_002_004); // half of both sides' fees, rounded down
    let meta = world.fund_from_treasury(1_000);
    let funded = CreditFunded {
        amount: 1_000,
        from_treasury: true,
        funded_before: 0,
        funded_after: 1_000,
    };
    assert_eq!(market_events(&meta), [Event::CreditFunded(funded)]);
    world.fund_from_treasury(u64::MAX);
    let line = world.credit_line();
    assert_eq!((line.funded_units, line.incentive_units), (kept, kept));
    let keeper = world.authority.insecure_clone();
    let more = world.fund_from_treasury_ix(1).instruction();
    world.refuses(E::NothingDue, more, &[&keeper]);
    world.pay_credit(&one);
    world.check_escrows();
}

/// Fees of IOSD orders are only said to be earned: they move nothing.
#[test]
fn earned_iosd_is_no_longer_refundable() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.credit_renter();
    earn(&mut world, &renter, 1, &supplier);
    let due = world.escrow(Currency::Iosd).fees_due_units;
    assert_eq!((due, world.outstanding_iosd()), (2_005_000, 2_005_000));
    world.settle_credit();
    assert_eq!(world.outstanding_iosd(), 0);
    world.check_iosd_supply();
    world.check_escrows();
}
