mod auction;
mod config;
mod fee_vault;

pub use auction::Auction;
pub use config::{Config, ConfigArgs, ParameterId};
pub use fee_vault::FeeVault;
