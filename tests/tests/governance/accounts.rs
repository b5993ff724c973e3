//! Wrong accounts in the places of governance.

use super::limits::limits;
use super::programs::{cases, Case};
use iog_client::pda;
use iog_tests::sweep;
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use iog_tests::Code;
use solana_instruction::error::InstructionError as E;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

/// Place of the config where a key signs, and where nobody does.
const CONFIG: usize = 1;

/// Each instruction of governance with who may send it, in a world where it succeeds.
fn instructions(case: &mut Case) -> Vec<(Instruction, Option<Keypair>)> {
    let authority = case.authority.insecure_clone();
    let by = authority.pubkey_of();
    let (successor, other) = (case.world.wallet(), case.world.address());
    case.does(
        (case.program.propose)(by, successor.pubkey_of()),
        &authority,
    );
    case.does((case.program.pause)(by, 1), &authority);
    let own = |instruction| (instruction, Some(authority.insecure_clone()));
    let mut all = vec![
        own((case.program.propose)(by, other)),
        own((case.program.cancel)(by)),
        (
            (case.program.accept)(successor.pubkey_of()),
            Some(successor.insecure_clone()),
        ),
        own((case.program.set_guardian)(by, other)),
        own((case.program.pause)(by, 1)),
        own((case.program.resume)(by, 1)),
    ];
    let name = case.program.name;
    if let Some(limit) = limits().into_iter().find(|limit| limit.program == name) {
        let value = (limit.read)(&case.world).value;
        (limit.write)(
            &mut case.world,
            super::limits::State {
                value,
                pending: value,
                pending_ts: GENESIS_TS,
            },
        );
        all.push(own((limit.set)(by, value)));
        all.push(((limit.apply)(), None));
        all.push(own((limit.drop)(by)));
    }
    all
}

#[test]
fn no_place_takes_a_wrong_account() {
    for mut case in cases() {
        for (instruction, key) in instructions(&mut case) {
            let signers: Vec<&Keypair> = key.iter().collect();
            sweep::refused(&case.world, &instruction, &signers, &[]);
        }
    }
}

#[test]
fn a_counterfeit_config_and_anothers_end_in_their_own_codes() {
    for mut case in cases() {
        let own = case.program.config;
        let fake = case.world.counterfeit(&own);
        let copy = case.world.address();
        case.world.copy_account(&own, &copy);
        // Larger than any config: what is too short is refused before its owner is looked at.
        let foreign = match case.program.name {
            "emission" => pda::registry::windows(),
            _ => pda::emission::page(0),
        };
        let program = case.program.id;
        let authority = case.authority.insecure_clone();
        for (instruction, key) in instructions(&mut case) {
            let place = if key.is_some() { CONFIG } else { 0 };
            let payer = key.unwrap_or(authority.insecure_clone());
            for (wrong, code) in [
                (fake, E::IllegalOwner),
                (foreign, E::IllegalOwner),
                (copy, E::InvalidSeeds),
            ] {
                let mut instruction = instruction.clone();
                instruction.accounts[place].pubkey = wrong;
                case.refuses(&Code::plain(program, code), instruction, &payer);
            }
        }
    }
}
