//! Orders: their states, their parts, and what is done with them.

mod ends;
mod money;
mod rates;
mod refunds;
mod sends;

pub use ends::{cancelled, ended, held_at_most, missed_discount, Ended};
pub use money::{add_funds, create, extend, open_renter, refund};
pub use rates::{hourly, lowest_usd6, rate_at, units};
pub use refunds::paid_at_once;
pub use sends::{cancel, close, end, expire, price_anew, reduce};

use super::lease::{self, Leased};
use crate::{context::Context, error::Result};
use iog_client::market::{
    accounts::{Lease, Order},
    types::Part,
};
use solana_pubkey::Pubkey;

pub const OPEN: u8 = 0;
pub const MATCHED: u8 = 1;
pub const ACTIVE: u8 = 2;
pub const COMPLETED: u8 = 3;
pub const ENDED: u8 = 4;
pub const EXPIRED: u8 = 5;
pub const STATES: [&str; 6] = ["open", "matched", "active", "completed", "ended", "expired"];

/// Time to accept from the moment when the last place is matched (`ACCEPT_SECS` of the program's constants.rs).
pub const ACCEPT_SECS: i64 = 90;
/// In which only the renter matches (`RENTER_MATCH_SECS`).
pub const RENTER_MATCH_SECS: i64 = 30;
/// Deposited for each GPU, for who matches it (`MATCH_LAMPORTS`).
pub const MATCH_LAMPORTS: u64 = 20_000;
/// Most that an order which never starts pays a device for (`MAX_HELD_SECS`).
pub const MAX_HELD_SECS: u32 = 300;
/// How long a price in IO holds (`IO_RATE_SECS`), and orders in IO with their four prices (`MAX_IO_HOURS`).
pub const IO_RATE_HOURS: u32 = 168;
pub const MAX_IO_HOURS: u32 = 672;

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

/// Not started and not over.
pub fn waits(order: &Order) -> bool {
    matches!(order.state, OPEN | MATCHED)
}

pub async fn find(context: &Context, address: &Pubkey) -> Result<Order> {
    context.get(address, "see iog order list").await
}

/// The leases of an order whose accounts exist.
pub async fn leases(context: &Context, order: &Pubkey) -> Result<Vec<(Pubkey, Lease)>> {
    context.list(&[(Lease::ORDER_AT, order.as_ref())]).await
}

fn sum(order: &Order, of: impl Fn(&Part) -> u32) -> u32 {
    order.parts.iter().map(of).fold(0, u32::saturating_add)
}

pub fn gpus(order: &Order) -> u32 {
    sum(order, |part| part.gpus)
}

pub fn matched_gpus(order: &Order) -> u32 {
    sum(order, |part| part.matched)
}

pub fn accepted_gpus(order: &Order) -> u32 {
    sum(order, |part| part.accepted)
}

/// GPUs of each part.
pub fn counts(order: &Order) -> [u32; 4] {
    order.parts.map(|part| part.gpus)
}

/// The entries that name a class, with their numbers.
pub fn entries(order: &Order) -> impl Iterator<Item = (u8, &Part)> {
    (0u8..)
        .zip(&order.parts)
        .filter(|(_, part)| part.class_id != 0)
}

/// A class that will do for the part before it. A part that was given back whole keeps a machine's size and so is none.
pub fn is_alternative(part: &Part) -> bool {
    part.class_id != 0 && part.gpus == 0 && part.per_machine == 0
}

/// The part's own class, and those behind it that will do.
pub fn classes_of(order: &Order, part: u8) -> Vec<u16> {
    let from = usize::from(part);
    let own = order.parts.iter().skip(from).take(1);
    let alternatives = order.parts.iter().skip(from.saturating_add(1));
    let alternatives = alternatives.take_while(|part| is_alternative(part));
    own.chain(alternatives).map(|part| part.class_id).collect()
}

/// Nothing more can be earned: at its end or taken back, with every lease closed.
fn is_over(order: &Order, now: i64) -> bool {
    let ended = matches!(order.state, COMPLETED | ENDED | EXPIRED)
        || (order.state == ACTIVE && now >= order.end_ts);
    ended && order.leases == 0
}

/// What `refund` pays now: what is due, and of an order that is over all that is left.
pub fn refundable(order: &Order, now: i64) -> u64 {
    let left = match is_over(order, now) {
        true => order.escrowed_units,
        false => 0,
    };
    order.refund_due_units.saturating_add(left)
}

/// Whether `close_lease` takes it.
pub fn closable(order: &Order, leased: &Leased) -> bool {
    let held = &leased.lease;
    let over = held.state == lease::SETTLED && held.released_count >= held.settled_count;
    let open = waits(order) || order.state == ACTIVE;
    over || order.state == EXPIRED || (held.state == lease::MATCHED && !open)
}

/// Since when a device that was matched at `matched_ts` is asked: since the order is whole, or since its own match to a running one.
pub fn asked_since(order: &Order, matched_ts: i64) -> Option<i64> {
    match order.state {
        ACTIVE => Some(matched_ts),
        MATCHED => Some(order.whole_since_ts),
        _ => None,
    }
}
