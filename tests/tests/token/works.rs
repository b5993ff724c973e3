//! What each instruction does, to the unit.

use iog_client::events::Event;
use iog_client::token::accounts::{Config, Minter, Vesting};
use iog_client::token::events::{
    EmissionMinted, GenesisMinted, IoBurned, MinterRegistered, VestingCreated, VestingReleased,
};
use iog_client::token::instructions::{BurnIo, MintEmission, ReleaseVested};
use iog_client::token::VestingArgs;
use iog_client::{pda, token};
use iog_tests::world::{ata, spl, PubkeyOf, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

const IO: u64 = 100_000_000;
const GENESIS: u64 = 500_000_000 * IO;
const MONTH: i64 = 2_629_800;

fn config(world: &World) -> Config {
    world.read(&pda::token::config())
}

#[test]
fn genesis_mints_500_million_into_the_vesting_vault() {
    let mut world = World::new();
    let initialize = token::instructions::Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&token::ID),
        genesis_ts: GENESIS_TS,
    };
    let meta = world.govern(initialize.instruction());
    let minted = GenesisMinted {
        mint: pda::token::io_mint(),
        amount: 50_000_000_000_000_000,
        genesis_ts: GENESIS_TS,
    };
    assert_eq!(
        meta.events,
        [Event::Token(token::Event::GenesisMinted(minted))]
    );
    assert_eq!(world.supply(&world.io), GENESIS);
    assert_eq!(world.balance(&pda::token::vesting_vault()), GENESIS);
    // Eight decimals, the PDA mints, nobody freezes.
    let mint = world.account(&world.io).data;
    assert_eq!(mint[44], 8);
    assert_eq!(mint[..4], [1, 0, 0, 0]);
    assert_eq!(mint[4..36], pda::token::mint_authority().to_bytes());
    assert_eq!(mint[46..50], [0; 4]);

    let config = config(&world);
    assert_eq!(config.authority, world.authority.pubkey_of());
    assert_eq!(config.pending_authority, Pubkey::default());
    assert_eq!(config.guardian, Pubkey::default());
    assert_eq!(config.io_mint, world.io);
    assert_eq!(config.genesis_ts, GENESIS_TS);
    assert_eq!(
        (config.genesis_units, config.allocated_units),
        (50_000_000_000_000_000, 0)
    );
    assert_eq!(
        (
            config.emitted_units,
            config.reminted_units,
            config.burned_units
        ),
        (0, 0, 0)
    );
    assert_eq!((config.version, config.paused), (1, 0));
    assert_eq!(config.reserved, [0; 59]);
    assert_eq!(world.account(&pda::token::config()).data.len(), 248);
}

fn schedule(id: u8, beneficiary: Pubkey) -> VestingArgs {
    VestingArgs {
        id,
        beneficiary,
        total: 2_400 * IO,
        at_start_bps: 0,
        first_release_secs: 13 * MONTH,
        periods: 24,
        period_secs: MONTH,
        per_second: false,
    }
}

#[test]
fn vesting_is_created_and_paid_to_the_unit() {
    let mut world = World::ready();
    let beneficiary = world.address();
    let vesting = pda::token::vesting(1);
    let create = token::instructions::CreateVesting {
        authority: world.authority.pubkey_of(),
        vesting,
        args: schedule(1, beneficiary),
    };
    let meta = world.govern(create.instruction());
    let created = VestingCreated {
        id: 1,
        beneficiary,
        total: 240_000_000_000,
        allocated_before: 10_000_000_000_000_000,
        allocated_after: 10_000_240_000_000_000,
    };
    assert_eq!(
        meta.events,
        [Event::Token(token::Event::VestingCreated(created))]
    );
    assert_eq!(config(&world).allocated_units, 10_000_240_000_000_000);
    let account = world.read::<Vesting>(&vesting);
    assert_eq!(
        (account.beneficiary, account.start_ts),
        (beneficiary, GENESIS_TS)
    );
    assert_eq!(
        (account.total_units, account.released_units),
        (240_000_000_000, 0)
    );
    assert_eq!((account.version, account.reserved), (1, [0; 30]));
    assert_eq!(world.account(&vesting).data.len(), 120);

    let io = world.io;
    let to = world.token_account(&beneficiary, &io);
    let vault = world.balance(&pda::token::vesting_vault());
    let release = ReleaseVested {
        vesting,
        io_mint: io,
        beneficiary_token: to,
    };
    // The first of 24 parts is due after 13 months; three more with the sixteenth.
    for (months, paid, before) in [(13, 100 * IO, 0), (16, 300 * IO, 100 * IO)] {
        world.set_time(GENESIS_TS + months * MONTH);
        let meta = world.govern(release.instruction());
        let released = VestingReleased {
            id: 1,
            beneficiary,
            amount: paid,
            released_before: before,
            released_after: before + paid,
        };
        assert_eq!(
            meta.events,
            [Event::Token(token::Event::VestingReleased(released))]
        );
        assert_eq!(world.balance(&to), before + paid);
    }
    assert_eq!(
        world.balance(&pda::token::vesting_vault()),
        vault - 400 * IO
    );
    assert_eq!(world.read::<Vesting>(&vesting).released_units, 400 * IO);
}

