//! The market program: prices, orders in three currencies, leases, disputes, and every way that money leaves.

mod booking;
mod holding;
mod life;
mod settling;
mod stage;
