//! What the guardian may do beside the authority: dropping what waits, of every kind.

use super::programs::{programs, Program};
use super::table::{name_of, sent_by};
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::{ClassTerms, RegistryRole};
use iog_client::staking::SlashRole;
use iog_client::token::PriceSourceArgs;
use iog_client::{market, pda, registry, staking, token};
use iog_tests::world::{
    expect_code, source_args, PubkeyOf, CLASS_TEST, GENESIS_TS, RIGHT_NET_EMISSION,
};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

const DAY: i64 = 86_400;
const NEW: Pubkey = Pubkey::new_from_array([83; 32]);
const OTHER: Pubkey = Pubkey::new_from_array([84; 32]);

/// A network whose setup is over, in which something of every kind waits.
fn waiting() -> World {
    let mut world = World::ready();
    let authority = world.authority.pubkey_of();
    let feed = token::instructions::CreatePriceFeed {
        authority,
        quorum: 3,
    };
    world.govern(feed.instruction());
    world.set_time(GENESIS_TS + DAY);
    for instruction in tokens(authority)
        .into_iter()
        .chain(registries(&world, authority))
    {
        world.govern(instruction);
    }
    let set_slasher = staking::instructions::SetSlasher {
        authority,
        key: NEW,
    };
    world.govern(set_slasher.instruction());
    let set_resolver = market::instructions::SetResolver {
        authority,
        resolver: NEW,
    };
    world.govern(set_resolver.instruction());
    world
}

fn tokens(authority: Pubkey) -> [Instruction; 4] {
    let register = token::instructions::RegisterMinter {
        authority,
        minter_authority: NEW,
        minter: pda::token::minter(&NEW),
        rights: RIGHT_NET_EMISSION,
        cap_per_hour: 0,
    };
    let source = token::instructions::SetPriceSource {
        authority,
        source: PriceSourceArgs {
            account: OTHER,
            ..source_args()
        },
    };
    let reporter = token::instructions::SetReporter {
        authority,
        index: 0,
        key: NEW,
    };
    let quorum = token::instructions::SetPriceQuorum {
        authority,
        quorum: 5,
    };
    [
        register.instruction(),
        source.instruction(),
        reporter.instruction(),
        quorum.instruction(),
    ]
}

fn registries(world: &World, authority: Pubkey) -> [Instruction; 3] {
    let class = pda::registry::class(CLASS_TEST);
    let present = world.read::<HardwareClass>(&class);
    let schedule = registry::instructions::ScheduleClass {
        authority,
        class,
        terms: ClassTerms {
            multiplier_x100: present.multiplier_x100,
            proof_valid_hours: present.proof_valid_hours,
            rows: present.rows,
            tiles: present.tiles,
            waves: present.waves,
            commit_slots: present.commit_slots,
            reveal_slots: 301,
            max_cards: present.max_cards,
        },
    };
    let set_measurer = registry::instructions::SetMeasurer {
        authority,
        index: 0,
        key: NEW,
    };
    let set_role = registry::instructions::SetRole {
        authority,
        role: RegistryRole::Attestor,
        key: NEW,
    };
    [
        schedule.instruction(),
        set_measurer.instruction(),
        set_role.instruction(),
    ]
}

/// Each drop, as `signer` would send it.
fn drops(signer: Pubkey) -> Vec<(&'static str, Instruction)> {
    let class = pda::registry::class(CLASS_TEST);
    let minter = pda::token::minter(&NEW);
    let role = RegistryRole::Attestor;
    let slash_role = SlashRole::Slasher;
    let index = 0;
    vec![
        (
            "token",
            token::instructions::DropMinter { signer, minter }.instruction(),
        ),
        (
            "token",
            token::instructions::DropPriceSource { signer }.instruction(),
        ),
        (
            "token",
            token::instructions::DropReporter { signer, index }.instruction(),
        ),
        (
            "token",
            token::instructions::DropPriceQuorum { signer }.instruction(),
        ),
        (
            "registry",
            registry::instructions::DropClassTerms { signer, class }.instruction(),
        ),
        (
            "registry",
            registry::instructions::DropMeasurer { signer, index }.instruction(),
        ),
        (
            "registry",
            registry::instructions::DropRole { signer, role }.instruction(),
        ),
        (
            "staking",
            staking::instructions::DropSlashRole {
                signer,
                role: slash_role,
            }
            .instruction(),
        ),
        (
            "market",
            market::instructions::DropResolver { signer }.instruction(),
        ),
    ]
}

fn named(name: &str) -> Program {
    let mut all = programs().into_iter();
    all.find(|program| program.name == name).expect("a program")
}

/// Nothing that the table of powers gives the guardian is left untried.
#[test]
fn every_drop_of_the_table_is_tried() {
    for program in programs() {
        let tried: BTreeSet<String> = drops(NEW)
            .into_iter()
            .filter(|(of, _)| *of == program.name)
            .map(|(of, instruction)| name_of(of, &instruction))
            .collect();
        assert_eq!(tried, sent_by(program.name, "guardian"), "{}", program.name);
    }
}

/// audit: money L10: what waits, the guardian or the authority drops, once; nobody else, not the successor that is proposed either.
#[test]
fn guardian_and_authority_drop_and_nobody_else() {
    let mut world = waiting();
    let authority = world.authority.insecure_clone();
    let [guardian, stranger, pending] = [(); 3].map(|()| world.wallet());
    for program in programs() {
        let by = authority.pubkey_of();
        world.govern((program.set_guardian)(by, guardian.pubkey_of()));
        world.govern((program.propose)(by, pending.pubkey_of()));
    }
    for key in [&stranger, &pending] {
        for (program, instruction) in drops(key.pubkey_of()) {
            let code = named(program).refusals.not_guardian;
            expect_code(world.clone().send(&[instruction], &[key]), code);
        }
    }
    for key in [&guardian, &authority] {
        drop_all(&world, key);
    }
}

fn drop_all(world: &World, key: &Keypair) {
    for (program, instruction) in drops(key.pubkey_of()) {
        let mut world = world.clone();
        let name = name_of(program, &instruction);
        let outcome = world.send(std::slice::from_ref(&instruction), &[key]);
        let meta = outcome.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!(meta.events.len(), 1, "{name}");
        // Nothing waits any more.
        assert!(world.send(&[instruction], &[key]).is_err(), "{name} twice");
    }
}

/// audit: money L10: nothing of it can be dropped again, or applied, once it is a predecessor's and was dropped; and a drop is not
/// stopped by a hand-over: the successor tidies up.
#[test]
fn a_successor_tidies_up() {
    let mut world = waiting();
    let old = world.authority.insecure_clone();
    let new = world.wallet();
    for program in programs() {
        world.govern((program.propose)(old.pubkey_of(), new.pubkey_of()));
        world.must((program.accept)(new.pubkey_of()), &[&new]);
    }
    for (program, instruction) in drops(old.pubkey_of()) {
        let code = named(program).refusals.not_guardian;
        expect_code(world.clone().send(&[instruction], &[&old]), code);
    }
    drop_all(&world, &new);
}
