//! The emission on the built program: check-ins, hours, rewards.

mod books;
mod eligibility;
mod pages;
mod refusals;
mod schedule;
mod stage;
mod sweeps;
mod works;
