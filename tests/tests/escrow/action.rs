//! What can happen.

use iog_tests::reference::NewOrder;

/// What happens in a step; numbers name orders, devices, renters, owners and currencies.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    List(usize, u64),
    /// By its owner, or by a stranger.
    Delist(usize, bool),
    Create(NewOrder),
    /// Hours, and whether the limit is one unit short.
    Extend(u64, u32, bool),
    Match(u64, usize),
    Accept(u64, usize),
    Skip(u64, usize),
    Beat(usize),
    Settle(u64, usize),
    EndEarly(u64),
    Cancel(u64),
    Expire(u64),
    Timeout(u64, usize),
    Leave(u64, usize),
    Dispute(u64, usize),
    /// What the supplier gets.
    Resolve(u64, usize, u64),
    Rule(u64, usize),
    CloseLease(u64, usize),
    Refund(u64),
    CloseOrder(u64),
    Withdraw(usize, usize),
    Collect(usize),
    SettleCredit,
    /// Whether it asks for one unit more than there is.
    Claim(usize, bool),
    Fund(u64),
    FundFromTreasury(u64),
    PayCredit(usize),
    Donate(usize, u64),
    /// IO in 10^-8 dollars.
    Price(u64),
    /// A class's base price in millionths of a dollar.
    Base(usize, u64),
    /// The dispute window of orders to come.
    Window(i64),
    /// Whether there is a resolver.
    Resolver(bool),
    /// Whether the registry has the device active.
    Active(usize, bool),
    Warp(i64),
}
