//! Staking and co-staking: amounts, time, and every refusal. Slash cases have a test of their own.

mod accounts;
mod bound;
mod counted;
mod leaving;
mod life;
mod offers;
mod overflow;
mod own;
mod pauses;
mod payees;
mod refusals;
mod stage;
mod sweeps;
mod works;
