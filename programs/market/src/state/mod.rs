mod config;
mod escrow;
mod lease;
mod occupancy;
mod order;

pub use config::{Config, ConfigArgs, ParameterId};
pub use escrow::Escrow;
pub use lease::{Due, Lease, LeaseState};
pub use occupancy::Occupancy;
pub use order::{Order, OrderArgs, OrderState};
