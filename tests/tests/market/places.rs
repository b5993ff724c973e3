//! Places of leases in their order, which ranks and addresses of a cluster follow from. `redteam link M3`

use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{stage, stage_with};

/// No place any more, or never.
const NONE: u16 = 65_535;

fn places(world: &World, order: &Pubkey, suppliers: &[&Supplier]) -> Vec<u16> {
    let place = |supplier: &&Supplier| world.lease(order, supplier).place;
    suppliers.iter().map(place).collect()
}

/// redteam link M3: two members that list leases in different ways give no address twice.
#[test]
fn a_match_takes_the_lowest_place_that_is_free() {
    let (mut world, one, renter) = stage();
    let [two, three, four] = [(); 3].map(|()| world.supplier(CLASS_TEST));
    let order = world.book(&renter, CLASS_TEST, order_args(1, 3, 2));
    for supplier in [&one, &two, &three] {
        world.match_device(&order, supplier);
    }
    assert_eq!(places(&world, &order, &[&one, &two, &three]), [0, 1, 2]);
    // One declines, another gives no answer.
    world.decline(&order, &two);
    world.match_device(&order, &four);
    assert_eq!(places(&world, &order, &[&one, &four, &three]), [0, 1, 2]);
    world.accept(&order, &four);
    world.accept(&order, &three);
    world.advance(91);
    world.skip_device(&order, &one);
    let five = world.supplier(CLASS_TEST);
    world.make_ready(&five);
    world.match_device(&order, &five);
    assert_eq!(places(&world, &order, &[&five, &four, &three]), [0, 1, 2]);
}

/// One that had accepted walks away before the start.
#[test]
fn who_walks_away_frees_its_place() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let three = world.supplier(CLASS_TEST);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 2));
    world.match_device(&order, &one);
    world.match_device(&order, &two);
    world.accept(&order, &one);
    world.advance(91);
    world.skip_device(&order, &two);
    world.leave_lease(&order, &one);
    assert_eq!(world.lease(&order, &one).place, NONE);
    world.make_ready(&three);
    world.match_device(&order, &three);
    assert_eq!(world.lease(&order, &three).place, 0);
}

/// A replacement takes over the place of the device that left, fell silent or is disputed, whose own lease has none any more.
#[test]
fn a_replacement_takes_over_the_place() {
    let (world, one, renter) = stage_with(3_600);
    for how in ["leaves", "falls silent", "is disputed"] {
        let mut world = world.clone();
        let (two, three) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
        let order = world.running(&renter, 2, 5, &[&one, &two]);
        assert_eq!(places(&world, &order, &[&one, &two]), [0, 1]);
        world.serve_hour(&[&one, &two], 6);
        world.settle_lease(&order, &one);
        match how {
            "leaves" => {
                world.leave_lease(&order, &one);
            }
            "falls silent" => {
                world.advance(2_400);
                world.report_timeout(&order, &one);
            }
            _ => {
                world.dispute(&order, &renter, &one);
            }
        }
        assert_eq!(places(&world, &order, &[&one, &two]), [NONE, 1], "{how}");
        world.make_ready(&three);
        world.match_device(&order, &three);
        assert_eq!(places(&world, &order, &[&three, &two]), [0, 1], "{how}");
        // What was free stays free for nobody else.
        assert_eq!(world.order(&order).places[..2], [0b11, 0], "{how}");
    }
}

/// A match that gives way to another order's frees its place there.
#[test]
fn a_match_that_is_displaced_frees_its_place() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let first = world.book(&renter, CLASS_TEST, order_args(1, 3, 2));
    world.match_device(&first, &one);
    world.match_device(&first, &two);
    let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 2));
    world.advance(30);
    world.make_ready(&one);
    let displace = world.displace_ix(&second, &one, 0);
    let keeper = world.key_of(&displace.keeper);
    world.must(displace.instruction(), &[&keeper]);
    assert_eq!(world.lease(&second, &one).place, 0);
    assert_eq!(world.order(&first).places[0], 0b10);
    let three = world.supplier(CLASS_TEST);
    world.make_ready(&three);
    world.match_device(&first, &three);
    assert_eq!(places(&world, &first, &[&three, &two]), [0, 1]);
}

/// redteam link X6: an image is built for a platform, and a machine of another one is no help.
#[test]
fn an_order_gets_the_platform_that_it_asks_for() {
    let (mut world, one, renter) = stage();
    let keeper = world.authority.insecure_clone();
    let mut args = order_args(1, 1, 1);
    args.platform = 2;
    let order = world.book(&renter, CLASS_TEST, args);
    assert_eq!(world.order(&order).platform, 2);
    world.advance(30);
    for platform in [0, 1] {
        world.set_platform(&one, platform).unwrap();
        world.make_ready(&one);
        let mut matching = world.match_ix(&order, &one);
        matching.keeper = keeper.pubkey_of();
        world.refuses(E::PlatformNotAsked, matching.instruction(), &[&keeper]);
    }
    world.set_platform(&one, 2).unwrap();
    world.match_device(&order, &one);
    // Who asks for none takes any.
    let two = world.supplier(CLASS_TEST);
    world.set_platform(&two, 1).unwrap();
    let any = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    world.match_device(&any, &two);
}
