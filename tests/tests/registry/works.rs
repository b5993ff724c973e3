//! Classes, operators, devices, heartbeats and windows.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::{
    Attestation, Config, Device, HardwareClass, Operator, Windows,
};
use iog_client::registry::events::{
    ClassSet, ConnectivitySet, DeviceRegistered, DeviceStateSet, OperatorRegistered, WindowOpened,
};
use iog_client::registry::instructions::{
    AddClass, Heartbeat, OpenWindow, RegisterOperator, SetConnectivity, SetDeviceState, UpdateClass,
};
use iog_client::registry::{self, ClassArgs};
use iog_tests::world::{class_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

fn event(event: registry::Event) -> Vec<Event> {
    vec![Event::Registry(event)]
}

#[test]
fn initialising_takes_the_tokens_time_base() {
    let world = World::ready();
    let config = world.read::<Config>(&pda::registry::config());
    assert_eq!(config.authority, world.authority.pubkey_of());
    assert_eq!(config.attestor, world.attestor.pubkey_of());
    assert_eq!(config.genesis_ts, GENESIS_TS);
    assert_eq!(
        (config.pending_authority, config.guardian),
        (Pubkey::default(), Pubkey::default())
    );
    assert_eq!((config.operators, config.devices), (0, 0));
    assert_eq!((config.version, config.paused), (1, 0));
    assert_eq!(config.reserved, [0; 61]);
    let windows = world.read::<Windows>(&pda::registry::windows());
    assert!(windows.ring.iter().all(|window| window.epoch == 0));
    assert_eq!((windows.version, windows.reserved), (1, [0; 6]));
}

#[test]
fn each_account_has_its_published_size() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    for (address, size) in [
        (pda::registry::config(), 224),
        (pda::registry::windows(), 1_168),
        (supplier.class, 136),
        (supplier.operator, 120),
        (supplier.device, 352),
        (supplier.attestation, 656),
    ] {
        let account = world.account(&address);
        assert_eq!(account.data.len(), size, "{address}");
        assert_eq!(account.owner, registry::ID);
        assert_eq!(account.lamports, world.rent(size));
    }
}

#[test]
fn a_class_is_added_and_changed() {
    let mut world = World::ready();
    let args = ClassArgs {
        pool: 1,
        multiplier_x100: 350,
        base_price_usd6: 2_500_000,
        vram_gb: 80,
        rows: 163_840_000,
        lanes: 1 << 22,
        waves: 24,
        commit_slots: 9_000,
        reveal_slots: 450,
        audit_modulus: 16,
        ..class_args(9)
    };
    let class = pda::registry::class(9);
    let authority = world.authority.pubkey_of();
    let add = AddClass {
        authority,
        class,
        args,
    };
    let set = |multiplier_x100, enabled| {
        event(registry::Event::ClassSet(ClassSet {
            class,
            id: 9,
            multiplier_x100,
            base_price_usd6: 2_500_000,
            enabled,
        }))
    };
    assert_eq!(world.govern(add.instruction()).events, set(350, true));
    let content = world.read::<HardwareClass>(&class);
    assert_eq!((content.id, content.pool, content.enabled), (9, 1, 1));
    assert_eq!((content.multiplier_x100, content.vram_gb), (350, 80));
    assert_eq!(content.base_price_usd6, 2_500_000);
    assert_eq!(
        (content.rows, content.lanes, content.waves),
        (163_840_000, 4_194_304, 24)
    );
    assert_eq!((content.commit_slots, content.reveal_slots), (9_000, 450));
    assert_eq!((content.audit_modulus, content.devices), (16, 0));
    assert_eq!(content.name[..5], *b"test\0");
    assert_eq!((content.version, content.reserved), (1, [0; 48]));

    let update = UpdateClass {
        authority,
        class,
        args: ClassArgs {
            multiplier_x100: 300,
            enabled: false,
            ..args
        },
    };
    assert_eq!(world.govern(update.instruction()).events, set(300, false));
    let changed = world.read::<HardwareClass>(&class);
    let expected = HardwareClass {
        multiplier_x100: 300,
        enabled: 0,
        ..content
    };
    assert_eq!(changed, expected);
}

