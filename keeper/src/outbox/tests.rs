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

#[test]
fn runs_survive_until_collected() {
    let outbox = Outbox::with(Connection::open_in_memory().unwrap()).unwrap();
    let (lease, order) = (Pubkey::new_unique(), Pubkey::new_unique());
    outbox.run_started(&lease, &order).unwrap();
    outbox.run_collected(&lease).unwrap();
    // Started again after a restart: what was fetched stays fetched.
    outbox.run_started(&lease, &order).unwrap();
    assert_eq!(
        outbox.runs().unwrap(),
        [Run {
            lease,
            order,
            collected: true
        }]
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
