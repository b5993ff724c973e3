//! Each bit stops its own instructions, until it is resumed. What the token program's bits stop is tested with the token.

use super::programs::{programs, Program};
use iog_client::registry::accounts::Device;
use iog_client::{pda, registry};
use iog_tests::world::{
    expect_code, order_args, Currency, PubkeyOf, CLASS_TEST, CURRENCIES, GENESIS_TS,
};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

/// An instruction that succeeds in its world, and who signs it.
type Action = (Instruction, Vec<Keypair>);

struct Bit {
    program: &'static str,
    bit: u8,
    /// Prepares the world; returns what the bit stops.
    stops: fn(&mut World) -> Vec<Action>,
}

fn check_ins(world: &mut World) -> Vec<Action> {
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    vec![(check_in, vec![world.wallet()])]
}

fn orders(world: &mut World) -> Vec<Action> {
    let renter = world.renter();
    world.give_iosd(&renter, 2_000_000_000_000);
    let mut stopped = Vec::new();
    for (id, currency) in (1_u64..).zip(CURRENCIES) {
        let supplier = world.supplier(CLASS_TEST);
        let order = world.running_in(currency, &renter, id, 1, &[&supplier]);
        let create = world.book_ix(currency, &renter, CLASS_TEST, order_args(10 + id, 1, 1));
        let extend = match currency {
            Currency::Iosd => world.extend_credit_ix(&order, 1, u64::MAX).instruction(),
            _ => world.extend_ix(&order, 1, u64::MAX).instruction(),
        };
        for instruction in [create, extend] {
            stopped.push((instruction, vec![renter.wallet.insecure_clone()]));
        }
    }
    stopped
}

fn registrations(world: &mut World) -> Vec<Action> {
    let newcomer = world.wallet();
    let operator = registry::instructions::RegisterOperator {
        authority: newcomer.pubkey_of(),
        operator: pda::registry::operator(&newcomer.pubkey_of()),
        name: [0; 32],
    };
    let owner = world.wallet();
    world.register_operator(&owner);
    let device = world.unregistered(&owner, CLASS_TEST);
    let register = world.register_device(&device, 1);
    vec![
        (operator.instruction(), vec![newcomer]),
        (register, vec![owner, device.device_key]),
    ]
}

fn stakes(world: &mut World) -> Vec<Action> {
    let new = world.registered(CLASS_TEST, 1);
    let staked = world.supplier(CLASS_TEST);
    let stake = world.stake_ix(&new, 20_000_000_000).instruction();
    let increase = world.increase_ix(&staked, 1).instruction();
    // audit: money L11: offers are new stakes too.
    let [asks, offers] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let co = world.co_staker();
    let ask = world.offer_ix(&asks, 1_000_000, 5_000).instruction();
    let offer = world.offer_ix(&offers, 1_000_000, 5_000).instruction();
    world.must(offer, &[&offers.owner]);
    let accept = world
        .accept_offer_ix(&offers, &co, 1_000_000, 5_000)
        .instruction();
    vec![
        (stake, vec![new.owner]),
        (increase, vec![staked.owner]),
        (ask, vec![asks.owner]),
        (accept, vec![co.wallet]),
    ]
}

/// One IO of a supplier's stake.
const FINE: u64 = 100_000_000;
/// How long a case can be appealed.
const MONTH: i64 = 2_592_000;

/// audit: money M5
fn cases(world: &mut World) -> Vec<Action> {
    let (court, supplier) = (world.court(), world.supplier(CLASS_TEST));
    let propose = world.propose_slash_ix(&court, &supplier, FINE);
    vec![(propose.instruction(), vec![court.slasher])]
}

/// audit: money M5: a case that nobody appealed, at its term.
fn burns(world: &mut World) -> Vec<Action> {
    let (court, supplier) = (world.court(), world.supplier(CLASS_TEST));
    let case = world.propose_slash(&court, &supplier, FINE);
    world.advance(MONTH);
    let finalize = world.finalize_slash_ix(&supplier, &case);
    vec![(finalize.instruction(), vec![world.wallet()])]
}

