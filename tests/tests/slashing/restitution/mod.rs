//! Restitution: a renter whose supplier lost a dispute before the resolver is paid out of the owner's stake.

mod accounts;
mod amounts;
mod decisions;
mod gone;
mod life;
mod liable;
mod prices;
mod refusals;
pub mod stage;
mod stolen;
