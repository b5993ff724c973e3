use super::*;
use solana_pubkey::Pubkey;
use solana_signature::Signature;

const KEY: &str = "commit/device/7";

fn sending(signature: u8, lamports: u64) -> Sending<'static> {
    Sending {
        key: KEY,
        role: Role::Node,
        signature: Signature::from([signature; 64]),
        last_valid_height: 900,
        lamports,
    }
}

fn send(outbox: &Outbox, signature: u8, now: i64) -> bool {
    outbox.intend(KEY, Role::Node, 100, now).unwrap();
    let caps = Caps {
        of_hour: 15,
        of_role_a_day: None,
    };
    outbox.sending(&sending(signature, 10), &caps, now).unwrap()
}

#[test]
fn a_restart_finds_what_may_still_land() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("outbox.sqlite");
    let outbox = Outbox::open(&path, 1).unwrap();
    assert_eq!(outbox.gate(KEY, 100, 1_000).unwrap(), Gate::Go);
    assert!(send(&outbox, 1, 1_000));
    // Killed here: between writing the signature down and hearing of it.
    drop(outbox);

    let outbox = Outbox::open(&path, 1).unwrap();
    assert_eq!(outbox.gate(KEY, 101, 1_001).unwrap(), Gate::InFlight);
    let open = outbox.in_flight().unwrap();
    assert_eq!(
        open,
        [InFlight {
            key: KEY.into(),
            role: Role::Node,
            signature: Signature::from([1; 64]),
            last_valid_height: 900,
        }]
    );
    outbox.ended(KEY, End::Confirmed, 101, 1_001, "").unwrap();
    assert!(outbox.in_flight().unwrap().is_empty());
    // A node that lags shows the old state for a while: nothing is sent for it.
    assert_eq!(outbox.gate(KEY, 102, 1_001).unwrap(), Gate::Closed);
    assert_eq!(outbox.gate(KEY, 251, 1_061).unwrap(), Gate::Go);
}

#[test]
fn an_intent_that_was_never_signed_is_free_to_go() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    outbox.intend(KEY, Role::Node, 100, 1_000).unwrap();
    assert_eq!(outbox.gate(KEY, 100, 1_000).unwrap(), Gate::Go);
    assert!(outbox.in_flight().unwrap().is_empty());
}

#[test]
fn spending_is_capped_by_the_hour_and_given_back_for_what_never_landed() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    assert!(send(&outbox, 1, 1_000));
    assert!(!send(&outbox, 2, 1_100), "10 + 10 > 15");
    assert_eq!(outbox.spent(1_100).unwrap(), 10);

    assert!(send(&outbox, 3, 4_600), "an hour later it is forgotten");
    outbox.ended(KEY, End::Expired, 200, 4_700, "").unwrap();
    assert_eq!(outbox.spent(4_700).unwrap(), 0);
    assert!(send(&outbox, 4, 4_700));
}

#[test]
fn refusals_wait_longer_each_time_and_success_forgets_them() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    let mut now = 1_000;
    for hold in [15, 30, 60] {
        outbox.intend(KEY, Role::Node, 100, now).unwrap();
        outbox.ended(KEY, End::Refused, 100, now, "no").unwrap();
        assert_eq!(outbox.gate(KEY, 100, now + hold - 1).unwrap(), Gate::Closed);
        now += hold;
        assert_eq!(outbox.gate(KEY, 100, now).unwrap(), Gate::Go);
    }
    outbox.ended(KEY, End::Raced, 100, now, "").unwrap();
    outbox.ended(KEY, End::Refused, 100, now, "no").unwrap();
    assert_eq!(outbox.gate(KEY, 100, now + 15).unwrap(), Gate::Go);
    assert_eq!(hold_secs(i64::MAX), 3_600);
}

/// redteam O1
#[test]
fn lapsed_orders_are_counted_for_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("outbox.sqlite");
    let renter = Pubkey::new_unique();
    let lapse = |order: u8, created_ts: i64| Lapse {
        renter,
        order: Pubkey::new_from_array([order; 32]),
        created_ts,
    };
    let outbox = Outbox::open(&path, 1).unwrap();
    outbox.lapsed(&lapse(1, 10), 1_000).unwrap();
    // Two devices waited for the same order.
    outbox.lapsed(&lapse(1, 10), 1_001).unwrap();
    outbox.lapsed(&lapse(1, 900), 2_000).unwrap();
    drop(outbox);
    let outbox = Outbox::open(&path, 1).unwrap();
    outbox.lapsed(&lapse(2, 900), 2_000).unwrap();
    let of = |now: i64| outbox.lapses(now).unwrap().get(&renter).copied();
    assert_eq!(of(2_000), Some(3));
    assert_eq!(of(1_000 + 86_399), Some(3));
    assert_eq!(of(1_000 + 86_400), Some(2));
    assert_eq!(of(2_000 + 86_400), None);
}

