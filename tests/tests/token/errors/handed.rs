//! Refusals of a mint that is handed over.

use iog_client::token::TokenError;
use iog_tests::world::PubkeyOf;
use iog_tests::{refusal, Case, Outcome, World};

use crate::setup::{initialize_existing, GENESIS};

/// A mint that is handed over.
pub fn cases() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("a mint of 9 decimals", E::WrongDecimals, |world| {
            hand_over(world, 9, 0)
        }),
        refusal("a unit above genesis", E::SupplyExceedsGenesis, |world| {
            hand_over(world, 8, GENESIS + 1)
        }),
        refusal("a mint of somebody's", E::WrongMintAuthority, |world| {
            *world = World::new();
            let (authority, bank) = (
                world.authority.insecure_clone(),
                world.bank.insecure_clone(),
            );
            let mut start = initialize_existing(world);
            start.io_mint = world.mint(&bank, 8);
            world.send(&[start.instruction()], &[&authority])
        }),
        refusal("a mint that can freeze", E::MintCanFreeze, |world| {
            *world = World::new();
            let authority = world.authority.insecure_clone();
            let mut start = initialize_existing(world);
            start.io_mint = world.mint(&authority, 8);
            // The option of a freeze authority, bytes 46 to 50 of a mint.
            let mut mint = world.account(&start.io_mint);
            mint.data[46] = 1;
            world.set_account(&start.io_mint, mint);
            world.send(&[start.instruction()], &[&authority])
        }),
    ]
}

fn hand_over(world: &mut World, decimals: u8, supply: u64) -> Outcome {
    *world = World::new();
    let (authority, bank) = (world.authority.insecure_clone(), world.bank.pubkey_of());
    let mut start = initialize_existing(world);
    start.io_mint = world.mint(&authority, decimals);
    if supply > 0 {
        world.mint_to(&start.io_mint, &authority, &bank, supply);
    }
    world.send(&[start.instruction()], &[&authority])
}
