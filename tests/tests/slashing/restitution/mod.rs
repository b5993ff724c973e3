//! Restitution: a renter whose supplier lost a dispute before the resolver is paid out of the owner's stake.

mod accounts;
mod amounts;
mod decisions;
mod gone;
mod liable;
mod life;
mod payees;
pub mod paying;
mod prices;
mod refusals;
pub mod stage;
mod states;
mod stolen;
