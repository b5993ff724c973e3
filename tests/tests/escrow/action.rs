//! What can happen.

use iog_tests::reference::{By, Match, NewOrder};

/// What happens in a step; numbers name orders, devices, renters, owners, parts, currencies and classes.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// A floor, and currencies as bits.
    List(usize, u64, u8),
    Relist(usize),
    Delist(usize, By),
    Create(NewOrder),
    /// Hours, what the limit is above the total, and whether it is one unit short.
    Extend(u64, u32, u64, bool),
    AddFunds(u64, u64),
    PriceAnew(u64),
    Match(Match),
    Accept(u64, usize),
    Decline(u64, usize, By),
    Skip(u64, usize),
    Beat(usize),
    /// A proof of the running hour passes, or fails.
    Prove(usize),
    Fail(usize),
    Settle(u64, usize),
    Reduce(u64, usize, u32),
    EndEarly(u64),
    Cancel(u64),
    Expire(u64),
    Timeout(u64, usize),
    Leave(u64, usize, By),
    Dispute(u64, usize),
    /// What the supplier gets, of how much, and who says so.
    Resolve(u64, usize, u64, u64, u8),
    Rule(u64, usize),
    /// The first slot that a receipt speaks of, and which it acknowledges of each eight.
    Answer(u64, usize, u32, u8),
    CloseLease(u64, usize),
    Refund(u64),
    CloseOrder(u64),
    CloseRenter(usize),
    CloseEarnings(usize, usize),
    CloseVerdict(usize),
    Withdraw(usize, usize),
    Collect(usize),
    SettleCredit,
    /// Whether it asks for one unit more than there is.
    Claim(usize, bool),
    /// A claim at a price that is a lie.
    Lie(usize, u64),
    Fund(u64),
    FundFromTreasury(u64),
    PayCredit(usize),
    UpdateCover,
    ReleaseKept,
    Donate(usize, u64),
    /// IO in 10^-8 dollars.
    Price(u64),
    /// A class's base price in millionths of a dollar.
    Base(usize, u64),
    /// Whether a class takes new orders.
    Offer(usize, bool),
    /// The dispute window of orders to come.
    Window(i64),
    /// Who decides disputes: nobody, one or the other.
    Resolver(u8),
    ApplyResolver,
    /// What the registry says: 0 active, 1 paused, 2 terminated.
    State(usize, u8),
    /// Seconds and as many slots of the chain; a clock may also step back a little, without any slot.
    Warp(i64),
    /// Seconds in which the chain stands still.
    Halt(i64),
}
