//! The market program: prices, orders in three currencies, leases, disputes, and every way that money leaves.

mod refusals;
mod stage;
