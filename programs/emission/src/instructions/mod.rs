pub mod check_in;
pub mod claim;
pub mod close_hour;
pub mod governance;
pub mod initialize;
pub mod open_page;
pub mod open_rewards;
pub mod settle;

pub use check_in::*;
pub use claim::*;
pub use close_hour::*;
pub use governance::*;
pub use initialize::*;
pub use open_page::*;
pub use open_rewards::*;
pub use settle::*;
