//! The keys that a lease and an order are reached by.

use iog_client::market::events::EngineerKeySet;
use iog_client::market::Event;
use iog_client::registry::accounts::Device;
use iog_tests::world::{order_args, receipt_key, PubkeyOf, CLASS_TEST};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, HOUR};

/// redteam link S2: another key, named in mid-lease, takes no connection of the renter to another machine.
#[test]
fn a_lease_keeps_the_tunnel_key_of_its_acceptance() {
    let (mut world, supplier, renter) = stage();
    let first = world.read::<Device>(&supplier.device).tunnel_key;
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &supplier);
    // So that an offer reaches it before it answers.
    assert_eq!(world.lease(&order, &supplier).tunnel_key, first);
    let second = world.address();
    world.set_tunnel_key(&supplier, second);
    assert_eq!(world.lease(&order, &supplier).tunnel_key, first);
    world.accept(&order, &supplier);
    assert_eq!(world.lease(&order, &supplier).tunnel_key, second);
    let third = world.address();
    world.set_tunnel_key(&supplier, third);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.lease(&order, &supplier).tunnel_key, second);
    assert_eq!(world.read::<Device>(&supplier.device).tunnel_key, third);
}

/// redteam link L6: a lost or stolen key is replaced without ending the order, before its start, while it runs and behind its end.
#[test]
fn the_engineer_key_is_replaced_until_the_order_is_over() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let mut before = Pubkey::new_from_array([7; 32]);
    let mut replace = |world: &mut iog_tests::World, after: Pubkey| {
        let expected = world.order(&order);
        let set = world.set_engineer_key_ix(&order, after).instruction();
        let meta = world.must(set, &[&renter.wallet]);
        let event = EngineerKeySet {
            order,
            before,
            after,
        };
        assert_eq!(market_events(&meta), [Event::EngineerKeySet(event)]);
        // Nothing else changes.
        let mut expected = expected;
        expected.engineer_key = after;
        assert_eq!(world.order(&order), expected);
        before = after;
    };
    let key = world.address();
    replace(&mut world, key);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    replace(&mut world, Pubkey::default());
    world.warp_to(world.order(&order).end_ts + HOUR);
    let key = world.address();
    replace(&mut world, key);
}

/// redteam link 13: the key that signs receipts is the order's, zeros are none.
#[test]
fn an_order_keeps_its_receipt_key_and_may_have_none() {
    let (mut world, _, renter) = stage();
    for (id, key) in [(1, receipt_key().pubkey_of()), (2, Pubkey::default())] {
        let mut args = order_args(id, 1, 1);
        args.receipt_key = key;
        let order = world.book(&renter, CLASS_TEST, args);
        assert_eq!(world.order(&order).receipt_key, key);
    }
    // Neither key: nobody is let in, and nothing is signed.
    let mut args = order_args(3, 1, 1);
    (args.engineer_key, args.receipt_key) = (Pubkey::default(), Pubkey::default());
    let order = world.book(&renter, CLASS_TEST, args);
    assert_eq!(world.order(&order).engineer_key, Pubkey::default());
}
