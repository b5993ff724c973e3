//! Situations to plan from: an hour into its course, with one device that lacks nothing.

use crate::{
    config::{Crank, Price, Role, Turn},
    plan::{plan, Policy},
    rules::{currency, state},
    snapshot::{ChainTime, DeviceView, Local, MarketView, PriceState, ProofView, Snapshot, Stage},
};
use iog_client::{
    decode,
    emission::{self, DeviceRewards, PendingHour},
    market::{Earnings, Lease, Occupancy, Order, Part, Rate},
    registry::{Attestation, Device, HardwareClass, Window, Windows},
    staking::DeviceStake,
    AccountData,
};
use iog_job::{Binding, Key};
use iog_math::units::{HOUR, IO};
use iog_node::{board::LeaseReport, policy::Ability};
use solana_pubkey::Pubkey;

/// At the start of an hour of unix time: in its second half an idle device sends a heartbeat.
pub const GENESIS: i64 = 278 * HOUR;
pub const HOUR_NOW: u32 = 10;
pub const SLOT: u64 = 100_000;
pub const NOW: i64 = GENESIS + 9 * HOUR + 700;
pub const SEED: [u8; 32] = [5; 32];

/// An account of zeros, which every account of the programs may be.
pub fn zeroed<T: AccountData>() -> T {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.resize(10_000, 0);
    decode(&data).unwrap()
}

pub fn key(n: u8) -> Pubkey {
    Pubkey::new_from_array([n; 32])
}

pub const DEVICE: u8 = 1;
pub const CLASS: u8 = 2;
pub const ORDER: u8 = 3;
pub const LEASE: u8 = 4;
pub const JOB: [u8; 32] = [6; 32];
/// Class of our device, its owner, and the mint that orders are paid in.
pub const CLASS_ID: u16 = 7;
pub const OWNER: u8 = 90;
pub const MINT: u8 = 80;
pub const RENTER: u8 = 92;
/// When our device was matched, in the leases below.
pub const MATCHED: i64 = NOW - 29;
/// What orders pay for a GPU-hour.
pub const PRICE: u64 = 760_000;

pub fn device(n: u8) -> DeviceView {
    DeviceView {
        device: Device {
            owner: key(OWNER),
            device_key: key(n + 100),
            class: key(CLASS),
            registered_ts: GENESIS,
            last_sign_ts: NOW - 60,
            last_sign_slot: SLOT - 150,
            tier_ts: NOW,
            last_pass_epoch: 9,
            pass_streak: 84,
            quantity: 1,
            class_id: CLASS_ID,
            country: *b"DE",
            tier: 2,
            ..zeroed()
        },
        attestation: Some(Attestation {
            device: key(n),
            epoch: 9,
            state: 3,
            ..zeroed()
        }),
        stake: Some(DeviceStake {
            device: key(n),
            amount_units: 200 * IO,
            ..zeroed()
        }),
        occupancy: Some(Occupancy {
            device: key(n),
            listed_gpus: 1,
            idle_since_ts: NOW,
            class_id: CLASS_ID,
            currencies: 0b111,
            ..zeroed()
        }),
        rewards: Some(DeviceRewards {
            device: key(n),
            last_hour: 9,
            ..zeroed()
        }),
        measurements: None,
    }
}

/// Hour 10, its window and page open, everything before closed, one idle device of ours that has proved nothing yet.
pub fn snapshot() -> Snapshot {
    let mut windows: Windows = zeroed();
    windows.ring[10] = Window {
        epoch: 10,
        opens_ts: GENESIS + 9 * HOUR,
        slot: SLOT - 100,
        slot_hash: [8; 32],
    };
    let class = HardwareClass {
        multiplier_x100: 100,
        stake_multiplier_x100: 100,
        proof_valid_hours: 3,
        rows: 2048,
        tiles: 8,
        waves: 3,
        commit_slots: 1_000,
        reveal_slots: 400,
        max_cards: 8,
        id: CLASS_ID,
        ..zeroed()
    };
    Snapshot {
        time: ChainTime {
            slot: SLOT,
            now: NOW,
        },
        hour: HOUR_NOW,
        genesis_ts: GENESIS,
        registry: zeroed(),
        windows,
        emission: emission::Config {
            genesis_ts: GENESIS,
            next_hour: HOUR_NOW,
            min_age_secs: parameter(12 * 60),
            exempt_hours: parameter(72),
            ..zeroed()
        },
        minter: None,
        token: None,
        pages: [0].into(),
        classes: [(key(CLASS), class)].into(),
        devices: [(key(DEVICE), device(DEVICE))].into(),
        orders: Default::default(),
        leases: Default::default(),
        price: PriceState::default(),
        market: MarketView {
            earnings: [((key(MINT), key(OWNER)), earnings(OWNER))].into(),
            ..MarketView::default()
        },
        fees: None,
        payer_lamports: 1_000_000_000,
        treasury: None,
        auctions: Default::default(),
        token_accounts: Default::default(),
    }
}

fn parameter(value: u64) -> emission::Parameter {
    emission::Parameter {
        value,
        pending: 0,
        pending_ts: 0,
    }
}

/// What a supplier has in the currency of orders: nothing yet.
pub fn earnings(owner: u8) -> Earnings {
    Earnings {
        owner: key(owner),
        mint: key(MINT),
        ..zeroed()
    }
}

pub fn local() -> Local {
    Local {
        own: [key(DEVICE)].into(),
        ability: Ability {
            ready: true,
            strangers: true,
            ..Ability::default()
        },
        ..Local::default()
    }
}

/// The seed of this hour's walk of our device.
pub fn seed_now() -> [u8; 32] {
    iog_pow::seed(&[8; 32], &key(DEVICE + 100).to_bytes(), 10, 7, 1)
}

