//! The market: the life of an order, its states, its refusals, and attacks on it.

mod attacks;
mod ends;
mod leases;
mod life;
mod refusals;
mod states;
mod sweep;
