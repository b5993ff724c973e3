//! What every IOG program shares and no framework offers: the first-initialisation guard, sysvars and price accounts read
//! by offset, and the few bytes of another program's account that are read without linking that program.
#![no_std]

pub mod ed25519;
pub mod governance;
pub mod instructions;
pub mod occupancy;
pub mod payee;
pub mod price;
pub mod pyth;
pub mod quorum;
pub mod slot_hashes;
pub mod token;
pub mod upgrade;
pub mod verdict;