#[test]
fn a_linear_schedule_pays_to_the_second() {
    let mut world = World::ready();
    let beneficiary = world.address();
    let vesting = world.create_vesting(VestingArgs {
        total: 1_000_003,
        at_start_bps: 4_500,
        first_release_secs: 0,
        periods: 2,
        period_secs: 1_000,
        per_second: true,
        ..schedule(1, beneficiary)
    });
    let io = world.io;
    let to = world.token_account(&beneficiary, &io);
    let release = ReleaseVested {
        vesting,
        io_mint: io,
        beneficiary_token: to,
    };
    // 45 % at once is 450,001 (floor); the rest of 550,002 over 2,000 seconds, floor(550,002 / 2,000) after one.
    for (secs, total) in [
        (0, 450_001),
        (1, 450_276),
        (1_999, 999_727),
        (2_000, 1_000_003),
    ] {
        world.set_time(GENESIS_TS + secs);
        world.govern(release.instruction());
        assert_eq!(world.balance(&to), total, "after {secs} s");
    }
}

/// A world with a minter whose authority is a plain key, so that a test can call the instruction itself.
fn with_minter(cap: u64) -> (World, MintEmission, solana_keypair::Keypair) {
    let mut world = World::ready();
    let minter_authority = world.wallet();
    let minter = world.register_minter(&minter_authority.pubkey_of(), cap);
    let io = world.io;
    let wallet = world.address();
    let mint = MintEmission {
        minter_authority: minter_authority.pubkey_of(),
        minter,
        io_mint: io,
        destination: world.token_account(&wallet, &io),
        amount: 0,
    };
    (world, mint, minter_authority)
}

#[test]
fn a_minter_mints_up_to_its_cap_in_each_hour() {
    let (mut world, mut mint, key) = with_minter(1_000);
    let minter = world.read::<Minter>(&mint.minter);
    assert_eq!(
        (minter.authority, minter.cap_per_hour_units),
        (key.pubkey_of(), 1_000)
    );
    assert_eq!((minter.version, minter.reserved), (1, [0; 30]));
    assert_eq!(world.account(&mint.minter).data.len(), 104);

    let mut emitted = 0;
    for (hour, amount, this_hour) in [(0, 400, 400), (0, 600, 1_000), (1, 1_000, 1_000)] {
        world.set_time(GENESIS_TS + hour * 3_600 + 3_599);
        mint.amount = amount;
        let meta = world.must(mint.instruction(), &[&key]);
        let event = EmissionMinted {
            minter: key.pubkey_of(),
            amount,
            emitted_before: emitted,
            emitted_after: emitted + amount,
        };
        emitted += amount;
        assert_eq!(
            meta.events,
            [Event::Token(token::Event::EmissionMinted(event))]
        );
        let minter = world.read::<Minter>(&mint.minter);
        assert_eq!(
            (minter.minted_this_hour_units, minter.minted_units),
            (this_hour, emitted)
        );
    }
    assert_eq!(world.balance(&mint.destination), 2_000);
    assert_eq!(world.supply(&world.io), GENESIS + 2_000);
    assert_eq!(config(&world).emitted_units, 2_000);
}

#[test]
fn registering_a_minter_says_so() {
    let mut world = World::ready();
    let minter_authority = world.address();
    let register = token::instructions::RegisterMinter {
        authority: world.authority.pubkey_of(),
        minter_authority,
        minter: pda::token::minter(&minter_authority),
        cap_per_hour: 7,
    };
    let meta = world.govern(register.instruction());
    let event = MinterRegistered {
        minter: minter_authority,
        cap_per_hour: 7,
    };
    assert_eq!(
        meta.events,
        [Event::Token(token::Event::MinterRegistered(event))]
    );
}

#[test]
fn anyone_burns_their_own() {
    let mut world = World::ready();
    let owner = world.wallet();
    let from = world.give_io(&owner.pubkey_of(), 1_000);
    let supply = world.supply(&world.io);
    for (amount, before) in [(300, 0), (700, 300)] {
        let burn = BurnIo {
            owner: owner.pubkey_of(),
            io_mint: world.io,
            from,
            amount,
        };
        let meta = world.must(burn.instruction(), &[&owner]);
        let event = IoBurned {
            owner: owner.pubkey_of(),
            amount,
            burned_before: before,
            burned_after: before + amount,
        };
        assert_eq!(meta.events, [Event::Token(token::Event::IoBurned(event))]);
    }
    assert_eq!(world.balance(&from), 0);
    assert_eq!(world.supply(&world.io), supply - 1_000);
    assert_eq!(config(&world).burned_units, 1_000);
    world.check_supply();
}

#[test]
fn a_burn_past_the_program_and_a_donation_change_no_books() {
    let mut world = World::ready();
    let before = config(&world);
    let bank = world.bank.insecure_clone();
    let (owner, io) = (bank.pubkey_of(), world.io);
    let burn = spl::burn(&ata(&owner, &io), &io, &owner, 5);
    world.must(burn, &[&bank]);
    world.donate(&pda::token::vesting_vault(), 1_000);
    assert_eq!(config(&world), before);
    // What is due is what the schedule says, not what the vault holds.
    let release = ReleaseVested {
        vesting: pda::token::vesting(5),
        io_mint: io,
        beneficiary_token: ata(&owner, &io),
    };
    let held = world.balance(&release.beneficiary_token);
    world.set_time(GENESIS_TS + 41 * MONTH);
    world.govern(release.instruction());
    assert_eq!(
        world.balance(&release.beneficiary_token) - held,
        44_000_000 * IO
    );
}
