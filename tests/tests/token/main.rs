//! The token program.

mod accounts;
mod allowance;
mod bounds;
mod breaker;
mod burning;
mod create;
mod errors;
mod existing;
mod minters;
mod model;
mod newest;
mod outstanding;
mod price;
mod price_feed;
mod restoring;
mod rights;
mod seen;
mod setup;
mod sights;
mod source;
mod spending;
mod sweeps;
mod units;
mod vesting;
mod works;