/// What our device's walks come to.
pub const COMMIT: [u8; 16] = [1; 16];
pub const CHALLENGE: [u8; 32] = [2; 32];

pub fn walked(seed: [u8; 32]) -> ProofView {
    ProofView {
        seed,
        stage: Stage::Walked { commit: COMMIT },
        table: true,
    }
}

/// A walk whose openings are there, and whose table is gone.
pub fn opened(seed: [u8; 32]) -> ProofView {
    ProofView {
        seed,
        stage: Stage::Opened {
            commit: COMMIT,
            challenge: CHALLENGE,
        },
        table: false,
    }
}

/// A proof of this hour in a state.
pub fn attestation(state: u8) -> Attestation {
    Attestation {
        device: key(DEVICE),
        seed: SEED,
        commit: COMMIT,
        challenge: CHALLENGE,
        epoch: 10,
        commit_slot: SLOT - 70,
        challenge_slot: SLOT - 5,
        rows: 1024,
        tiles: 4,
        waves: 3,
        cards: 1,
        // The class has changed since the commit: the commit's terms count.
        reveal_slots: 500,
        state,
        ..zeroed()
    }
}

pub fn pending(hours: &[u32]) -> DeviceRewards {
    let mut rewards: DeviceRewards = zeroed();
    for (place, hour) in rewards.pending.iter_mut().zip(hours) {
        *place = PendingHour {
            hour: *hour,
            ..*place
        };
    }
    rewards.pending_count = hours.len().try_into().unwrap();
    rewards.last_hour = hours.last().copied().unwrap_or(0);
    rewards
}

/// The price of an order's first part from `from_ts` on.
pub fn rate(from_ts: i64, price: u64) -> Rate {
    Rate {
        from_ts,
        price_per_gpu_hour_units: [price, 0, 0, 0],
        price_usd6: [price, 0, 0, 0],
        commitment_bps: [[10_000; 3]; 4],
        booked_hours: 2,
        booking: 0,
    }
}

/// A part of which no device is matched; with 0 GPUs an alternative.
pub fn part(class_id: u16, gpus: u32) -> Part {
    Part {
        class_id,
        per_machine: 0,
        gpus,
        matched: 0,
        accepted: 0,
    }
}

/// An order for one GPU of our device's class.
pub fn order(state: u8) -> Order {
    let mut rates = zeroed::<Order>().rates;
    rates[0] = rate(0, PRICE);
    let mut parts = zeroed::<Order>().parts;
    parts[0] = part(CLASS_ID, 1);
    Order {
        renter: key(RENTER),
        mint: key(MINT),
        currency: currency::USD,
        rates,
        rate_count: 1,
        parts,
        hours: 2,
        command_hash: JOB,
        created_ts: NOW - 60,
        expires_ts: NOW + 1_140,
        state,
        ..zeroed()
    }
}

/// Our device in a lease, whose order is `order`: whole since 20 s if it is matched, running since half an hour and for one and a half
/// more if it is active.
pub fn hired(mut order: Order, lease_state: u8) -> Snapshot {
    let mut snapshot = snapshot();
    order.leases = 1;
    order.parts[0].matched = 1;
    order.parts[0].accepted = u32::from(lease_state != 0);
    match order.state {
        state::ORDER_MATCHED => order.whole_since_ts = NOW - 20,
        state::ORDER_ACTIVE => {
            (order.started_ts, order.end_ts) = (NOW - 1_800, NOW + 5_400);
            (order.booked_end_ts, order.funded_until_ts) = (order.end_ts, order.end_ts);
        }
        _ => {}
    }
    let lease = Lease {
        order: key(ORDER),
        device: key(DEVICE),
        owner: key(OWNER),
        gpus: 1,
        matched_ts: MATCHED,
        accepted_ts: if lease_state == 0 { 0 } else { MATCHED + 15 },
        pay_usd6: PRICE,
        part_usd6: PRICE,
        cap_usd6: u64::MAX,
        accepted_slot: SLOT - 50,
        counted: u8::from(order.state == state::ORDER_ACTIVE),
        state: lease_state,
        ..zeroed()
    };
    snapshot.orders.insert(key(ORDER), order);
    snapshot.leases.insert(key(LEASE), lease);
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    view.occupancy.as_mut().unwrap().lease = key(LEASE);
    snapshot
}

/// What the job side says of our lease.
pub fn report() -> LeaseReport {
    LeaseReport {
        binding: Binding {
            genesis: Key::default(),
            program: Key::default(),
            order: Key([ORDER; 32]),
            created_ts: 0,
            lease: Key([LEASE; 32]),
            matched_ts: MATCHED,
            device: Key([DEVICE; 32]),
        },
        phase: None,
        host_failed_since_ts: None,
        offer: None,
        receipts: Vec::new(),
        joins: Vec::new(),
    }
}

pub fn policy(role: Role) -> Policy {
    Policy {
        roles: [role].into(),
        crank: Crank::default(),
        price: Price::default(),
        turn: Turn::default(),
        jobs: Default::default(),
        operator: key(99),
    }
}

/// Keys of what a role would do, device and order addresses replaced by D, O and L.
pub fn keys(snapshot: &Snapshot, local: &Local, policy: &Policy) -> Vec<String> {
    let planned = plan(snapshot, local, policy);
    planned
        .iter()
        .map(|planned| short(&planned.action.key()))
        .collect()
}

fn short(text: &str) -> String {
    let names = [(key(DEVICE), "D"), (key(ORDER), "O"), (key(LEASE), "L")];
    names.iter().fold(text.to_string(), |text, (key, name)| {
        text.replace(&key.to_string(), name)
    })
}
