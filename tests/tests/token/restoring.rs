//! A minter that was removed comes back, one that waits is dropped, and a successor inherits neither. audit: money M3, money L10

use iog_client::pda;
use iog_client::token::accounts::Minter;
use iog_client::token::events::{MinterDropped, MinterRegistered};
use iog_client::token::instructions::{
    AcceptAuthority, ApplyMinterCap, DropMinter, ProposeAuthority, RemoveMinter, RestoreMinter,
    SetGuardian, SetMinterCap,
};
use iog_client::token::{Event, TokenError};
use iog_tests::world::{
    PubkeyOf, GENESIS_TS, RIGHT_EMISSION, RIGHT_IOSD, RIGHT_NET_EMISSION, RIGHT_REFUND,
};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{
    burn_iosd, mint_emission, only_event, refund_iosd, refused, register, settle_iosd, DAY, IO,
    LEAST_CAP,
};

struct Stage {
    world: World,
    /// A minter of IOSD and net emission, as the market is, and its account.
    key: Keypair,
    minter: Pubkey,
    owner: Keypair,
}

/// Removed while 1,000 units that were spent through it are outstanding, after the setup.
fn removed() -> Stage {
    let mut world = World::ready();
    let (key, minter) = world.plain_minter(RIGHT_IOSD | RIGHT_NET_EMISSION, 0);
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    let spend = burn_iosd(&key, &owner.pubkey_of(), 1_000);
    world.must(spend.instruction(), &[&key, &owner]);
    world.set_time(GENESIS_TS + DAY);
    let remove = RemoveMinter {
        authority: world.authority.pubkey_of(),
        minter,
    };
    world.govern(remove.instruction());
    Stage {
        world,
        key,
        minter,
        owner,
    }
}

impl Stage {
    fn restore(&self, rights: u8, cap_per_hour: u64) -> Instruction {
        let restore = RestoreMinter {
            authority: self.world.authority.pubkey_of(),
            minter: self.minter,
            rights,
            cap_per_hour,
        };
        restore.instruction()
    }

    fn content(&self) -> Minter {
        self.world.read(&self.minter)
    }

    fn spend(&self, amount: u64) -> Instruction {
        burn_iosd(&self.key, &self.owner.pubkey_of(), amount).instruction()
    }

    #[track_caller]
    fn spend_is_refused(&mut self, code: TokenError) {
        let spend = self.spend(1);
        refused(&mut self.world, code, spend, &[&self.key, &self.owner]);
    }
}

fn drop_ix(key: &Keypair, minter: Pubkey) -> Instruction {
    let signer = key.pubkey_of();
    DropMinter { signer, minter }.instruction()
}

fn with_guardian(world: &mut World) -> Keypair {
    let guardian = world.wallet();
    let set = SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(set.instruction());
    guardian
}

/// Hands the authority over; returns when.
fn succeed(world: &mut World) -> i64 {
    let successor = world.wallet();
    let propose = ProposeAuthority {
        authority: world.authority.pubkey_of(),
        successor: successor.pubkey_of(),
    };
    world.govern(propose.instruction());
    let accept = AcceptAuthority {
        signer: successor.pubkey_of(),
    };
    world.must(accept.instruction(), &[&successor]);
    world.authority = successor;
    world.now()
}

/// One order of ten years used to lock the market out for as long: IOSD could not be spent, and its suppliers not be paid.
#[test]
fn a_removed_minter_comes_back_after_a_day_with_its_books() {
    let mut stage = removed();
    stage.spend_is_refused(TokenError::MissingRight);
    let rights = RIGHT_IOSD | RIGHT_NET_EMISSION;
    let restore = stage.restore(rights, 0);
    let meta = stage.world.govern(restore);
    let active_ts = GENESIS_TS + 2 * DAY;
    let event = MinterRegistered {
        minter: stage.key.pubkey_of(),
        rights,
        cap_per_hour: 0,
        active_ts,
    };
    assert_eq!(only_event(&meta), Event::MinterRegistered(event));
    let content = stage.content();
    assert_eq!((content.rights, content.active_ts), (rights, active_ts));
    assert_eq!(content.outstanding_iosd_units, 1_000);
    // What was spent before never waits.
    let key = stage.key.insecure_clone();
    let refund = refund_iosd(&key, &stage.owner.pubkey_of(), 300).instruction();
    stage.world.must(refund, &[&key]);
    let settle = settle_iosd(&key, 200).instruction();
    stage.world.must(settle, &[&key]);
    stage.world.set_time(active_ts - 1);
    stage.spend_is_refused(TokenError::MinterNotActive);
    stage.world.set_time(active_ts);
    let spend = stage.spend(5);
    stage.world.must(spend, &[&key, &stage.owner]);
    assert_eq!(stage.content().outstanding_iosd_units, 505);
    stage.world.check_iosd_supply();
}

