pub mod add_fee_vault;
pub mod burn_io_fees;
pub mod collect;
pub mod initialize;

pub use add_fee_vault::*;
pub use burn_io_fees::*;
pub use collect::*;
pub use initialize::*;
