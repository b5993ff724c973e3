//! The emission on the built program: check-ins, hours, rewards.

mod attacks;
mod books;
mod co_staker;
mod eligibility;
mod exempt;
mod keys;
mod minting;
mod outage;
mod pages;
mod payees;
mod paying;
mod refusals;
mod schedule;
mod stage;
mod succession;
mod sweeps;
mod token_pause;
mod uptime;
mod void;
mod windfall;
mod works;
