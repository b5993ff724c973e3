//! Ledger pages and pending hours.

use iog_client::emission::accounts::LedgerPage;
use iog_client::emission::instructions::OpenPage;
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_tests::world::{PubkeyOf, CLASS_TEST};

use super::stage::*;

#[test]
fn hours_128_and_129_lie_on_two_pages() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let authority = world.authority.insecure_clone();
    stand_before(&mut world, 127, 1_000_000_000_000);
    open_missing(&mut world, 129);
    assert_eq!(world.hour(), 128);
    world.check_in(&supplier);
    world.set_time(start(129));
    // Hour 128 is not closed: it stays pending while the device checks in on the next page.
    world.check_in(&supplier);
    assert_eq!(rewards(&world, &supplier).pending_count, 2);
    world.set_time(start(130));
    world.mark_passed(&supplier);
    // A call closes within one page and stops at its end.
    world.close_hours(48);
    assert_eq!(config(&world).next_hour, 129);
    let mut wrong = world.close_ix(48);
    wrong.page = pda::emission::page(0);
    world.refuses(E::WrongPage, wrong.instruction(), &[&authority]);
    let mut check_in = world.check_in_ix(&supplier);
    world.refuses(E::PageMissing, check_in.instruction(), &[&authority]);
    check_in.page = pda::emission::page(0);
    check_in.previous_page = Some(pda::emission::page(1));
    world.refuses(E::WrongPage, check_in.instruction(), &[&authority]);
    check_in.page = pda::emission::page(1);
    check_in.previous_page = Some(pda::emission::page(0));
    world.govern(check_in.instruction());
    let after = rewards(&world, &supplier);
    assert_eq!(
        (
            after.pending_count,
            after.pending[0].hour,
            after.pending[1].hour
        ),
        (2, 129, 130)
    );
    assert!(after.owner_booked_units > 0);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    assert_eq!(page.hours[127].enterprise.total_score, SCORE);
    let page = world.read::<LedgerPage>(&pda::emission::page(1));
    assert_eq!(page.hours[0].enterprise.total_score, SCORE);
}

/// A device may leave eight hours unsettled; the ninth check-in waits for the oldest to be closed.
#[test]
fn the_ninth_pending_hour_waits_for_the_first_to_be_closed() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let authority = world.authority.insecure_clone();
    for hour in 1..=8 {
        world.set_time(start(hour));
        world.check_in(&supplier);
    }
    world.set_time(start(9));
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(E::HoursNotClosed, check_in.clone(), &[&authority]);
    // Whoever checks in closes the hour in the same transaction.
    let close = world.close_ix(1).instruction();
    world.send(&[close, check_in], &[&authority]).unwrap();
    let after = rewards(&world, &supplier);
    assert_eq!(
        (
            after.pending_count,
            after.pending[0].hour,
            after.pending[7].hour
        ),
        (8, 2, 9)
    );
    // Settled late, every hour is paid once, whatever the order of the calls.
    world.set_time(start(30));
    world.close_hours(48);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    let paid: u64 = page.hours[..9]
        .iter()
        .map(|hour| hour.enterprise.amount_units)
        .sum();
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert!(paid - booked <= 9 * SCORE, "{paid} of which {booked}");
    assert_eq!(rewards(&world, &supplier).pending_count, 0);
}

/// Pending hours can lie on more pages than a call takes when nobody closed hours for weeks: they are settled page by page.
#[test]
fn pending_hours_on_three_pages_are_settled_one_after_the_other() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    for hour in [1, 130, 258] {
        world.set_time(start(hour));
        let index = (hour - 1) / 128;
        if index > 0 {
            world.open_page(index);
        }
        world.check_in(&supplier);
    }
    world.set_time(start(270));
    catch_up(&mut world);
    let authority = world.authority.insecure_clone();
    let mut none = world.settle_rewards_ix(&supplier, 5);
    none.page = pda::emission::page(3);
    world.open_page(3);
    world.refuses(E::PageMissing, none.instruction(), &[&authority]);
    for (page, left) in [(2, 2), (0, 1), (1, 0)] {
        let settle = world.settle_rewards_ix(&supplier, page).instruction();
        world.govern(settle);
        assert_eq!(rewards(&world, &supplier).pending_count, left);
    }
    world.check_in(&supplier);
    assert!(rewards(&world, &supplier).owner_booked_units > 1_000_000_000_000);
}

#[test]
fn a_page_opens_at_most_one_page_ahead() {
    let mut world = ready();
    let authority = world.authority.insecure_clone();
    let open = |index| OpenPage {
        payer: authority.pubkey_of(),
        page: pda::emission::page(index),
        index,
    };
    world.refuses(E::PageTooEarly, open(2).instruction(), &[&authority]);
    world.must(open(1).instruction(), &[&authority]);
    world.set_time(start(129));
    world.must(open(2).instruction(), &[&authority]);
    world.refuses(E::PageTooEarly, open(3).instruction(), &[&authority]);
    // After an outage, older pages that nobody opened can still be.
    world.set_time(start(1_000));
    for index in [7, 3, 5] {
        world.must(open(index).instruction(), &[&authority]);
    }
}

/// The clock steps back over the end of an hour that is closed already: the hour's shares are given, so nobody joins it.
#[test]
fn a_clock_that_steps_back_opens_no_closed_hour() {
    let mut world = ready();
    let (one, late) = (aged(&mut world, CLASS_TEST), aged(&mut world, CLASS_TEST));
    world.check_in(&one);
    world.mark_passed(&late);
    let check_in = world.check_in_ix(&late).instruction();
    world.set_time(start(2));
    world.close_hours(1);
    world.set_time(start(2) - 1);
    let authority = world.authority.insecure_clone();
    let again = world.close_ix(1).instruction();
    world.refuses(E::NothingToClose, again, &[&authority]);
    // The proof of hour 1 is for an hour that is over; one of hour 2, the first open one, counts there.
    world.refuses(E::NoProofOfWork, check_in.clone(), &[&authority]);
    world.edit::<Device>(&late.device, |device| device.last_pass_epoch = 2);
    world.govern(check_in);
    assert_eq!(rewards(&world, &late).pending[0].hour, 2);
    world.set_time(start(3));
    world.close_hours(1);
    for supplier in [&one, &late] {
        let settle = world.settle_rewards_ix(supplier, 0).instruction();
        world.govern(settle);
    }
    let books = config(&world);
    assert!(
        books.booked_units <= books.shared_units,
        "no more is owed than was shared"
    );
    check_identities(&world, &[&one, &late], 2);
}
