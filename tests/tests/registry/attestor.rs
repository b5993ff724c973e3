//! What the attestor says about devices.

use iog_client::events::Event;
use iog_client::registry::accounts::Device;
use iog_client::registry::events::{ConnectivitySet, SecuritySet};
use iog_client::registry::instructions::{SetConnectivity, SetSecurity};
use iog_client::registry::{self, SpeedTest};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::World;

#[test]
fn the_tier_follows_from_the_speed_test_that_is_signed() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let attestor = world.attestor.insecure_clone();
    let mut before = 0;
    // Downloads and uploads in MB/s, and the tier that both reach.
    for (round, (download_mbps, upload_mbps, after)) in [
        (1_600, 1_200, 4),
        (1_599, 1_200, 3),
        (1_600, 1_199, 3),
        (800, 599, 2),
        (400, 300, 2),
        (u32::MAX, 299, 1),
        (100, 10, 1),
        (99, u32::MAX, 0),
        (u32::MAX, u32::MAX, 4),
        (0, 0, 0),
    ]
    .into_iter()
    .enumerate()
    {
        world.advance(1);
        let report_hash = [u8::try_from(round).unwrap(); 32];
        let test = SpeedTest {
            download_mbps,
            upload_mbps,
            measured_ts: world.now(),
            report_hash,
        };
        let set = SetConnectivity {
            attestor: attestor.pubkey_of(),
            device: supplier.device,
            test,
        };
        let meta = world.must(set.instruction(), &[&attestor]);
        let expected = ConnectivitySet {
            device: supplier.device,
            attestor: attestor.pubkey_of(),
            download_mbps,
            upload_mbps,
            measured_ts: world.now(),
            report_hash,
            tier_before: before,
            tier_after: after,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::ConnectivitySet(expected))]
        );
        let device = world.read::<Device>(&supplier.device);
        assert_eq!(device.tier, after, "{download_mbps}/{upload_mbps}");
        assert_eq!(
            (device.measured_ts, device.report_hash),
            (world.now(), report_hash)
        );
        before = after;
    }
}

#[test]
fn a_test_of_an_hour_ago_and_one_of_now_are_taken() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let attestor = world.attestor.insecure_clone();
    for age in [3_600, 3_599, 0] {
        let mut test = world.speed_test(&supplier, 1);
        test.measured_ts = world.now() - age;
        let set = SetConnectivity {
            attestor: attestor.pubkey_of(),
            device: supplier.device,
            test,
        };
        world.must(set.instruction(), &[&attestor]);
    }
}

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
