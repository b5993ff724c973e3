//! The hour's window and page, the closing of hours that are over, and the mint of what they shared out.

use super::crank::Due;
use crate::{action::Action, rules, snapshot::Snapshot};

/// Hours that one transaction closes: what compute and logs take with room to spare.
const CLOSE_AT_ONCE: u32 = 24;
/// For so long an hour's window waits for classes whose terms are to be applied before it opens.
const APPLY_FIRST_SECS: i64 = 30;

pub(super) fn plan(snapshot: &Snapshot) -> Vec<Due> {
    let hour = snapshot.hour;
    if hour == 0 {
        return Vec::new();
    }
    let start = rules::hour_start(snapshot.genesis_ts, hour);
    let mut due = classes(snapshot);
    let first_secs = snapshot.time.now < start.saturating_add(APPLY_FIRST_SECS);
    if due.is_empty() || !first_secs {
        due.extend(window(snapshot, start));
    }
    let first = snapshot.emission.next_hour;
    let mut pages = vec![rules::page_of(hour)];
    if first < hour {
        // After an outage over a whole page nobody has opened it.
        pages.push(rules::page_of(first));
        pages.dedup();
    }
    let missing = pages.iter().filter(|page| !snapshot.pages.contains(page));
    due.extend(missing.map(|index| (start, Action::OpenPage { index: *index })));
    let over = rules::hour_start(snapshot.genesis_ts, first.saturating_add(1));
    due.extend(close(snapshot).map(|action| (over, action)));
    due.extend(mint(snapshot).map(|action| (start, action)));
    due
}

fn window(snapshot: &Snapshot, start: i64) -> Option<Due> {
    let epoch = snapshot.epoch();
    match rules::anchored(&snapshot.windows, epoch) {
        None => Some((start, Action::AnchorWindow { epoch })),
        Some(window) if window.slot == 0 => Some((window.opens_ts, Action::OpenWindow { epoch })),
        Some(_) => None,
    }
}

/// Terms that have waited long enough. Only before the hour's window opens: devices that walk already walk by the old ones.
fn classes(snapshot: &Snapshot) -> Vec<Due> {
    if rules::window(&snapshot.windows, snapshot.epoch()).is_some() {
        return Vec::new();
    }
    let waiting = snapshot.classes.iter();
    let ready = waiting.filter(|(_, class)| rules::terms_due(class, snapshot.time.now));
    let apply = ready.map(|(address, class)| {
        let (class, pending_ts) = (*address, class.pending_ts);
        (pending_ts, Action::ApplyClass { class, pending_ts })
    });
    apply.collect()
}

/// As many hours as are over and lie on the page: nothing is minted by it.
fn close(snapshot: &Snapshot) -> Option<Action> {
    let first = snapshot.emission.next_hour;
    let page = rules::page_of(first);
    if first >= snapshot.hour || !snapshot.pages.contains(&page) {
        return None;
    }
    let behind = snapshot.hour.saturating_sub(first).min(CLOSE_AT_ONCE);
    let last = first.saturating_add(behind);
    let count = (first..last).take_while(|hour| rules::page_of(*hour) == page);
    let count = u8::try_from(count.count()).ok()?;
    Some(Action::CloseHour { first, count })
}

/// All that is due at once; where cap or breaker leave less, once in an hour of unix time what they leave: the breaker lets a little more
/// pass with every second.
fn mint(snapshot: &Snapshot) -> Option<Action> {
    let (minter, token) = snapshot.minter.as_ref().zip(snapshot.token.as_ref())?;
    let (emission, now) = (&snapshot.emission, snapshot.time.now);
    let amount = rules::mintable(emission, minter, token, now);
    let whole = amount == rules::emission_due(emission);
    let first = rules::minted_this_hour(minter, now) == 0;
    (amount > 0 && (whole || first)).then_some(Action::MintDue {
        minted_units: emission.minted_units,
    })
}
