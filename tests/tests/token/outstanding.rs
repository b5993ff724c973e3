//! What was spent through a minter and is neither earned nor refunded: the most that it can still give back.

use iog_client::pda;
use iog_client::token::accounts::Minter;
use iog_client::token::events::{IosdSettled, MinterRemoved};
use iog_client::token::instructions::{Pause, RemoveMinter};
use iog_client::token::{Event, TokenError, ID};
use iog_tests::world::{iosd_ata, PubkeyOf, RIGHT_EMISSION, RIGHT_IOSD, RIGHT_REFUND};
use iog_tests::{Code, World};
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{
    burn_iosd, mint_emission, mint_net_emission, only_event, refund_iosd, refused, register,
    settle_iosd, DAY, IO, LEAST_CAP,
};

struct Stage {
    world: World,
    /// A minter with every right.
    key: Keypair,
    /// Has 24,950,000 units.
    owner: Keypair,
}

fn stage() -> Stage {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(7, LEAST_CAP);
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    Stage { world, key, owner }
}

impl Stage {
    fn spend(&mut self, key: &Keypair, amount: u64) {
        let spend = burn_iosd(key, &self.owner.pubkey_of(), amount);
        self.world.must(spend.instruction(), &[key, &self.owner]);
    }

    fn refund(&self, key: &Keypair, amount: u64) -> Instruction {
        refund_iosd(key, &self.owner.pubkey_of(), amount).instruction()
    }

    fn outstanding(&self, key: &Keypair) -> u64 {
        self.minter(key).outstanding_iosd_units
    }

    fn minter(&self, key: &Keypair) -> Minter {
        self.world.read(&pda::token::minter(&key.pubkey_of()))
    }

    fn remove(&self, key: &Keypair) -> Instruction {
        let remove = RemoveMinter {
            authority: self.world.authority.pubkey_of(),
            minter: pda::token::minter(&key.pubkey_of()),
        };
        remove.instruction()
    }
}

#[test]
fn what_is_settled_is_booked_and_can_never_be_refunded() {
    let mut stage = stage();
    let key = stage.key.insecure_clone();
    stage.spend(&key, 1_000);
    let before = stage.world.token_config();
    let held = stage.world.balance(&iosd_ata(&stage.owner.pubkey_of()));
    let mut outstanding = 1_000;
    for amount in [1, 599] {
        let settle = settle_iosd(&key, amount).instruction();
        let meta = stage.world.must(settle, &[&key]);
        let event = IosdSettled {
            minter: key.pubkey_of(),
            amount,
            outstanding_before: outstanding,
            outstanding_after: outstanding - amount,
        };
        assert_eq!(only_event(&meta), Event::IosdSettled(event));
        outstanding -= amount;
        assert_eq!(stage.outstanding(&key), outstanding);
    }
    // Nothing moves by it; the books know what can no longer be refunded.
    let after = stage.world.token_config();
    assert_eq!(after.iosd_settled_units, before.iosd_settled_units + 600);
    let expected = iog_client::token::accounts::Config {
        iosd_settled_units: after.iosd_settled_units,
        ..before
    };
    assert_eq!(after, expected);
    let wallet = stage.owner.pubkey_of();
    assert_eq!(stage.world.balance(&iosd_ata(&wallet)), held);

    let exceeds = TokenError::RefundExceedsSpent;
    for late in [0, 40 * DAY] {
        stage.world.advance(late);
        let refund = stage.refund(&key, 401);
        refused(&mut stage.world, exceeds, refund, &[&key]);
        let settle = settle_iosd(&key, 401).instruction();
        refused(&mut stage.world, exceeds, settle, &[&key]);
    }
    let refund = stage.refund(&key, 399);
    stage.world.must(refund, &[&key]);
    let settle = settle_iosd(&key, 2).instruction();
    refused(&mut stage.world, exceeds, settle, &[&key]);
    stage
        .world
        .must(settle_iosd(&key, 1).instruction(), &[&key]);
    assert_eq!(stage.outstanding(&key), 0);
    let refund = stage.refund(&key, 1);
    refused(&mut stage.world, exceeds, refund, &[&key]);
    let settle = settle_iosd(&key, 1).instruction();
    refused(&mut stage.world, exceeds, settle, &[&key]);
    stage.world.check_iosd_supply();
}

