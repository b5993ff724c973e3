use crate::{
    action::{Action, Planned},
    config::Role,
    plan::{fixtures::*, plan, Policy},
    price::PythUpdate,
    snapshot::{Local, PythAccount, Reported, Snapshot},
};
use iog_client::{pda, price_report::SignedReport};
use std::path::PathBuf;

/// 0.25 USD.
const QUARTER: u64 = 2_500_000_000;
const OWN: u8 = 200;

fn report(n: u8, price: u64, ts: i64) -> SignedReport {
    SignedReport {
        feed: pda::token::price_feed(),
        price,
        ts,
        key: key(n),
        signature: [n; 64],
    }
}

/// Reporters 200 to 208 that reported a quarter `ago` seconds ago.
fn reported(ago: i64) -> Snapshot {
    let mut snapshot = snapshot();
    let last = Reported {
        price: QUARTER,
        ts: NOW - ago,
    };
    snapshot.price.reporters = (OWN..OWN + 9).map(|n| (key(n), last)).collect();
    snapshot
}

fn with(own: Option<SignedReport>, others: Vec<SignedReport>) -> Local {
    let mut local = Local::default();
    (local.price.own, local.price.others) = (own, others);
    local
}

fn reporter() -> Policy {
    let mut policy = policy(Role::Price);
    policy.price.key = Some(PathBuf::from("reporter.json"));
    policy
}

/// Prices by reporter of what would be reported.
fn reports(snapshot: &Snapshot, local: &Local, policy: &Policy) -> Vec<(u8, u64)> {
    let planned = plan(snapshot, local, policy);
    assert!(planned.len() <= 1, "{planned:?}");
    let reports = planned.into_iter().flat_map(|planned| match planned {
        Planned {
            role: Role::Price,
            action: Action::ReportPrice { reports },
        } => reports,
        other => panic!("{other:?}"),
    });
    reports
        .map(|report| (report.key.to_bytes()[0], report.price))
        .collect()
}

fn own(price: u64, ago: i64) -> Vec<(u8, u64)> {
    let local = with(Some(report(OWN, price, NOW)), Vec::new());
    reports(&reported(ago), &local, &reporter())
}

#[test]
fn reports_what_moved_and_what_grew_old() {
    // half a percent
    let up = QUARTER + QUARTER / 200;
    assert_eq!(own(up, 30), [(OWN, up)]);
    assert_eq!(own(QUARTER - QUARTER / 200, 30).len(), 1);
    assert!(own(up - 1, 299).is_empty(), "not far enough");
    assert_eq!(own(QUARTER, 300), [(OWN, QUARTER)]);
    assert!(own(QUARTER * 2, 29).is_empty(), "too soon after the last");
    assert!(
        own(QUARTER * 2, 0).is_empty() && own(QUARTER * 2, -1).is_empty(),
        "not newer"
    );

    let mut first = reported(0);
    let none = Reported { price: 0, ts: 0 };
    first.price.reporters.insert(key(OWN), none);
    let local = with(Some(report(OWN, QUARTER, NOW)), Vec::new());
    assert_eq!(reports(&first, &local, &reporter()), [(OWN, QUARTER)]);
    first.price.reporters.remove(&key(OWN));
    assert!(
        reports(&first, &local, &reporter()).is_empty(),
        "nobody has named it"
    );
}

#[test]
fn an_old_report_is_not_sent() {
    for (age, sent) in [(45, 1), (46, 0), (-5, 1), (-6, 0)] {
        let local = with(Some(report(OWN, QUARTER, NOW - age)), Vec::new());
        assert_eq!(
            reports(&reported(600), &local, &reporter()).len(),
            sent,
            "{age}"
        );
    }
}

#[test]
fn the_second_half_of_a_day_s_budget_keeps_the_feed_alive() {
    let told = |spent_lamports: u64, price: u64, ago: i64| {
        let mut local = with(Some(report(OWN, price, NOW)), Vec::new());
        local.price.spent_lamports = spent_lamports;
        reports(&reported(ago), &local, &reporter()).len()
    };
    assert_eq!(told(9_999_999, QUARTER * 2, 30), 1);
    assert_eq!(told(10_000_000, QUARTER * 2, 30), 0);
    assert_eq!(told(10_000_000, QUARTER, 300), 1);
}

/// redteam P5
#[test]
fn carries_the_others_that_are_oldest_on_chain() {
    let mut snapshot = reported(400);
    let mut others = Vec::new();
    for n in 1..9 {
        let last = snapshot.price.reporters.get_mut(&key(OWN + n)).unwrap();
        last.ts = NOW - 60 * i64::from(n);
        others.push(report(OWN + n, QUARTER, NOW - 10));
    }
    // Of a stranger, one that is too old, an older one of somebody, and our own from a peer that carries it.
    others.push(report(9, QUARTER, NOW));
    others.push(report(OWN + 8, 1, NOW - 50));
    others.push(report(OWN + 7, 1, NOW - 40));
    others.push(report(OWN, 1, NOW));
    let local = with(Some(report(OWN, QUARTER, NOW)), others);
    let told = reports(&snapshot, &local, &reporter());
    let expected = [OWN, OWN + 8, OWN + 7, OWN + 6, OWN + 5].map(|n| (n, QUARTER));
    assert_eq!(told, expected);

    // Who reported just now is not paid for again; and nobody is carried before our own is due.
    for n in 1..9 {
        snapshot.price.reporters.get_mut(&key(OWN + n)).unwrap().ts = NOW - 39;
    }
    assert_eq!(reports(&snapshot, &local, &reporter()), [(OWN, QUARTER)]);
    snapshot.price.reporters.get_mut(&key(OWN)).unwrap().ts = NOW - 60;
    assert!(reports(&snapshot, &local, &reporter()).is_empty());
}

