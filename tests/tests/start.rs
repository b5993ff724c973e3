//! Who may initialise the programs: only the key that may upgrade them, shown by the loader's own account, and once.

use iog_client::emission::EmissionError;
use iog_client::market::{ConfigArgs, MarketError};
use iog_client::registry::RegistryError;
use iog_client::staking::StakingError;
use iog_client::token::TokenError;
use iog_client::treasury::TreasuryError;
use iog_client::{emission, market, pda, registry, staking, token, treasury};
use iog_tests::world::{
    emission_args, expect_code, limit_args, treasury_args, PubkeyOf, GENESIS_TS,
};
use iog_tests::{Code, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// One program: its refusal of strangers, its first instruction, and the accounts that this creates.
struct Program {
    name: &'static str,
    id: Pubkey,
    stranger: Code,
    initialize: fn(authority: Pubkey, program_data: Pubkey) -> Instruction,
    creates: Vec<Pubkey>,
}

fn programs() -> Vec<Program> {
    vec![
        Program {
            name: "token",
            id: token::ID,
            stranger: TokenError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                token::instructions::Initialize {
                    authority,
                    program_data,
                    genesis_ts: GENESIS_TS,
                    limits: limit_args(),
                }
                .instruction()
            },
            creates: vec![
                pda::token::config(),
                pda::token::io_mint(),
                pda::token::vesting_vault(),
            ],
        },
        Program {
            name: "registry",
            id: registry::ID,
            stranger: RegistryError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                registry::instructions::Initialize {
                    authority,
                    program_data,
                    attestor: authority,
                    window_spread_secs: 0,
                    quorum: 3,
                }
                .instruction()
            },
            creates: vec![pda::registry::config(), pda::registry::windows()],
        },
        Program {
            name: "staking",
            id: staking::ID,
            stranger: StakingError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                staking::instructions::Initialize {
                    authority,
                    program_data,
                    io_mint: pda::token::io_mint(),
                    case_cap_bps: 0,
                    month_cap_bps: 0,
                }
                .instruction()
            },
            creates: vec![pda::staking::config(), pda::staking::vault()],
        },
        Program {
            name: "treasury",
            id: treasury::ID,
            stranger: TreasuryError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                treasury::instructions::Initialize {
                    authority,
                    program_data,
                    args: treasury_args(),
                }
                .instruction()
            },
            creates: vec![pda::treasury::config()],
        },
        Program {
            name: "market",
            id: market::ID,
            stranger: MarketError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                market::instructions::Initialize {
                    authority,
                    program_data,
                    args: ConfigArgs {
                        resolver: Pubkey::default(),
                        genesis_hash: [1; 32],
                        reservation_fee_bps: 25,
                        supplier_fee_bps: 25,
                        network_fee_bps: 0,
                        usd_extra_fee_bps: 200,
                        dispute_secs: 0,
                        points_per_usd: 1,
                    },
                }
                .instruction()
            },
            creates: vec![pda::market::config()],
        },
        Program {
            name: "emission",
            id: emission::ID,
            stranger: EmissionError::NotUpgradeAuthority.into(),
            initialize: |authority, program_data| {
                emission::instructions::Initialize {
                    authority,
                    program_data,
                    io_mint: pda::token::io_mint(),
                    args: emission_args(),
                }
                .instruction()
            },
            creates: vec![pda::emission::config(), pda::emission::vault()],
        },
    ]
}

/// A world in which `program` is not initialised, and what it reads is.
fn before(program: &Program) -> World {
    let mut world = World::new();
    if program.name != "token" {
        world.init_token();
    }
    world
}

#[track_caller]
fn refused(world: &mut World, program: &Program, key: &Keypair, program_data: &Pubkey) {
    let start = (program.initialize)(key.pubkey_of(), *program_data);
    expect_code(world.send(&[start], &[key]), program.stranger.clone());
    for address in &program.creates {
        assert!(world.find(address).is_none(), "{} {address}", program.name);
    }
}

#[test]
fn a_stranger_initialises_nothing() {
    for program in programs() {
        let mut world = before(&program);
        let stranger = world.wallet();
        refused(
            &mut world,
            &program,
            &stranger,
            &pda::program_data(&program.id),
        );
    }
}