/// What is spent and given back over and over filled the counters: from 2^63 on both start lower, and every difference stays.
#[test]
fn spending_and_giving_back_never_fill_the_counters() {
    const HALF: u64 = 9_223_372_036_854_775_807;
    let mut stage = stage();
    let key = stage.key.insecure_clone();
    stage.spend(&key, 1_000);
    let refund = stage.refund(&key, 400);
    stage.world.must(refund, &[&key]);
    stage
        .world
        .must(settle_iosd(&key, 100).instruction(), &[&key]);
    // As if as much more had been spent and given back before.
    let more = HALF - 1_000;
    stage
        .world
        .edit::<iog_client::token::accounts::Config>(&pda::token::config(), |config| {
            config.iosd_spent_units += more;
            config.iosd_refunded_units += more;
        });
    stage.world.check_iosd_supply();
    let counters = |stage: &Stage| {
        let books = stage.world.token_config();
        (
            books.iosd_spent_units,
            books.iosd_refunded_units,
            books.iosd_settled_units,
        )
    };
    stage.spend(&key, 5);
    assert_eq!(counters(&stage), (HALF + 5, more + 400, 100));
    stage.spend(&key, 7);
    assert_eq!(counters(&stage), (612, 0, 100));
    stage.world.check_iosd_supply();
    // What was spent is still all that comes back.
    assert_eq!(stage.outstanding(&key), 512);
    let refund = stage.refund(&key, 513);
    let exceeds = TokenError::RefundExceedsSpent;
    refused(&mut stage.world, exceeds, refund, &[&key]);
    let refund = stage.refund(&key, 512);
    stage.world.must(refund, &[&key]);
    assert_eq!(counters(&stage), (612, 512, 100));
    stage.world.check_iosd_supply();
}

#[test]
fn no_minter_gives_back_what_was_spent_through_another() {
    let mut stage = stage();
    let one = stage.key.insecure_clone();
    let (two, _) = stage.world.plain_minter(RIGHT_IOSD, 0);
    let exceeds = TokenError::RefundExceedsSpent;
    stage.spend(&one, 1_000);
    for call in [stage.refund(&two, 1), settle_iosd(&two, 1).instruction()] {
        refused(&mut stage.world, exceeds, call, &[&two]);
    }
    stage.spend(&two, 10);
    for call in [stage.refund(&two, 11), settle_iosd(&two, 11).instruction()] {
        refused(&mut stage.world, exceeds, call, &[&two]);
    }
    let refund = stage.refund(&two, 4);
    stage.world.must(refund, &[&two]);
    stage
        .world
        .must(settle_iosd(&two, 6).instruction(), &[&two]);
    assert_eq!(stage.outstanding(&two), 0);
    // The first one's are untouched.
    assert_eq!(stage.outstanding(&one), 1_000);
    let refund = stage.refund(&one, 1_000);
    stage.world.must(refund, &[&one]);
    let books = stage.world.token_config();
    assert_eq!(books.iosd_spent_units, 1_010);
    assert_eq!(books.iosd_refunded_units, 1_004);
    stage.world.check_iosd_supply();
}

#[test]
fn settling_needs_the_minter_and_its_right() {
    let mut stage = stage();
    let key = stage.key.insecure_clone();
    stage.spend(&key, 10);
    let nothing = settle_iosd(&key, 0).instruction();
    refused(&mut stage.world, TokenError::ZeroAmount, nothing, &[&key]);
    let thief = stage.world.wallet();
    let mut foreign = settle_iosd(&key, 1);
    foreign.minter_authority = thief.pubkey_of();
    let not_minter = TokenError::NotMinter;
    refused(
        &mut stage.world,
        not_minter,
        foreign.instruction(),
        &[&thief],
    );
    let mut unsigned = settle_iosd(&key, 1).instruction();
    unsigned.accounts[0].is_signer = false;
    let missing = Code::plain(ID, InstructionError::MissingRequiredSignature);
    refused(&mut stage.world, missing, unsigned, &[&thief]);
    let (miner, _) = stage.world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let settle = settle_iosd(&miner, 1).instruction();
    refused(
        &mut stage.world,
        TokenError::MissingRight,
        settle,
        &[&miner],
    );

    // What was spent through it a minter settles and refunds whatever became of its rights, and however new they are. audit: money M3
    stage.world.advance(DAY);
    let (late, minter) = stage.world.plain_minter(RIGHT_IOSD, 0);
    stage
        .world
        .edit::<Minter>(&minter, |minter| minter.outstanding_iosd_units = 1);
    stage
        .world
        .edit::<iog_client::token::accounts::Config>(&pda::token::config(), |config| {
            config.iosd_spent_units += 1
        });
    let settle = settle_iosd(&late, 1).instruction();
    stage.world.must(settle, &[&late]);
}

