//! The market program: prices, orders in three currencies, leases, disputes, and every way that money leaves.

mod currencies;
mod layout;
mod life;
mod refusals;
mod stage;