#[test]
fn a_program_data_account_of_ones_own_is_no_proof() {
    for program in programs() {
        let mut world = before(&program);
        let stranger = world.wallet();
        let genuine = pda::program_data(&program.id);

        // A buffer of the loader's that names the stranger: the right owner and bytes at another address.
        let copy = world.address();
        world.copy_account(&genuine, &copy);
        let mut account = world.account(&copy);
        account.data.truncate(45);
        account.data[13..45].copy_from_slice(stranger.pubkey_of().as_ref());
        world.set_account(&copy, account.clone());
        refused(&mut world, &program, &stranger, &copy);

        // The same bytes in an account of the stranger's own program.
        account.owner = world.address();
        let own = world.address();
        world.set_account(&own, account);
        refused(&mut world, &program, &stranger, &own);

        // The account of another program, which the stranger may really upgrade.
        let others = programs();
        let other = others.iter().find(|other| other.id != program.id).unwrap();
        world.set_upgrade_authority(&other.id, Some(&stranger.pubkey_of()));
        refused(
            &mut world,
            &program,
            &stranger,
            &pda::program_data(&other.id),
        );

        // Nothing at all, and a wallet.
        let nothing = world.address();
        refused(&mut world, &program, &stranger, &nothing);
        let wallet = world.wallet();
        refused(&mut world, &program, &stranger, &wallet.pubkey_of());
    }
}

#[test]
fn an_immutable_program_is_initialised_by_nobody() {
    for program in programs() {
        let mut world = before(&program);
        let former = world.authority.insecure_clone();
        world.set_upgrade_authority(&program.id, None);
        refused(
            &mut world,
            &program,
            &former,
            &pda::program_data(&program.id),
        );
        // Without an authority the bytes behind the mark are zero: nor does the zero key count.
        let authority = world.account(&pda::program_data(&program.id)).data;
        assert_eq!(authority[12..45], [0; 33]);
    }
}

#[test]
fn the_authority_must_sign() {
    for program in programs() {
        let mut world = before(&program);
        let payer = world.wallet();
        let authority = world.authority.pubkey_of();
        let mut start = (program.initialize)(authority, pda::program_data(&program.id));
        start.accounts[0].is_signer = false;
        let missing = solana_instruction::error::InstructionError::MissingRequiredSignature;
        expect_code(
            world.send(&[start], &[&payer]),
            Code::plain(program.id, missing),
        );
    }
}

#[test]
fn lamports_sent_first_stop_no_start_and_nothing_starts_twice() {
    for program in programs() {
        let mut world = before(&program);
        let authority = world.authority.insecure_clone();
        for (index, address) in (1u64..).zip(&program.creates) {
            world.fund(address, index * 1_000_000);
        }
        let start = (program.initialize)(authority.pubkey_of(), pda::program_data(&program.id));
        world.must(start.clone(), &[&authority]);
        for address in &program.creates {
            let account = world.account(address);
            assert!(account.lamports >= world.rent(account.data.len()));
            assert_ne!(account.owner, solana_system_interface::program::ID);
        }
        let taken = Code::anchor(solana_system_interface::program::ID, 0);
        world.refuses(taken.clone(), start, &[&authority]);
        // A new upgrade authority gets no second start either.
        let next = world.wallet();
        world.set_upgrade_authority(&program.id, Some(&next.pubkey_of()));
        let again = (program.initialize)(next.pubkey_of(), pda::program_data(&program.id));
        world.refuses(taken, again, &[&next]);
    }
}

#[test]
fn another_config_is_no_time_base() {
    // What the others read from the token's config must be the token's config.
    for program in programs().into_iter().filter(|p| p.name != "token") {
        let mut world = before(&program);
        let authority = world.authority.insecure_clone();
        let fake = world.counterfeit(&pda::token::config());
        let copy = world.address();
        world.copy_account(&pda::token::config(), &copy);
        let start = (program.initialize)(authority.pubkey_of(), pda::program_data(&program.id));
        let place = start
            .accounts
            .iter()
            .position(|meta| meta.pubkey == pda::token::config())
            .unwrap();
        use solana_instruction::error::InstructionError as E;
        for (wrong, code) in [(fake, E::IllegalOwner), (copy, E::InvalidSeeds)] {
            let mut start = start.clone();
            start.accounts[place].pubkey = wrong;
            world.refuses(Code::plain(program.id, code), start, &[&authority]);
        }
    }
}