#[test]
fn a_removed_minter_still_gives_back_what_is_outstanding_though_all_is_paused() {
    let mut stage = stage();
    let key = stage.key.insecure_clone();
    stage.spend(&key, 100);
    let pause = Pause {
        signer: stage.world.authority.pubkey_of(),
        actions: 5,
    };
    stage.world.govern(pause.instruction());
    let remove = stage.remove(&key);
    let removed = |outstanding_iosd| {
        Event::MinterRemoved(MinterRemoved {
            minter: key.pubkey_of(),
            minted: 0,
            outstanding_iosd,
        })
    };
    let meta = stage.world.govern(remove.clone());
    assert_eq!(only_event(&meta), removed(100));
    let minter = stage.minter(&key);
    assert_eq!(
        (minter.rights, minter.authority),
        (RIGHT_REFUND, key.pubkey_of())
    );
    assert_eq!(minter.outstanding_iosd_units, 100);
    // Nothing new, paused or not.
    stage
        .world
        .edit::<iog_client::token::accounts::Config>(&pda::token::config(), |config| {
            config.paused = 0;
        });
    let wallet: Pubkey = stage.owner.pubkey_of();
    let missing = TokenError::MissingRight;
    let owner = stage.owner.insecure_clone();
    let emission = mint_emission(&stage.world, &key, 1).instruction();
    let net_emission = mint_net_emission(&stage.world, &key, 1).instruction();
    let spend = burn_iosd(&key, &wallet, 1).instruction();
    refused(&mut stage.world, missing, emission, &[&key]);
    refused(&mut stage.world, missing, net_emission, &[&key]);
    refused(&mut stage.world, missing, spend, &[&key, &owner]);
    stage.world.govern(pause.instruction());
    // It is registered already: `restore_minter` gives rights again.
    let authority = stage.world.authority.insecure_clone();
    let again = register(&stage.world, &key.pubkey_of(), 7, LEAST_CAP);
    refused(
        &mut stage.world,
        Code::in_use(),
        again.clone(),
        &[&authority],
    );

    let refund = stage.refund(&key, 60);
    stage.world.must(refund, &[&key]);
    let meta = stage.world.govern(remove.clone());
    assert_eq!(only_event(&meta), removed(40));
    assert_eq!(stage.outstanding(&key), 40);
    let exceeds = TokenError::RefundExceedsSpent;
    let refund = stage.refund(&key, 41);
    refused(&mut stage.world, exceeds, refund, &[&key]);
    stage
        .world
        .must(settle_iosd(&key, 40).instruction(), &[&key]);

    let address = pda::token::minter(&key.pubkey_of());
    let (rent, before) = (
        stage.world.lamports(&address),
        stage.world.lamports(&authority.pubkey_of()),
    );
    let meta = stage.world.govern(remove);
    assert_eq!(only_event(&meta), removed(0));
    assert!(stage.world.find(&address).is_none());
    let after = stage.world.lamports(&authority.pubkey_of());
    assert_eq!(after, before + rent - 5_000);
    // It comes back like a new one: after a day, with empty books.
    stage.world.advance(2 * DAY);
    stage.world.govern(again);
    assert_eq!(stage.outstanding(&key), 0);
    let spend = burn_iosd(&key, &wallet, 1).instruction();
    let waits = TokenError::MinterNotActive;
    refused(&mut stage.world, waits, spend, &[&key, &owner]);
    let refund = stage.refund(&key, 1);
    refused(&mut stage.world, exceeds, refund, &[&key]);
    stage.world.check_iosd_supply();
}
