mod config;
mod fee_vault;

pub use config::Config;
pub use fee_vault::FeeVault;
