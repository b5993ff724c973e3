use super::crank;
use crate::{
    config::Role,
    plan::fixtures::*,
    rules::currency,
    snapshot::{token_account, CreditView, Local, Snapshot},
};
use iog_client::{
    market::{CreditLine, Earnings, Escrow},
    token::{self, NetEmission, Parameter, Window},
    treasury::FeeVault,
};
use iog_math::units::{IO, USD6};

fn escrow(currency: u8, fees_due_units: u64) -> Snapshot {
    let mut snapshot = snapshot();
    let escrow = Escrow {
        mint: key(MINT),
        currency,
        fees_due_units,
        fee_units: 3 * IO,
        ..zeroed()
    };
    snapshot.market.escrows.insert(key(MINT), escrow);
    snapshot
}

#[test]
fn collects_fees_that_are_worth_it() {
    let collect = [format!("collect_fees/{}/{}", key(MINT), 3 * IO)];
    for (currency, least) in [
        (currency::IO, IO),
        (currency::USD, USD6),
        (currency::CREDIT, USD6),
    ] {
        assert_eq!(crank(&escrow(currency, least)), collect);
        assert!(crank(&escrow(currency, least - 1)).is_empty());
    }
    let mut eager = policy(Role::Crank);
    eager.crank.burn_at_units = 0;
    let nothing = keys(&escrow(currency::IO, 0), &Local::default(), &eager);
    assert!(nothing.is_empty());
}

#[test]
fn pays_suppliers_from_the_threshold_on_if_told_to() {
    let withdraws = |currency: u8, due_units: u64, account: bool| {
        let mut snapshot = escrow(currency, 0);
        let place = (key(MINT), key(OWNER));
        let earnings = snapshot.market.earnings.get_mut(&place).unwrap();
        (earnings.due_units, earnings.withdrawn_units) = (due_units, 7);
        if account {
            let account = token_account(&key(OWNER), &key(MINT));
            snapshot.token_accounts.insert(account);
        }
        let mut policy = policy(Role::Crank);
        assert!(keys(&snapshot, &Local::default(), &policy).is_empty());
        policy.crank.withdraw_at_io_units = Some(100);
        policy.crank.withdraw_at_usd_units = Some(50);
        keys(&snapshot, &Local::default(), &policy)
    };
    let withdraw = [format!("withdraw_earnings/{}/{}/7", key(MINT), key(OWNER))];
    assert_eq!(withdraws(currency::IO, 100, true), withdraw);
    assert!(withdraws(currency::IO, 99, true).is_empty());
    assert_eq!(withdraws(currency::USD, 50, true), withdraw);
    assert!(withdraws(currency::IO, 100, false).is_empty(), "no account");
    assert!(withdraws(currency::CREDIT, 100, true).is_empty());
}

const CAP: u64 = 1_000;

fn parameter(value: u64) -> Parameter {
    Parameter {
        value,
        pending: 0,
        pending_ts: 0,
    }
}

/// Claims of 100, of which 40 are funded.
fn line(change: impl FnOnce(&mut CreditView, &mut token::Config, &mut u64)) -> Snapshot {
    let mut token: token::Config = zeroed();
    token.net_emission_cap_per_hour = parameter(CAP);
    token.windows[1] = Window {
        limit_units: parameter(CAP),
        floor_units: parameter(CAP),
        ..token.windows[1]
    };
    let mut credit = CreditView {
        line: CreditLine {
            claimed_units: 100,
            funded_units: 40,
            ..zeroed()
        },
        net_emission: NetEmission {
            at_ts: NOW,
            day: (NOW / 86_400).unsigned_abs(),
            ..zeroed()
        },
    };
    let mut kept = 0;
    change(&mut credit, &mut token, &mut kept);
    let mut snapshot = snapshot();
    snapshot.market.credit = Some(credit);
    snapshot.token = Some(token);
    snapshot.fees = Some(FeeVault {
        kept_units: kept,
        ..zeroed()
    });
    snapshot
}

