//! The market program: prices, orders in three currencies, leases, disputes, and every way money leaves.

mod life;
