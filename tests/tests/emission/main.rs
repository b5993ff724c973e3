//! The emission on the built program: check-ins, hours, rewards.

mod attacks;
mod books;
mod co_staker;
mod eligibility;
mod outage;
mod pages;
mod refusals;
mod schedule;
mod stage;
mod succession;
mod sweeps;
mod uptime;
mod void;
mod works;
