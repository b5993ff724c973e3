//! One event for every movement of value, with totals before and after. Amounts are IO base units (8 decimals).

use anchor_lang::prelude::*;

#[event]
pub struct Staked {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub stake_before: u64,
    pub stake_after: u64,
}

#[event]
pub struct UnstakeRequested {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub unlock_ts: i64,
}

#[event]
pub struct Withdrawn {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    /// What a slash case still holds.
    pub held: u64,
    pub staked_before: u64,
    pub staked_after: u64,
}

#[event]
pub struct OverflowWithdrawn {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub stake_before: u64,
    pub stake_after: u64,
}

#[event]
pub struct OfferMade {
    pub device: Address,
    pub owner: Address,
    /// Who alone may accept; zeros for anyone.
    pub co_staker: Address,
    pub amount: u64,
    pub co_share_bps: u16,
}

#[event]
pub struct OfferRetracted {
    pub device: Address,
    pub owner: Address,
}

#[event]
pub struct OfferAccepted {
    pub device: Address,
    pub owner: Address,
    pub co_staker: Address,
    pub amount: u64,
    pub co_share_bps: u16,
    pub staked_before: u64,
    pub staked_after: u64,
}

#[event]
pub struct CoStakerLeaves {
    pub device: Address,
    pub co_staker: Address,
    pub amount: u64,
    /// Until then the stake counts.
    pub counts_until_ts: i64,
    pub unlock_ts: i64,
}

#[event]
pub struct CoStakeWithdrawn {
    pub device: Address,
    pub co_staker: Address,
    pub amount: u64,
    /// What a slash case still holds.
    pub held: u64,
    pub staked_before: u64,
    pub staked_after: u64,
}

/// A holder was removed or followed, or somebody was named: `pending` and `effective_ts` are zeros where nobody waits.
#[event]
pub struct SlashRoleSet {
    /// By the order of `SlashRole`, here and below.
    pub role: u8,
    pub before: Address,
    pub after: Address,
    pub pending: Address,
    pub effective_ts: i64,
}

#[event]
pub struct SlashRoleDropped {
    pub by: Address,
    pub role: u8,
    pub dropped: Address,
}

#[event]
pub struct SlashProposed {
    pub case: Address,
    pub device: Address,
    pub owner_amount: u64,
    pub co_amount: u64,
    /// When the offence was: who co-stakes since later bears nothing.
    pub offence_ts: i64,
    pub reason: u8,
    pub evidence_hash: [u8; 32],
    pub appeal_until_ts: i64,
}

#[event]
pub struct SlashAppealed {
    pub case: Address,
    pub by: Address,
    pub decide_until_ts: i64,
}

#[event]
pub struct SlashResolved {
    pub case: Address,
    pub upheld: bool,
}

/// What it holds is released when it is finalised.
#[event]
pub struct CaseWithdrawn {
    pub case: Address,
    pub device: Address,
    pub by: Address,
}

#[event]
pub struct SlashFinalized {
    pub case: Address,
    pub device: Address,
    /// Zero when the case was rejected or withdrawn, or lapsed.
    pub owner_burned: u64,
    pub co_burned: u64,
    pub staked_before: u64,
    pub staked_after: u64,
}

#[event]
pub struct RestitutionProposed {
    pub case: Address,
    pub verdict: Address,
    pub lease: Address,
    pub order: Address,
    pub device: Address,
    pub renter: Address,
    pub resolver: Address,
    /// All of it the owner's.
    pub amount: u64,
    /// What the amount counts for, at the high price of this moment.
    pub claim_usd6: u64,
    /// What all cases of the verdict count for, this one included.
    pub claimed_usd6: u64,
    /// What the lease was paid: the most that they may count for.
    pub paid_usd6: u64,
    pub evidence_hash: [u8; 32],
    pub appeal_until_ts: i64,
}

#[event]
pub struct RestitutionFinalized {
    pub case: Address,
    pub verdict: Address,
    pub device: Address,
    pub renter: Address,
    /// Zero when the case was rejected or withdrawn, or lapsed.
    pub credited: u64,
    pub claimed_usd6: u64,
    pub staked_before: u64,
    pub staked_after: u64,
    pub due_before: u64,
    pub due_after: u64,
}

#[event]
pub struct RestitutionFetched {
    pub verdict: Address,
    pub renter: Address,
    pub amount: u64,
    /// Of all renters.
    pub due_before: u64,
    pub due_after: u64,
}

#[event]
pub struct RestitutionClosed {
    pub verdict: Address,
    pub renter: Address,
    /// What the renter was paid through it.
    pub paid: u64,
}