#[test]
fn operators_and_devices_are_registered_and_counted() {
    let mut world = World::ready();
    let owner = world.wallet();
    let operator = pda::registry::operator(&owner.pubkey_of());
    let register = RegisterOperator {
        authority: owner.pubkey_of(),
        operator,
        name: [b'x'; 32],
    };
    let meta = world.must(register.instruction(), &[&owner]);
    let registered = OperatorRegistered {
        operator,
        authority: owner.pubkey_of(),
    };
    assert_eq!(
        meta.events,
        event(registry::Event::OperatorRegistered(registered))
    );

    for quantity in [1, 4_096] {
        let supplier = world.unregistered(&owner, CLASS_COMMUNITY);
        let instruction = world.register_device(&supplier, quantity);
        let meta = world.must(instruction, &[&owner, &supplier.device_key]);
        let registered = DeviceRegistered {
            device: supplier.device,
            owner: owner.pubkey_of(),
            device_key: supplier.device_key.pubkey_of(),
            class_id: CLASS_COMMUNITY,
            quantity,
        };
        assert_eq!(
            meta.events,
            event(registry::Event::DeviceRegistered(registered))
        );
        let device = world.read::<Device>(&supplier.device);
        assert_eq!(device.owner, owner.pubkey_of());
        assert_eq!(device.device_key, supplier.device_key.pubkey_of());
        assert_eq!(device.class, supplier.class);
        assert_eq!(
            (device.class_id, device.quantity),
            (CLASS_COMMUNITY, quantity)
        );
        assert_eq!((device.country, device.registered_ts), (*b"DE", GENESIS_TS));
        assert_eq!((device.tier, device.state, device.version), (0, 0, 1));
        assert_eq!((device.last_pass_epoch, device.pass_streak), (0, 0));
        assert_eq!((device.fail_bits, device.beats), (0, [0; 12]));
        assert_eq!(device.reserved, [0; 64]);
        let attestation = world.read::<Attestation>(&supplier.attestation);
        assert_eq!(attestation.device, supplier.device);
        assert_eq!((attestation.epoch, attestation.state), (0, 0));
        assert_eq!((attestation.version, attestation.reserved), (1, [0; 24]));
    }
    let content = world.read::<Operator>(&operator);
    assert_eq!(content.authority, owner.pubkey_of());
    assert_eq!(
        (content.name, content.registered_ts),
        ([b'x'; 32], GENESIS_TS)
    );
    assert_eq!((content.devices, content.reserved), (2, [0; 34]));
    let class = world.read::<HardwareClass>(&pda::registry::class(CLASS_COMMUNITY));
    assert_eq!(class.devices, 2);
    let config = world.read::<Config>(&pda::registry::config());
    assert_eq!((config.operators, config.devices), (1, 2));
}

#[test]
fn lamports_sent_first_stop_no_registration() {
    let mut world = World::ready();
    let owner = world.wallet();
    let supplier = world.unregistered(&owner, CLASS_TEST);
    // Less than the rent, and more than the rent.
    world.fund(&supplier.operator, 1);
    world.fund(&supplier.device, 890_880);
    world.fund(&supplier.attestation, 1_000_000_000);
    world.register_operator(&owner);
    let register = world.register_device(&supplier, 1);
    world.must(register, &[&owner, &supplier.device_key]);
    assert_eq!(world.lamports(&supplier.operator), world.rent(120));
    assert_eq!(world.lamports(&supplier.device), world.rent(352));
    assert_eq!(world.lamports(&supplier.attestation), 1_000_000_000);
    assert_eq!(world.read::<Device>(&supplier.device).version, 1);
}

