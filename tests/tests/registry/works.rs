//! Operators, devices and windows, as they are made.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry;
use iog_client::registry::accounts::{
    Attestation, Config, Device, HardwareClass, Operator, Windows,
};
use iog_client::registry::events::{
    DeviceRegistered, OperatorRegistered, WindowAnchored, WindowOpened,
};
use iog_client::registry::instructions::{OpenWindow, RegisterOperator};
use iog_tests::world::{PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS};
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
    assert_eq!(config.attestor.key, world.attestor.pubkey_of());
    assert_eq!(config.genesis_ts, GENESIS_TS);
    assert_eq!(config.setup_until_ts, GENESIS_TS + 86_400);
    assert_eq!(
        (config.pending_authority, config.guardian),
        (Pubkey::default(), Pubkey::default())
    );
    assert_eq!((config.operators, config.devices), (0, 0));
    assert_eq!((config.version, config.paused), (1, 0));
    assert_eq!(config.catalog_authority.key, Pubkey::default());
    assert_eq!(config.window_spread_secs.value, 0);
    assert_eq!((config.quorum.value, config.authority_since_ts), (3, 0));
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
        (pda::registry::config(), 1_120),
        (pda::registry::windows(), 1_360),
        (supplier.class, 200),
        (supplier.operator, 120),
        (supplier.device, 448),
        (supplier.attestation, 200),
    ] {
        let account = world.account(&address);
        assert_eq!(account.data.len(), size, "{address}");
        assert_eq!(account.owner, registry::ID);
        assert_eq!(account.lamports, world.rent(size));
    }
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

    // Of a class that is never proved a device may be many GPUs, of another as many as walk together.
    for (class_id, quantity) in [(CLASS_COMMUNITY, 8), (CLASS_UNPROVED, 4_096)] {
        let supplier = world.unregistered(&owner, class_id);
        let instruction = world.register_device(&supplier, quantity);
        let meta = world.must(instruction, &[&owner, &supplier.device_key]);
        let registered = DeviceRegistered {
            device: supplier.device,
            owner: owner.pubkey_of(),
            device_key: supplier.device_key.pubkey_of(),
            class_id,
            quantity,
            class_gpus_active: u64::from(quantity),
        };
        assert_eq!(
            meta.events,
            event(registry::Event::DeviceRegistered(registered))
        );
        let device = world.read::<Device>(&supplier.device);
        let new = Device {
            owner: owner.pubkey_of(),
            device_key: supplier.device_key.pubkey_of(),
            tunnel_key: device.tunnel_key,
            class: supplier.class,
            security_hash: [0; 32],
            registered_ts: GENESIS_TS,
            last_sign_ts: 0,
            last_sign_slot: 0,
            tier_ts: 0,
            beat_head: 0,
            beats: [0; 12],
            beats_total: 0,
            beats_at_pass: 0,
            last_pass_epoch: 0,
            last_fail_epoch: 0,
            fail_bits: 0,
            proofs_passed: 0,
            proofs_failed: 0,
            pass_streak: 0,
            quantity,
            class_id,
            country: *b"DE",
            // The lowest tier, without asking.
            tier: 1,
            state: 0,
            version: 1,
            bump: device.bump,
            secure: 0,
            platform: 0,
            reserved: [0; 70],
        };
        assert_eq!(device, new);
        let class = world.read::<HardwareClass>(&supplier.class);
        assert_eq!((class.devices, class.gpus_active), (1, quantity.into()));
        let attestation = world.read::<Attestation>(&supplier.attestation);
        assert_eq!(attestation.device, supplier.device);
        assert_eq!((attestation.epoch, attestation.state), (0, 0));
        assert_eq!((attestation.version, attestation.reserved), (1, [0; 32]));
    }
    let content = world.read::<Operator>(&operator);
    assert_eq!(content.authority, owner.pubkey_of());
    assert_eq!(
        (content.name, content.registered_ts),
        ([b'x'; 32], GENESIS_TS)
    );
    assert_eq!((content.devices, content.reserved), (2, [0; 34]));
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
    assert_eq!(world.lamports(&supplier.device), world.rent(448));
    assert_eq!(world.lamports(&supplier.attestation), 1_000_000_000);
    assert_eq!(world.read::<Device>(&supplier.device).version, 1);
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
