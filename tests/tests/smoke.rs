//! The harness itself.

use iog_client::registry::accounts::Device;
use iog_tests::world::{CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::World;

#[test]
fn a_supplier_proves_its_first_hour() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let other = world.supplier(CLASS_COMMUNITY);
    world.prove(&supplier);
    world.prove(&other);
    for supplier in [&supplier, &other] {
        let device = world.read::<Device>(&supplier.device);
        assert_eq!((device.last_pass_epoch, device.pass_streak), (1, 1));
    }
}
