//! Leases.

use iog_client::market::accounts::Lease;
use iog_client::pda;
use iog_tests::reference::{orders, By};
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use crate::action::Action;
use crate::machine::Machine;

/// Hours that a lease's account remembers the slots of.
const REMEMBERED: u32 = 32;

pub fn one(
    machine: &Machine,
    order: &Pubkey,
    device: usize,
    lease: &orders::Lease,
    action: Action,
) {
    let supplier = &machine.suppliers[device];
    let address = pda::market::lease(order, &supplier.device);
    let account = machine.world.read::<Lease>(&address);
    money(&account, lease, action);
    times(&account, lease, action);
    let flags = [account.counted, account.poor, account.shared].map(|flag| flag == 1);
    let expected = [lease.counted, lease.poor, lease.shared];
    assert_eq!(flags, expected, "lease of {device} after {action:?}");
    let got = (
        usize::from(account.part),
        account.gpus,
        account.state,
        account.owner,
    );
    let expected = (
        lease.part,
        lease.gpus,
        lease.state,
        supplier.owner.pubkey_of(),
    );
    assert_eq!(got, expected, "lease of {device} after {action:?}");
    if lease.by == By::Keeper {
        assert_eq!(account.payer, machine.keeper.pubkey_of());
    }
    if lease.state == orders::DISPUTED {
        let resolver = machine.resolver(lease.resolver).pubkey_of();
        assert_eq!(account.resolver, resolver, "after {action:?}");
    }
    let hours = hours_of(&account).map(|place| account.paid_slots[place]);
    let expected = lease.held.iter().map(|hour| hour.slots);
    assert!(
        hours.eq(expected),
        "hours of {device} after {action:?}: {:?}",
        lease.held
    );
    let places = hours_of(&account).map(|place| account.answered_slots[place]);
    let expected = lease.held.iter().map(|hour| hour.answered);
    let same = lease.state != orders::DISPUTED || places.eq(expected);
    assert!(same, "answered of {device} after {action:?}");
    let expected = lease.place.unwrap_or(65_535);
    assert_eq!(
        account.place, expected,
        "place of {device} after {action:?}"
    );
    let today = lease.forgiven.get(&i64::from(account.forgiven_day));
    assert_eq!(
        account.forgiven,
        today.copied().unwrap_or(0),
        "forgiven of {device} after {action:?}"
    );
}

/// Where the hours that are held stand.
fn hours_of(account: &Lease) -> impl Iterator<Item = usize> {
    let held = account.released_count..account.settled_count;
    held.map(|number| (number % REMEMBERED) as usize)
}

fn money(account: &Lease, lease: &orders::Lease, action: Action) {
    let got = [
        account.paid_units,
        account.paid_usd6,
        account.refunded_units,
        account.deposit_units,
        account.pay_usd6,
        account.part_usd6,
        account.cap_usd6,
    ];
    let expected = [
        lease.paid,
        lease.paid_usd6,
        lease.refunded,
        lease.deposit,
        lease.pay,
        lease.full,
        lease.cap,
    ];
    assert_eq!(got, expected, "lease after {action:?}");
}

fn times(account: &Lease, lease: &orders::Lease, action: Action) {
    let got = [
        account.matched_ts,
        account.accepted_ts,
        account.started_ts,
        account.agreed_until_ts,
        account.ends_ts,
        account.stopped_ts,
        account.disputed_ts,
        account.settled_until_ts,
        account.released_until_ts,
        i64::from(account.settled_count),
        i64::from(account.released_count),
        i64::from(account.held_mark),
    ];
    let expected = [
        lease.matched,
        lease.accepted,
        lease.started,
        lease.agreed,
        lease.ends,
        lease.stopped,
        lease.disputed,
        lease.judged.0,
        lease.released.0,
        i64::from(lease.judged.1),
        i64::from(lease.released.1),
        lease.mark,
    ];
    assert_eq!(got, expected, "lease after {action:?}");
    let judged = (account.judged_ts, account.judged_slot, account.rent_units);
    let got = (account.accepted_slot, judged);
    let (judged_ts, judged_slot) = lease.judged_at;
    let expected = (lease.accepted_slot, (judged_ts, judged_slot, lease.rent));
    assert_eq!(got, expected, "lease after {action:?}");
}
