//! What a supplier that stops before its agreed end forfeits.

use iog_client::market::events::LeaseEnded;
use iog_client::market::Event;
use iog_client::pda;
use iog_tests::world::Currency;

use super::stage::{market_events, stage_with, PAID, PRICE, RENTER_FEE, WALLET};

/// Silence costs the newest hour that is held, which may have been cut off; the owner's own act all of them.
#[test]
fn a_device_that_drops_out_forfeits_what_is_held() {
    let (world, one, renter) = stage_with(86_400);
    for (paused, forfeited) in [(false, 1), (true, 3)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 6, &[&one]);
        for _ in 0..3 {
            world.serve_hour(&[&one], 6);
            world.settle_lease(&order, &one);
        }
        if paused {
            world.set_device_state(&one, 1);
        } else {
            world.advance(2_400);
        }
        world.report_timeout(&order, &one);
        world.check_order_books(&order);
        assert_eq!(world.order(&order).refund_due_units, forfeited * PRICE);
        world.judge_rest(&order, &one);
        world.wind_up(&order, &[&one]);
        assert_eq!(world.earned(&one), (3 - forfeited) * PAID);
        let spent = (3 - forfeited) * (PRICE + RENTER_FEE);
        assert_eq!(world.balance(&renter.token), WALLET - spent);
        world.check_escrows();
    }
}

/// The owner may leave at any time, for what is held; the device's key, which lies beside the renter's job, only beyond the agreed end.
#[test]
fn an_owner_that_leaves_forfeits_what_is_held() {
    let (mut world, one, renter) = stage_with(86_400);
    let order = world.running(&renter, 1, 6, &[&one]);
    for _ in 0..3 {
        world.serve_hour(&[&one], 6);
        world.settle_lease(&order, &one);
    }
    let escrowed = world.escrow(Currency::Io).escrowed_units;
    let meta = world.leave_lease(&order, &one);
    let ended = LeaseEnded {
        order,
        lease: pda::market::lease(&order, &one.device),
        device: one.device,
        timed_out: false,
        forfeited: 3 * PRICE,
        escrowed_before: escrowed,
        escrowed_after: escrowed - 3 * PRICE,
    };
    assert_eq!(market_events(&meta), [Event::LeaseEnded(ended)]);
    let place = world.occupancy(&one);
    assert_eq!((place.timeouts, place.cap_usd6), (0, 1_000_000));
    world.wind_up(&order, &[&one]);
    assert_eq!(world.earned(&one), 0);
    assert_eq!(world.balance(&renter.token), WALLET);
    world.check_escrows();
}
