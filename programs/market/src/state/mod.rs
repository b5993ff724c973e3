mod config;
mod earnings;
mod escrow;
mod lease;
mod occupancy;
mod order;
mod price_book;
mod renter;

pub use config::{Config, ConfigArgs, ParameterId, Terms};
pub use earnings::{CreditLine, Earnings};
pub use escrow::{add, sub, Currency, Escrow};
pub use lease::{Lease, LeaseState, Payout, Work};
pub use occupancy::Occupancy;
pub use order::{
    validate_gpus, validate_hours, Order, OrderArgs, OrderState, Quote, QuoteArgs, Rate,
};
pub use price_book::{Location, PriceBook, PriceBookArgs};
pub use renter::RenterStats;