/// With other rights, too: within the bounds that a new one has.
#[test]
fn it_comes_back_with_any_rights_that_a_new_one_may_have() {
    let mut stage = removed();
    let authority = stage.world.authority.insecure_clone();
    for rights in [0, RIGHT_REFUND, 9, 0xff] {
        let restore = stage.restore(rights, LEAST_CAP);
        let invalid = TokenError::InvalidRights;
        refused(&mut stage.world, invalid, restore, &[&authority]);
    }
    let restore = stage.restore(RIGHT_EMISSION, LEAST_CAP - 1);
    refused(
        &mut stage.world,
        TokenError::OutOfBounds,
        restore,
        &[&authority],
    );
    let restore = stage.restore(RIGHT_EMISSION, LEAST_CAP);
    stage.world.govern(restore);
    stage.world.advance(DAY);
    let mint = mint_emission(&stage.world, &stage.key, 1).instruction();
    stage.world.must(mint, &[&stage.key]);
    stage.spend_is_refused(TokenError::MissingRight);
    // It may still give back what it took, though the right to IOSD is gone.
    let refund = refund_iosd(&stage.key, &stage.owner.pubkey_of(), 1_000).instruction();
    stage.world.must(refund, &[&stage.key]);
}

#[test]
fn only_a_removed_one_comes_back_and_only_by_the_authority() {
    let mut stage = removed();
    let stranger = stage.world.wallet();
    let mut restore = stage.restore(RIGHT_IOSD, 0);
    restore.accounts[0].pubkey = stranger.pubkey_of();
    let not_authority = TokenError::NotAuthority;
    refused(&mut stage.world, not_authority, restore, &[&stranger]);
    let restore = stage.restore(RIGHT_IOSD, 0);
    stage.world.govern(restore.clone());
    let authority = stage.world.authority.insecure_clone();
    for _ in 0..2 {
        let has = TokenError::MinterHasRights;
        refused(&mut stage.world, has, restore.clone(), &[&authority]);
        stage.world.advance(DAY);
    }
}

/// The guardian sees a hostile minter for a day, and drops it; one that acts already it cannot touch.
#[test]
fn the_guardian_drops_a_minter_or_a_cap_that_waits() {
    let mut world = World::ready();
    let (guardian, stranger) = (with_guardian(&mut world), world.wallet());
    let (acting, minter) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let nothing = TokenError::NothingScheduled;
    refused(
        &mut world,
        nothing,
        drop_ix(&guardian, minter),
        &[&guardian],
    );
    let raise = SetMinterCap {
        authority: world.authority.pubkey_of(),
        minter,
        cap_per_hour: 2 * LEAST_CAP,
    };
    world.govern(raise.instruction());
    let not_guardian = TokenError::NotGuardian;
    refused(
        &mut world,
        not_guardian,
        drop_ix(&stranger, minter),
        &[&stranger],
    );
    let told = |by: &Keypair, key: Pubkey, rights| {
        Event::MinterDropped(MinterDropped {
            by: by.pubkey_of(),
            minter: key,
            rights,
        })
    };
    let meta = world.must(drop_ix(&guardian, minter), &[&guardian]);
    let expected = told(&guardian, acting.pubkey_of(), RIGHT_EMISSION);
    assert_eq!(only_event(&meta), expected);
    let mint = mint_emission(&world, &acting, 1).instruction();
    world.must(mint, &[&acting]);
    world.set_time(GENESIS_TS + 2 * DAY);
    let apply = ApplyMinterCap { minter }.instruction();
    refused(&mut world, nothing, apply, &[&stranger]);

    let key = world.wallet();
    let address = pda::token::minter(&key.pubkey_of());
    let hostile = register(&world, &key.pubkey_of(), RIGHT_EMISSION, LEAST_CAP);
    world.govern(hostile);
    let meta = world.must(drop_ix(&guardian, address), &[&guardian]);
    assert_eq!(
        only_event(&meta),
        told(&guardian, key.pubkey_of(), RIGHT_REFUND)
    );
    world.advance(DAY);
    let mint = mint_emission(&world, &key, 1).instruction();
    refused(&mut world, TokenError::MissingRight, mint, &[&key]);
    refused(
        &mut world,
        nothing,
        drop_ix(&guardian, address),
        &[&guardian],
    );
}

/// What waited at a hand-over never acts, a higher cap neither; the successor gives the rights itself, and waits.
#[test]
fn a_successor_inherits_no_minter_that_waits() {
    let mut world = World::ready();
    let (acting, other) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    world.set_time(GENESIS_TS + DAY);
    let key = world.wallet();
    let minter = pda::token::minter(&key.pubkey_of());
    let hostile = register(&world, &key.pubkey_of(), RIGHT_EMISSION, LEAST_CAP);
    world.govern(hostile);
    let raise = SetMinterCap {
        authority: world.authority.pubkey_of(),
        minter: other,
        cap_per_hour: 2 * LEAST_CAP,
    };
    world.govern(raise.instruction());
    let taken_ts = succeed(&mut world);
    let mint = mint_emission(&world, &key, 1).instruction();
    let stranger = world.wallet();
    for secs in [DAY, DAY + 1, 400 * DAY] {
        world.set_time(taken_ts + secs);
        let waits = TokenError::MinterNotActive;
        refused(&mut world, waits, mint.clone(), &[&key]);
        let apply = ApplyMinterCap { minter: other }.instruction();
        refused(
            &mut world,
            TokenError::NothingScheduled,
            apply,
            &[&stranger],
        );
    }
    // One that acted before goes on.
    let own = mint_emission(&world, &acting, 1).instruction();
    world.must(own, &[&acting]);
    let restore = RestoreMinter {
        authority: world.authority.pubkey_of(),
        minter,
        rights: RIGHT_EMISSION,
        cap_per_hour: LEAST_CAP,
    };
    world.govern(restore.instruction());
    let waits = TokenError::MinterNotActive;
    refused(&mut world, waits, mint.clone(), &[&key]);
    world.advance(DAY);
    world.must(mint, &[&key]);
}
