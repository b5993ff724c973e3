//! Genesis and burning without return, to the unit.

use iog_client::pda;
use iog_client::token::accounts::{Config, Vesting};
use iog_client::token::events::{GenesisMinted, IoBurned};
use iog_client::token::instructions::BurnIo;
use iog_client::token::{Event, Parameter, Window};
use iog_tests::world::{ata, limit_args, spl, PubkeyOf, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

use crate::setup::{holder, initialize, only_event, refused, release, GENESIS, IO};

#[test]
fn genesis_mints_500_million_into_the_vesting_vault() {
    let mut world = World::new();
    let meta = world.govern(initialize(&world).instruction());
    let minted = GenesisMinted {
        mint: pda::token::io_mint(),
        existing: 0,
        amount: 50_000_000_000_000_000,
        genesis_ts: GENESIS_TS,
    };
    assert_eq!(only_event(&meta), Event::GenesisMinted(minted));
    assert_eq!(world.supply(&world.io), GENESIS);
    assert_eq!(world.balance(&pda::token::vesting_vault()), GENESIS);
    // Eight decimals, the PDA mints, nobody freezes.
    let mint = world.account(&world.io).data;
    assert_eq!(mint[44], 8);
    assert_eq!(mint[..4], [1, 0, 0, 0]);
    assert_eq!(mint[4..36], pda::token::mint_authority().to_bytes());
    assert_eq!(mint[46..50], [0; 4]);

    let parameter = |value| Parameter {
        value,
        pending: 0,
        pending_ts: 0,
    };
    let window = |limit, share, floor| Window {
        level_units: 0,
        at_ts: 0,
        credit_units: 0,
        credit_ts: 0,
        limit_units: parameter(limit),
        share_bps: parameter(share),
        floor_units: parameter(floor),
    };
    let bump = |seed: &[u8]| Pubkey::find_program_address(&[seed], &iog_client::token::ID).1;
    let expected = Config {
        authority: world.authority.pubkey_of(),
        pending_authority: Pubkey::default(),
        guardian: Pubkey::default(),
        io_mint: world.io,
        iosd_mint: Pubkey::default(),
        genesis_ts: GENESIS_TS,
        // An hour before the start, and 24 hours.
        setup_until_ts: GENESIS_TS - 3_600 + 86_400,
        authority_since_ts: 0,
        genesis_units: 50_000_000_000_000_000,
        allocated_units: 0,
        emitted_units: 0,
        reminted_units: 0,
        burned_units: 0,
        iosd_minted_units: 0,
        iosd_spent_units: 0,
        iosd_refunded_units: 0,
        iosd_settled_units: 0,
        windows: [
            window(5_000_000_000_000_000, 1_000, 21_917_808_219_168),
            window(100_000_000_000_000, 20, limit_args().net_emission.floor),
            window(1_000_000_000_000, 2_000, 100_000_000_000),
            window(1_000_000_000_000, 5_000, 100_000_000_000),
        ],
        net_emission_cap_per_hour: parameter(10_000_000_000_000),
        version: 1,
        bump: bump(b"config"),
        mint_authority_bump: bump(b"mint_authority"),
        vesting_authority_bump: bump(b"vesting_authority"),
        iosd_authority_bump: 0,
        paused: 0,
        reserved: [0; 58],
    };
    assert_eq!(world.token_config(), expected);
    assert_eq!(world.account(&pda::token::config()).data.len(), 768);
}

#[test]
fn anyone_burns_their_own() {
    let mut world = World::ready();
    let owner = holder(&mut world, 1_000);
    let from = ata(&owner.pubkey_of(), &world.io);
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
        assert_eq!(only_event(&meta), Event::IoBurned(event));
    }
    assert_eq!(world.balance(&from), 0);
    assert_eq!(world.supply(&world.io), supply - 1_000);
    assert_eq!(world.token_config().burned_units, 1_000);
    world.check_supply();
}

#[test]
fn nobody_burns_anothers_io() {
    let mut world = World::ready();
    let thief = holder(&mut world, 1_000);
    let burn = BurnIo {
        owner: thief.pubkey_of(),
        io_mint: world.io,
        from: ata(&world.bank.pubkey_of(), &world.io),
        amount: 1,
    };
    let not_the_owner = iog_tests::Code::anchor(iog_tests::world::TOKEN_PROGRAM, 4);
    refused(&mut world, not_the_owner, burn.instruction(), &[&thief]);
}

#[test]
fn a_burn_past_the_program_and_a_donation_change_no_books() {
    let mut world = World::ready();
    let before = world.token_config();
    let bank = world.bank.insecure_clone();
    let (owner, io) = (bank.pubkey_of(), world.io);
    let burn = spl::burn(&ata(&owner, &io), &io, &owner, 5);
    world.must(burn, &[&bank]);
    world.donate(&pda::token::vesting_vault(), 1_000);
    assert_eq!(world.token_config(), before);
    // What is due is what the schedule says, not what the vault holds.
    let release = release(&world);
    let held = world.balance(&release.beneficiary_token);
    let total = world.read::<Vesting>(&release.vesting).total_units;
    assert_eq!(total, 80_000_000 * IO);
    world.set_time(GENESIS_TS + 41 * 2_629_800);
    world.govern(release.instruction());
    assert_eq!(
        world.balance(&release.beneficiary_token) - held,
        44_000_000 * IO
    );
}