fn funds(snapshot: &Snapshot) -> Vec<(&'static str, u64)> {
    use crate::action::Action;
    let planned = crate::plan::plan(snapshot, &Local::default(), &policy(Role::Crank));
    let funds = planned.iter().map(|planned| match planned.action {
        Action::FundCredit { max_units, .. } => ("emission", max_units),
        Action::FundFromTreasury { max_units, .. } => ("treasury", max_units),
        ref other => panic!("{other:?}"),
    });
    funds.collect()
}

#[test]
fn funds_the_line_as_far_as_the_allowance_goes() {
    let available = |available: u64| {
        funds(&line(|credit, _, _| {
            credit.net_emission.available_units = available;
        }))
    };
    assert_eq!(available(0), []);
    assert_eq!(available(59), [("emission", 59)]);
    assert_eq!(available(500), [("emission", 60)]);
    let funded = line(|credit, _, _| {
        credit.net_emission.available_units = 500;
        credit.line.funded_units = 100;
    });
    assert_eq!(funds(&funded), []);
}

#[test]
fn funds_a_part_once_an_hour_and_what_fills_the_line_at_once() {
    let hour = (NOW / 3_600).unsigned_abs();
    let minted = |hour: u64, available: u64, cap: u64| {
        funds(&line(|credit, token, _| {
            credit.net_emission.available_units = available;
            credit.net_emission.hour = hour;
            credit.net_emission.minted_this_hour_units = 10;
            token.net_emission_cap_per_hour = parameter(cap);
        }))
    };
    assert_eq!(minted(hour, 59, CAP), []);
    assert_eq!(minted(hour - 1, 59, CAP), [("emission", 59)]);
    assert_eq!(minted(hour, 60, CAP), [("emission", 60)]);
    assert_eq!(minted(hour, 60, 69), [], "the hour's cap");
    assert_eq!(minted(hour - 1, 60, 50), [("emission", 50)]);
}

#[test]
fn asks_for_no_more_than_the_breaker_lets_pass() {
    let filled = |level: u64| {
        funds(&line(|credit, token, _| {
            credit.net_emission.available_units = 500;
            let window = &mut token.windows[1];
            (window.level_units, window.at_ts) = (level, NOW);
        }))
    };
    assert_eq!(filled(CAP - 45), [("emission", 45)]);
    assert_eq!(filled(CAP), []);
}

#[test]
fn the_treasurys_share_fills_what_is_left() {
    let kept = |available: u64, kept_units: u64| {
        funds(&line(|credit, _, kept| {
            credit.net_emission.available_units = available;
            *kept = kept_units;
        }))
    };
    assert_eq!(kept(0, 7), [("treasury", 7)]);
    assert_eq!(kept(50, 70), [("emission", 50), ("treasury", 10)]);
    assert_eq!(kept(60, 70), [("emission", 60)]);
}

#[test]
fn pays_claims_that_the_line_has_come_to() {
    let claim = |start: u64, paid: u64, account: bool| {
        let mut snapshot = line(|credit, _, _| credit.line.funded_units = 100);
        let earnings = Earnings {
            claim_start_units: start,
            claim_units: 30,
            claim_paid_units: paid,
            ..earnings(OWNER)
        };
        let place = (key(MINT), key(OWNER));
        snapshot.market.earnings.insert(place, earnings);
        if account {
            let account = token_account(&key(OWNER), &snapshot.emission.io_mint);
            snapshot.token_accounts.insert(account);
        }
        crank(&snapshot)
    };
    let pay = |to: u64| [format!("pay_credit/{}/{to}", key(OWNER))];
    assert_eq!(claim(70, 0, true), pay(70));
    assert_eq!(claim(99, 0, true), pay(99), "a part of it");
    assert_eq!(claim(20, 10, true), pay(30));
    assert!(claim(20, 30, true).is_empty(), "paid");
    assert!(claim(100, 0, true).is_empty(), "its turn has not come");
    assert!(claim(70, 0, false).is_empty(), "no account");
}
