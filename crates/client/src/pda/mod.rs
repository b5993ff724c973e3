//! Addresses: one finder for each account that the programs derive.
//!
//! A finder's seeds are those of the program's `constants.rs`; a test compares the two.

use solana_pubkey::Pubkey;

pub mod emission;
pub mod market;
pub mod registry;
pub mod staking;
pub mod token;
pub mod treasury;

const UPGRADEABLE_LOADER: Pubkey =
    Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
const ASSOCIATED_TOKEN: Pubkey =
    Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/// The address that `program` derives from `seeds`.
pub fn find(seeds: &[&[u8]], program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(seeds, program).0
}

/// Where the loader keeps a program's upgrade authority: what `initialize` checks.
pub fn program_data(program: &Pubkey) -> Pubkey {
    find(&[program.as_ref()], &UPGRADEABLE_LOADER)
}

/// A wallet's account for tokens of `mint`, under the token program that owns the mint.
pub fn token_account(wallet: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    find(
        &[wallet.as_ref(), token_program.as_ref(), mint.as_ref()],
        &ASSOCIATED_TOKEN,
    )
}
