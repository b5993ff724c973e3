//! Good instructions, for tests to spoil.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::token::accounts::{Config, NetEmission};
use iog_client::token::instructions::{
    BurnIo, BurnIosd, CreateIosd, CreateVesting, Initialize, InitializeExisting, MintEmission,
    MintNetEmission, RefundIosd, RegisterMinter, ReleaseVested, SettleIosd,
};
use iog_client::token::{self, VestingArgs, ID};
use iog_tests::world::{
    ata, expect_code, iosd_ata, limit_args, source_args, PubkeyOf, GENESIS_TS, RIGHT_EMISSION,
};
use iog_tests::{Code, Meta, Outcome, World};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// One IO and one IOSD in base units.
pub const IO: u64 = 100_000_000;
pub const IOSD: u64 = 1_000_000;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;
pub const GENESIS: u64 = 50_000_000_000_000_000;
pub const GENESIS_LEFT: u64 = 40_000_000_000_000_000;
/// The least that the cap of a minter of emission may be: twice the schedule's first hour, 4,566.21004566 IO (500 M IO * 8 % / 8,760 h).
pub const LEAST_CAP: u64 = 913_242_009_132;
/// The most that a minter's cap may be: all of the emission.
pub const HIGHEST_CAP: u64 = 30_000_000_000_000_000;

pub fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        genesis_ts: GENESIS_TS,
        limits: limit_args(),
    }
}

pub fn initialize_existing(world: &World) -> InitializeExisting {
    InitializeExisting {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        io_mint: world.io,
        genesis_ts: GENESIS_TS,
        limits: limit_args(),
    }
}

pub fn create_iosd(world: &World) -> CreateIosd {
    CreateIosd {
        authority: world.authority.pubkey_of(),
        source: source_args(),
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

/// By the authority, who is none of the beneficiary's.
pub fn release(world: &World) -> ReleaseVested {
    let associated = ata(&world.bank.pubkey_of(), &world.io);
    ReleaseVested {
        signer: world.authority.pubkey_of(),
        vesting: pda::token::vesting(5),
        io_mint: world.io,
        beneficiary_token: associated,
        associated,
    }
}

/// The registration of an address with rights and a cap of emission.
pub fn register(world: &World, minter_authority: &Pubkey, rights: u8, cap: u64) -> Instruction {
    let register = RegisterMinter {
        authority: world.authority.pubkey_of(),
        minter_authority: *minter_authority,
        minter: pda::token::minter(minter_authority),
        rights,
        cap_per_hour: cap,
    };
    register.instruction()
}

/// A minter of emission whose authority is a plain key.
pub fn minter(world: &mut World) -> (MintEmission, Keypair) {
    let (key, _) = world.plain_minter(RIGHT_EMISSION, HIGHEST_CAP);
    (mint_emission(world, &key, 1), key)
}

pub fn mint_emission(world: &World, key: &Keypair, amount: u64) -> MintEmission {
    MintEmission {
        minter_authority: key.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
        io_mint: world.io,
        destination: ata(&world.bank.pubkey_of(), &world.io),
        amount,
    }
}

pub fn mint_net_emission(world: &World, key: &Keypair, amount: u64) -> MintNetEmission {
    MintNetEmission {
        minter_authority: key.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
        io_mint: world.io,
        destination: ata(&world.bank.pubkey_of(), &world.io),
        amount,
    }
}

pub fn burn_iosd(key: &Keypair, owner: &Pubkey, amount: u64) -> BurnIosd {
    BurnIosd {
        minter_authority: key.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
        owner: *owner,
        iosd_mint: pda::token::iosd_mint(),
        from: iosd_ata(owner),
        amount,
    }
}

pub fn refund_iosd(key: &Keypair, owner: &Pubkey, amount: u64) -> RefundIosd {
    RefundIosd {
        minter_authority: key.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
        iosd_mint: pda::token::iosd_mint(),
        to: iosd_ata(owner),
        amount,
    }
}

pub fn settle_iosd(key: &Keypair, amount: u64) -> SettleIosd {
    SettleIosd {
        minter_authority: key.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
        amount,
    }
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

/// As if the program had seen this average price (10^-12 USD for one IO) an hour ago, and nothing since.
pub fn seen(world: &mut World, usd12: u64) {
    let first_ts = world.now() - HOUR;
    world.edit::<NetEmission>(&pda::token::net_emission(), |books| {
        for sight in &mut books.sights {
            (sight.first_ts, sight.lowest_usd12) = (0, 0);
        }
        let at = usize::try_from(first_ts / HOUR % 25).unwrap();
        let sight = &mut books.sights[at];
        (sight.first_ts, sight.lowest_usd12) = (first_ts, usd12);
        books.newest_price_ts = 0;
    });
}

/// A wallet with `io` in IO and an empty account for IOSD.
pub fn holder(world: &mut World, io: u64) -> Keypair {
    let wallet = world.wallet();
    world.give_io(&wallet.pubkey_of(), io);
    world.iosd_account(&wallet.pubkey_of());
    wallet
}

/// The refusal must have this code and leave every account of the instruction as it was, but for the payer's lamports. Returns
/// what was logged.
#[track_caller]
pub fn refused(
    world: &mut World,
    code: impl Into<Code>,
    instruction: Instruction,
    signers: &[&Keypair],
) -> Vec<String> {
    let payer = signers.first().map(|key| key.pubkey_of());
    let accounts = |world: &World| -> Vec<Option<Account>> {
        let metas = instruction.accounts.iter();
        metas
            .filter(|meta| Some(meta.pubkey) != payer)
            .map(|meta| world.find(&meta.pubkey))
            .collect()
    };
    let before = accounts(world);
    let outcome = world.send(std::slice::from_ref(&instruction), signers);
    let logs = match &outcome {
        Ok(_) => Vec::new(),
        Err(failure) => failure.logs.clone(),
    };
    expect_code(outcome, code);
    assert_eq!(accounts(world), before, "a refusal changed an account");
    logs
}

/// The one event that a transaction of the token program logged.
#[track_caller]
pub fn only_event(meta: &Meta) -> token::Event {
    match meta.events.as_slice() {
        [Event::Token(event)] => event.clone(),
        other => panic!("expected one event of the token program, got {other:?}"),
    }
}
