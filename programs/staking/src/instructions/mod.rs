pub mod governance;
pub mod increase_stake;
pub mod initialize;
pub mod request_unstake;
pub mod stake;
pub mod withdraw;

pub use governance::*;
pub use increase_stake::*;
pub use initialize::*;
pub use request_unstake::*;
pub use stake::*;
pub use withdraw::*;
