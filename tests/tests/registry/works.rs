//! Classes, operators, devices, heartbeats and windows.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::{
    Attestation, Config, Device, HardwareClass, Operator, Windows,
};
use iog_client::registry::events::{
    ClassAdded, DeviceRegistered, OperatorRegistered, WindowAnchored, WindowOpened,
};
use iog_client::registry::instructions::{AddClass, Heartbeat, OpenWindow, RegisterOperator};
use iog_client::registry::{self, ClassArgs, ProofTerms};
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
    assert_eq!(config.catalog_authority, Pubkey::default());
    assert_eq!(config.window_spread_secs.value, 0);
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
        (pda::registry::config(), 280),
        (pda::registry::windows(), 1_360),
        (supplier.class, 184),
        (supplier.operator, 120),
        (supplier.device, 440),
        (supplier.attestation, 656),
    ] {
        let account = world.account(&address);
        assert_eq!(account.data.len(), size, "{address}");
        assert_eq!(account.owner, registry::ID);
        assert_eq!(account.lamports, world.rent(size));
    }
}

#[test]
fn a_class_is_added_with_all_its_numbers() {
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
    let added = ClassAdded {
        class,
        id: 9,
        pool: 1,
        vram_gb: 80,
        multiplier_x100: 350,
        base_price_usd6: 2_500_000,
        enabled: true,
        proof: ProofTerms {
            rows: 163_840_000,
            lanes: 4_194_304,
            waves: 24,
            commit_slots: 9_000,
            reveal_slots: 450,
            audit_modulus: 16,
        },
    };
    let meta = world.govern(add.instruction());
    assert_eq!(meta.events, event(registry::Event::ClassAdded(added)));
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
    assert_eq!((content.rates_ts, content.pending_ts), (GENESIS_TS, 0));
    assert_eq!((content.gpus_active, content.version), (0, 1));
    assert_eq!(content.reserved, [0; 48]);
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

    for (quantity, class_gpus_active) in [(1, 1), (4_096, 4_097)] {
        let supplier = world.unregistered(&owner, CLASS_COMMUNITY);
        let instruction = world.register_device(&supplier, quantity);
        let meta = world.must(instruction, &[&owner, &supplier.device_key]);
        let registered = DeviceRegistered {
            device: supplier.device,
            owner: owner.pubkey_of(),
            device_key: supplier.device_key.pubkey_of(),
            class_id: CLASS_COMMUNITY,
            quantity,
            class_gpus_active,
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
        assert_eq!((device.proofs_passed, device.proofs_failed), (0, 0));
        assert_eq!((device.measured_ts, device.secure), (0, 0));
        assert_eq!(
            (device.report_hash, device.security_hash),
            ([0; 32], [0; 32])
        );
        assert_eq!(device.reserved, [0; 63]);
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
    assert_eq!((class.devices, class.gpus_active), (2, 4_097));
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
    assert_eq!(world.lamports(&supplier.device), world.rent(440));
    assert_eq!(world.lamports(&supplier.attestation), 1_000_000_000);
    assert_eq!(world.read::<Device>(&supplier.device).version, 1);
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
        // Without a spread the hour's first call anchors and opens.
        let anchored = WindowAnchored {
            epoch: hour,
            opens_ts: world.now(),
        };
        let opened = WindowOpened {
            epoch: hour,
            slot,
            slot_hash: expected,
        };
        let events = [
            Event::Registry(registry::Event::WindowAnchored(anchored)),
            Event::Registry(registry::Event::WindowOpened(opened)),
        ];
        assert_eq!(meta.events, events);
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