#[test]
fn connectivity_and_state_change_with_before_and_after() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let attestor = world.attestor.insecure_clone();
    for (before, after) in [(0, 4), (4, 1), (1, 0)] {
        let set = SetConnectivity {
            attestor: attestor.pubkey_of(),
            device: supplier.device,
            tier: after,
        };
        let meta = world.must(set.instruction(), &[&attestor]);
        let expected = ConnectivitySet {
            device: supplier.device,
            tier_before: before,
            tier_after: after,
        };
        assert_eq!(
            meta.events,
            event(registry::Event::ConnectivitySet(expected))
        );
        assert_eq!(world.read::<Device>(&supplier.device).tier, after);
    }
    // Paused, resumed, paused, terminated for good.
    for (before, after) in [(0, 1), (1, 0), (0, 1), (1, 2)] {
        let set = SetDeviceState {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            state: after,
        };
        let meta = world.must(set.instruction(), &[&supplier.owner]);
        let expected = DeviceStateSet {
            device: supplier.device,
            state_before: before,
            state_after: after,
        };
        assert_eq!(
            meta.events,
            event(registry::Event::DeviceStateSet(expected))
        );
        assert_eq!(world.read::<Device>(&supplier.device).state, after);
    }
}

/// Whether the interval's bit is set.
fn beat(device: &Device, interval: i64) -> bool {
    let bit = usize::try_from(interval % 768).unwrap();
    device.beats[bit / 64] >> (bit % 64) & 1 == 1
}

#[test]
fn heartbeats_fill_a_ring_of_128_hours() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let first = GENESIS_TS / 600;
    for (interval, secs) in [(0, 0), (0, 599), (1, 0), (3, 300)] {
        world.set_time(GENESIS_TS + interval * 600 + secs);
        world.heartbeat(&supplier);
    }
    let device = world.read::<Device>(&supplier.device);
    assert_eq!(device.beat_head, first + 3);
    let served: Vec<bool> = (0..4).map(|n| beat(&device, first + n)).collect();
    assert_eq!(served, [true, true, false, true]);
    assert_eq!(device.beats.iter().map(|w| w.count_ones()).sum::<u32>(), 3);
    // A clock that steps back marks its interval and clears none.
    world.set_time(GENESIS_TS + 2 * 600);
    world.heartbeat(&supplier);
    let device = world.read::<Device>(&supplier.device);
    assert_eq!(device.beat_head, first + 3);
    assert!((0..4).all(|n| beat(&device, first + n)));
    // An interval short of a whole turn the ring is cleared bit by bit, a whole turn later at once: one bit is left, and
    // the longest way round stays far below the default of 200,000 units.
    let payer = world.authority.insecure_clone();
    for (last, dearest) in [(3 + 767, 60_000), (3 + 767 + 768, 2_000)] {
        world.set_time(GENESIS_TS + last * 600);
        let instruction = Heartbeat {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
        };
        let meta = world.must(instruction.instruction(), &[&payer, &supplier.device_key]);
        assert!(meta.units < dearest, "{} units", meta.units);
        assert!(meta.events.is_empty());
        let device = world.read::<Device>(&supplier.device);
        assert_eq!(device.beat_head, first + last);
        assert!(beat(&device, first + last));
        let kept = u32::from(last == 770) + 1;
        assert_eq!(
            device.beats.iter().map(|w| w.count_ones()).sum::<u32>(),
            kept
        );
    }
}

#[test]
fn a_window_binds_the_newest_slot_hash_once_an_hour() {
    let mut world = World::ready();
    for hour in 1..=26u64 {
        world.skip_slots(3);
        let (slot, expected) = (world.slot() - 4, world.slot_hash(world.slot() - 4).unwrap());
        let stranger = world.wallet();
        let meta = world.must(OpenWindow {}.instruction(), &[&stranger]);
        let opened = WindowOpened {
            epoch: hour,
            slot,
            slot_hash: expected,
        };
        assert_eq!(meta.events, event(registry::Event::WindowOpened(opened)));
        let windows = world.read::<Windows>(&pda::registry::windows());
        let index = usize::try_from(hour % 24).unwrap();
        let window = windows.ring[index];
        assert_eq!(
            (window.epoch, window.slot, window.slot_hash),
            (hour, slot, expected)
        );
        world.next_hour();
    }
}