/// redteam X3
#[test]
fn own_signs_are_told_from_others() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    let (device, other) = (Pubkey::new_unique(), Pubkey::new_unique());
    outbox.signing(&device, 100).unwrap();
    // What was sent at the end of an interval may land in the next.
    let signed = |of: &Pubkey, interval| outbox.signed(of, interval).unwrap();
    assert!(signed(&device, 100) && signed(&device, 101));
    assert!(!signed(&device, 99) && !signed(&device, 102) && !signed(&other, 100));
    // A week later it is forgotten.
    outbox.signing(&device, 100 + 1_009).unwrap();
    assert!(!signed(&device, 100));
    assert_eq!(outbox.seen(&device).unwrap(), None);
    outbox.see(&device, 7).unwrap();
    outbox.see(&device, 9).unwrap();
    assert_eq!(outbox.seen(&device).unwrap(), Some(9));

    assert!(!outbox.accepted(KEY).unwrap());
    outbox.intend(KEY, Role::Node, 100, 1_000).unwrap();
    assert!(!outbox.accepted(KEY).unwrap(), "refused before it was sent");
    send(&outbox, 1, 1_000);
    assert!(outbox.accepted(KEY).unwrap());
    outbox.ended(KEY, End::Confirmed, 100, 1_000, "").unwrap();
    assert!(outbox.accepted(KEY).unwrap());
}

/// Field case 14
#[test]
fn books_stay_with_the_chain_that_they_began_with() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    let first = outbox.bind("one", 10).unwrap();
    assert_eq!((first.chain.as_str(), first.since_ts), ("one", 10));
    assert_eq!(outbox.bind("other", 20).unwrap(), first);
}

/// redteam X4: what the books need of the disk they have from the start.
#[test]
fn books_take_their_room_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("outbox.sqlite");
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    let journal = dir.path().join("outbox.sqlite-journal");
    let outbox = Outbox::open(&path, 20).unwrap();
    let (books, spare) = (size(&path), size(&journal));
    assert!((20 << 20..21 << 20).contains(&books), "{books}");
    assert!(spare > 1 << 20, "{spare}");
    for n in 0..200 {
        let key = format!("{KEY}{n}");
        outbox.intend(&key, Role::Node, 100, 1_000).unwrap();
        outbox.ended(&key, End::Refused, 101, 1_001, "no").unwrap();
    }
    drop(outbox);
    let again = Outbox::open(&path, 20).unwrap();
    assert_eq!((size(&path), size(&journal)), (books, spare));
    assert_eq!(
        again.gate(&format!("{KEY}7"), 102, 1_002).unwrap(),
        Gate::Closed
    );
}

#[test]
fn a_role_may_have_a_budget_of_a_day() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    let report = |n: u8, role: Role, now: i64| {
        let sending = Sending {
            key: "report",
            role,
            signature: Signature::from([n; 64]),
            last_valid_height: 900,
            lamports: 10,
        };
        let caps = Caps {
            of_hour: 100,
            of_role_a_day: (role == Role::Price).then_some(25),
        };
        outbox.intend("report", role, 100, now).unwrap();
        outbox.sending(&sending, &caps, now).unwrap()
    };
    assert!(report(1, Role::Price, 1_000));
    assert!(report(2, Role::Crank, 1_000));
    assert!(report(3, Role::Price, 10_000));
    assert!(!report(4, Role::Price, 20_000), "30 of 25");
    assert!(report(5, Role::Crank, 20_000), "another role's");
    assert_eq!(outbox.spent_today(Role::Price, 20_000).unwrap(), 20);
    assert_eq!(outbox.spent_today(Role::Crank, 20_000).unwrap(), 20);
    assert_eq!(outbox.spent(20_000).unwrap(), 10);
    // The first is a day old to the second.
    assert!(!report(6, Role::Price, 87_399));
    assert!(report(7, Role::Price, 87_400));
}
