mod config;
mod minter;
mod net_emission;
mod parameter;
mod price_feed;
mod price_source;
mod vesting;
mod window;

pub use config::Config;
pub use minter::Minter;
pub use net_emission::{NetEmission, Sight};
pub use parameter::{LimitArgs, ParameterId};
pub use price_feed::{PriceFeed, SignedReport, QUORUM};
pub use price_source::{PriceSource, PriceSourceArgs};
pub use vesting::{Vesting, VestingArgs};
pub use window::{Window, WindowArgs, WindowId};
