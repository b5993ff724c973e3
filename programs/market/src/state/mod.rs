mod config;
mod credit_line;
mod earnings;
mod escrow;
mod lease;
mod occupancy;
mod order;
mod price_book;
mod receipt;
mod renter;
mod verdict;

pub use config::{Config, ConfigArgs, ParameterId, Terms};
pub use credit_line::CreditLine;
pub use earnings::Earnings;
pub use escrow::{add, sub, Currency, Escrow};
pub use lease::{Answered, Decision, Lease, LeaseState, Matched, Opened, Payout, Resolved, Work};
pub use occupancy::Occupancy;
pub use order::{
    validate_gpus, validate_hours, Ended, Order, OrderArgs, OrderState, Part, PartArgs, Quote,
    QuoteArgs, Rate, Seat, Step,
};
pub use price_book::{Location, PriceBook, PriceBookArgs};
pub use receipt::{Receipt, Subject, RECEIPT_LEN};
pub use renter::RenterStats;
pub use verdict::Verdict;
