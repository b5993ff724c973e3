pub mod burn_io;
pub mod create_vesting;
pub mod initialize;
pub mod mint_emission;
pub mod register_minter;
pub mod release_vested;

pub use burn_io::*;
pub use create_vesting::*;
pub use initialize::*;
pub use mint_emission::*;
pub use register_minter::*;
pub use release_vested::*;