/// Fees of 1,000 USDC; the second currency's auction runs.
fn auctions(world: &mut World) -> Vec<Action> {
    let authority = world.authority.insecure_clone();
    let (collector, _) = world.collector(1);
    let seller = world.wallet();
    let wallet = seller.pubkey_of();
    world.give_io(&wallet, 100_000_000);
    let [waits, runs] = [(); 2].map(|()| {
        let mint = world.usdc();
        let key = collector.pubkey_of();
        let source = world.mint_to(&mint, &authority, &key, 1_000_000_000);
        let collect = world.collect_ix(&key, &source, &mint, 1_000_000_000);
        world.must(collect.instruction(), &[&collector]);
        world.token_account(&wallet, &mint);
        mint
    });
    world.govern(world.open_auction_ix(&runs).instruction());
    let open = world.open_auction_ix(&waits).instruction();
    let sell = world.sell_ix(&wallet, &runs, 100_000_000, 0).instruction();
    vec![(open, vec![world.wallet()]), (sell, vec![seller])]
}

fn bits() -> Vec<Bit> {
    let bit = |program, bit, stops| Bit {
        program,
        bit,
        stops,
    };
    vec![
        bit("emission", 1, check_ins),
        bit("market", 1, orders),
        bit("registry", 1, registrations),
        bit("staking", 1, stakes),
        bit("staking", 2, cases),
        bit("staking", 4, burns),
        bit("treasury", 1, auctions),
    ]
}

fn named(name: &str) -> Program {
    let mut all = programs().into_iter();
    all.find(|program| program.name == name).expect("a program")
}

#[test]
fn the_table_has_every_bit() {
    for program in programs() {
        let bits = bits().into_iter();
        let shown = bits
            .filter(|bit| bit.program == program.name)
            .fold(0, |all, bit| all | bit.bit);
        let expected = if program.name == "token" {
            0
        } else {
            program.all
        };
        assert_eq!(shown, expected, "{}", program.name);
    }
}

#[test]
fn a_bit_stops_its_instructions_until_it_is_resumed() {
    let ready = World::ready();
    for bit in bits() {
        let program = named(bit.program);
        let mut world = ready.clone();
        let actions = (bit.stops)(&mut world);
        let authority = world.authority.pubkey_of();
        world.govern((program.pause)(authority, bit.bit));
        let stopped = world.clone();
        for (instruction, keys) in &actions {
            let signers: Vec<&Keypair> = keys.iter().collect();
            let before: Vec<_> = accounts(&world, instruction);
            let outcome = world.send(std::slice::from_ref(instruction), &signers);
            expect_code(outcome, program.refusals.paused.clone());
            let payer = keys[0].pubkey_of();
            for (address, before) in before {
                // Whoever pays for the transaction pays for a refusal too.
                let same = world.find(&address) == before;
                assert!(same || address == payer, "{} changed", address);
            }
        }
        let mut resumed = stopped;
        resumed.govern((program.resume)(authority, bit.bit));
        for (instruction, keys) in actions {
            let signers: Vec<&Keypair> = keys.iter().collect();
            resumed.must(instruction, &signers);
        }
    }
}

fn accounts(
    world: &World,
    instruction: &Instruction,
) -> Vec<(solana_pubkey::Pubkey, Option<solana_account::Account>)> {
    let metas = instruction.accounts.iter();
    metas
        .map(|meta| (meta.pubkey, world.find(&meta.pubkey)))
        .collect()
}

/// Everything else may be paused: an instruction knows its own program's own bit.
#[test]
fn a_bit_stops_nothing_else() {
    let ready = World::ready();
    for bit in bits() {
        let mut world = ready.clone();
        let actions = (bit.stops)(&mut world);
        let authority = world.authority.pubkey_of();
        for program in programs() {
            let others = match program.name == bit.program {
                true => program.all & !bit.bit,
                false => program.all,
            };
            if others != 0 {
                world.govern((program.pause)(authority, others));
            }
        }
        for (instruction, keys) in actions {
            let signers: Vec<&Keypair> = keys.iter().collect();
            world.must(instruction, &signers);
        }
    }
}