#[test]
fn one_without_a_key_carries_what_is_due() {
    let moved = report(OWN + 1, QUARTER * 2, NOW);
    let still = report(OWN + 2, QUARTER, NOW);
    let local = with(None, vec![still.clone(), moved]);
    let carrier = policy(Role::Price);
    let told = reports(&reported(60), &local, &carrier);
    assert_eq!(told, [(OWN + 1, QUARTER * 2), (OWN + 2, QUARTER)]);
    assert!(reports(&reported(60), &with(None, vec![still]), &carrier).is_empty());
    // A reporter whose sources are silent is no carrier.
    assert!(reports(&reported(60), &local, &reporter()).is_empty());
}

#[test]
fn a_report_that_spoils_the_transaction_is_left_behind() {
    let reports = vec![report(OWN, QUARTER, NOW), report(OWN + 1, QUARTER, NOW)];
    let both = Action::ReportPrice { reports };
    let [alone] = &both.parts()[..] else { panic!() };
    assert_eq!(alone.key(), format!("report_price/{}/{NOW}/1", key(OWN)));
    assert_eq!(both.key(), format!("report_price/{}/{NOW}/2", key(OWN)));
    assert!(alone.parts().is_empty());
}

fn update(price: u64, ago: i64) -> PythUpdate {
    PythUpdate {
        vaa: vec![u8::try_from(ago).unwrap(); 952].into(),
        message: vec![0; 85],
        proof: Vec::new(),
        feed: [3; 32],
        price,
        exponent: -8,
        publish_ts: NOW - ago,
        guardian_set: 4,
    }
}

fn staged(update: &PythUpdate) -> Vec<u8> {
    let mut account = vec![0; 46];
    account[8] = 1;
    account.extend(&update.vaa[..720]);
    account.resize(46 + 952, 0);
    account
}

fn pyth(
    posted: Option<(u64, i32, i64)>,
    staged: Option<Vec<u8>>,
    updates: Vec<PythUpdate>,
) -> Vec<String> {
    let mut snapshot = snapshot();
    snapshot.price.pyth = Some(PythAccount {
        address: key(70),
        shard: 0,
        feed: [3; 32],
        posted,
        staged,
    });
    let mut local = Local::default();
    local.price.updates = updates;
    keys(&snapshot, &local, &policy(Role::Price))
}

#[test]
fn stages_an_update_of_pyth_s_when_it_is_due() {
    let stage = |ago: i64| vec![format!("stage_vaa/{}", NOW - ago)];
    let posted = |ago: i64| Some((25_000_000, -8, NOW - ago));
    assert_eq!(pyth(None, None, vec![update(1, 3)]), stage(3));
    assert_eq!(
        pyth(posted(303), None, vec![update(25_000_000, 3)]),
        stage(3)
    );
    assert_eq!(
        pyth(posted(33), None, vec![update(25_125_000, 3)]),
        stage(3)
    );
    assert!(pyth(posted(302), None, vec![update(25_124_999, 3)]).is_empty());
    assert!(pyth(posted(32), None, vec![update(50_000_000, 3)]).is_empty());
    assert!(
        pyth(posted(3), None, vec![update(50_000_000, 3)]).is_empty(),
        "it stands there"
    );
    assert!(
        pyth(None, None, vec![update(1, 31)]).is_empty(),
        "too old by the time it is posted"
    );
    assert!(pyth(None, None, Vec::new()).is_empty());
    let other_exponent = Some((25_000_000, -7, NOW - 60));
    assert_eq!(
        pyth(other_exponent, None, vec![update(25_000_000, 3)]),
        stage(3)
    );
    let mut elsewhere = update(1, 3);
    elsewhere.feed = [4; 32];
    assert!(pyth(None, None, vec![elsewhere]).is_empty());
}

#[test]
fn posts_what_is_staged_and_takes_back_what_is_of_no_use() {
    let (old, new) = (update(1, 20), update(2, 5));
    let both = vec![old.clone(), new];
    let post = [format!("post_pyth/{}", NOW - 20)];
    // While it was staged a newer one came: what is staged goes first.
    assert_eq!(pyth(None, Some(staged(&old)), both.clone()), post);
    let dropped = |posted: Option<(u64, i32, i64)>, account: Vec<u8>, updates: Vec<PythUpdate>| {
        let told = pyth(posted, Some(account), updates);
        assert_eq!(told.len(), 1);
        told[0].starts_with("drop_vaa/")
    };
    // A restart forgot it, somebody posted a newer one, or it grew too old.
    assert!(dropped(None, staged(&old), Vec::new()));
    assert!(dropped(Some((1, -8, NOW - 20)), staged(&old), both));
    let older = update(1, 46);
    assert!(dropped(None, staged(&older), vec![older.clone()]));
}
