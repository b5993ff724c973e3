//! What the attestor says about devices.

use iog_client::events::Event;
use iog_client::registry;
use iog_client::registry::accounts::Device;
use iog_client::registry::events::SecuritySet;
use iog_client::registry::instructions::SetSecurity;
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::World;

#[test]
fn security_is_said_with_its_evidence_and_taken_back() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let attestor = world.attestor.insecure_clone();
    assert_eq!(world.read::<Device>(&supplier.device).secure, 0);
    for (before, after) in [(false, true), (true, true), (true, false)] {
        let evidence_hash = [u8::from(after) + 1; 32];
        let set = SetSecurity {
            attestor: attestor.pubkey_of(),
            device: supplier.device,
            secure: after,
            evidence_hash,
        };
        let meta = world.must(set.instruction(), &[&attestor]);
        let expected = SecuritySet {
            device: supplier.device,
            attestor: attestor.pubkey_of(),
            evidence_hash,
            secure_before: before,
            secure_after: after,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::SecuritySet(expected))]
        );
        let device = world.read::<Device>(&supplier.device);
        assert_eq!(
            (device.secure, device.security_hash),
            (u8::from(after), evidence_hash)
        );
    }
}
