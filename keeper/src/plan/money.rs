//! What the market owes, on its way out: earnings, fees, and IO for suppliers of IOSD orders.

use super::{crank::Due, Policy};
use crate::{
    action::Action,
    rules::{self, currency},
    snapshot::{CreditView, Snapshot},
};
use iog_client::market::{Earnings, Escrow};

pub(super) fn plan(snapshot: &Snapshot, policy: &Policy) -> Vec<Due> {
    let escrows = snapshot.market.escrows.values();
    let mut actions: Vec<Action> = escrows
        .filter_map(|escrow| collect(policy, escrow))
        .collect();
    for earnings in snapshot.market.earnings.values() {
        actions.extend(withdraw(snapshot, policy, earnings));
    }
    if let Some(credit) = &snapshot.market.credit {
        actions.extend(fund(snapshot, credit));
        actions.extend(release(snapshot, policy, credit));
        let earnings = snapshot.market.earnings.values();
        actions.extend(earnings.filter_map(|earnings| pay(snapshot, credit, earnings)));
    }
    actions
        .into_iter()
        .map(|action| (i64::MIN, action))
        .collect()
}

/// Fees leave once they are worth a transaction: IO when it is burned, the others in dollars.
fn collect(policy: &Policy, escrow: &Escrow) -> Option<Action> {
    let least = match escrow.currency {
        currency::IO => policy.crank.burn_at_units,
        _ => policy.crank.collect_at_usd_units,
    };
    let due = escrow.fees_due_units;
    (due > 0 && due >= least).then_some(Action::CollectFees {
        mint: escrow.mint,
        fee_units: escrow.fee_units,
    })
}

fn withdraw(snapshot: &Snapshot, policy: &Policy, earnings: &Earnings) -> Option<Action> {
    let escrow = snapshot.market.escrows.get(&earnings.mint)?;
    let least = match escrow.currency {
        currency::IO => policy.crank.withdraw_at_io_units,
        currency::USD => policy.crank.withdraw_at_usd_units,
        // A claim at the price of the day, which its owner chooses.
        _ => None,
    };
    let enough = earnings.due_units > 0 && earnings.due_units >= least?;
    let can_be_paid = snapshot.can_pay(&earnings.owner, &earnings.mint);
    (enough && can_be_paid).then_some(Action::WithdrawEarnings {
        mint: earnings.mint,
        owner: earnings.owner,
        withdrawn_units: earnings.withdrawn_units,
    })
}

/// Once an hour as much as there is, and at once what fills the line: the allowance grows with every second.
fn fund(snapshot: &Snapshot, credit: &CreditView) -> Vec<Action> {
    let line = &credit.line;
    let now = snapshot.time.now;
    let funded_units = line.funded_units;
    let wanted = line.claimed_units.saturating_sub(funded_units);
    let token = snapshot.token.as_ref();
    let may = token.map_or(0, |token| {
        rules::remintable(token, &credit.net_emission, now)
    });
    let minted = may.min(wanted);
    let first = rules::reminted_this_hour(&credit.net_emission, now) == 0;
    let mut actions = Vec::new();
    if minted > 0 && (minted == wanted || first) {
        let max_units = minted;
        actions.push(Action::FundCredit {
            funded_units,
            max_units,
        });
    }
    let kept = snapshot.fees.as_ref().map_or(0, |fees| fees.kept_units);
    let max_units = kept.min(wanted.saturating_sub(minted));
    if max_units > 0 {
        actions.push(Action::FundFromTreasury {
            funded_units,
            max_units,
        });
    }
    actions
}

/// What the treasury keeps for suppliers is burned with the rest while none of them waits.
fn release(snapshot: &Snapshot, policy: &Policy, credit: &CreditView) -> Option<Action> {
    let kept_units = snapshot.fees.as_ref()?.kept_units;
    let nobody_waits = credit.line.claimed_units <= credit.line.funded_units;
    let enough = kept_units > 0 && kept_units >= policy.crank.burn_at_units;
    (nobody_waits && enough).then_some(Action::ReleaseKept {
        funded_units: credit.line.funded_units,
        kept_units,
    })
}

fn pay(snapshot: &Snapshot, credit: &CreditView, earnings: &Earnings) -> Option<Action> {
    let due = rules::payable(earnings, credit.line.funded_units);
    let can_be_paid = snapshot.can_pay(&earnings.owner, &snapshot.emission.io_mint);
    (due > 0 && can_be_paid).then_some(Action::PayCredit {
        owner: earnings.owner,
        paid_to_units: earnings
            .claim_start_units
            .saturating_add(earnings.claim_paid_units),
    })
}
