//! Good instructions, for tests to spoil.

use iog_client::pda;
use iog_client::token::accounts::Config;
use iog_client::token::instructions::{
    BurnIo, CreateVesting, Initialize, MintEmission, ReleaseVested,
};
use iog_client::token::{VestingArgs, ID};
use iog_tests::world::{ata, PubkeyOf, GENESIS_TS};
use iog_tests::{Outcome, World};
use solana_keypair::Keypair;

pub const GENESIS_LEFT: u64 = 40_000_000_000_000_000;

pub fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        genesis_ts: GENESIS_TS,
    }
}

pub fn create(world: &mut World, change: impl FnOnce(&mut VestingArgs)) -> CreateVesting {
    let mut args = VestingArgs {
        id: 1,
        beneficiary: world.address(),
        total: 1_000,
        at_start_bps: 0,
        first_release_secs: 0,
        periods: 1,
        period_secs: 10,
        per_second: false,
    };
    change(&mut args);
    CreateVesting {
        authority: world.authority.pubkey_of(),
        vesting: pda::token::vesting(args.id),
        args,
    }
}

pub fn try_create(world: &mut World, change: impl FnOnce(&mut VestingArgs)) -> Outcome {
    let authority = world.authority.insecure_clone();
    let create = create(world, change).instruction();
    world.send(&[create], &[&authority])
}

pub fn release(world: &World) -> ReleaseVested {
    ReleaseVested {
        vesting: pda::token::vesting(5),
        io_mint: world.io,
        beneficiary_token: ata(&world.bank.pubkey_of(), &world.io),
    }
}

/// A minter whose authority is a plain key.
pub fn minter(world: &mut World) -> (MintEmission, Keypair) {
    let key = world.wallet();
    let mint = MintEmission {
        minter_authority: key.pubkey_of(),
        minter: world.register_minter(&key.pubkey_of(), u64::MAX),
        io_mint: world.io,
        destination: ata(&world.bank.pubkey_of(), &world.io),
        amount: 1,
    };
    (mint, key)
}

pub fn burn(world: &World, amount: u64) -> BurnIo {
    let owner = world.bank.pubkey_of();
    BurnIo {
        owner,
        io_mint: world.io,
        from: ata(&owner, &world.io),
        amount,
    }
}

pub fn try_burn(world: &mut World, burn: BurnIo) -> Outcome {
    let bank = world.bank.insecure_clone();
    world.send(&[burn.instruction()], &[&bank])
}

pub fn mint_after(edit: fn(&mut Config), amount: u64, world: &mut World) -> Outcome {
    let (mut mint, key) = minter(world);
    world.edit(&pda::token::config(), edit);
    mint.amount = amount;
    world.send(&[mint.instruction()], &[&key])
}
