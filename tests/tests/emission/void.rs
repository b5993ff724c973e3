//! Hours that a pause of check-ins touches share nothing: who was in before the pause must not share them alone.

use iog_client::emission::instructions::{Pause, Resume, SetGuardian};
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_tests::world::{PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::stage::*;

pub struct Stage {
    pub world: World,
    pub guardian: Keypair,
    pub suppliers: [Supplier; 2],
}

/// A network with a guardian and two devices of one pool.
pub fn stage() -> Stage {
    let mut world = World::ready();
    let suppliers = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    let guardian = world.wallet();
    let set = SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(set.instruction());
    Stage {
        world,
        guardian,
        suppliers,
    }
}

impl Stage {
    pub fn pause_ix(&self) -> Instruction {
        let pause = Pause {
            signer: self.guardian.pubkey_of(),
            actions: 1,
        };
        pause.instruction()
    }

    pub fn pause(&mut self) {
        let (pause, guardian) = (self.pause_ix(), self.guardian.insecure_clone());
        self.world.must(pause, &[&guardian]);
    }

    pub fn resume_ix(&self) -> Instruction {
        let resume = Resume {
            authority: self.world.authority.pubkey_of(),
            actions: 1,
        };
        resume.instruction()
    }

    pub fn resume(&mut self) {
        self.world.govern(self.resume_ix());
    }

    pub fn check_in(&mut self, which: usize) {
        let supplier = self.suppliers[which].clone();
        self.world.check_in(&supplier);
    }

    #[track_caller]
    fn paused(&mut self, which: usize) {
        let supplier = &self.suppliers[which];
        self.world.mark_passed(supplier);
        let check_in = self.world.check_in_ix(supplier).instruction();
        let anyone = self.world.authority.insecure_clone();
        self.world.refuses(E::Paused, check_in, &[&anyone]);
    }

    /// Settles page 0 and returns what each device has booked in all.
    pub fn booked(&mut self) -> [u64; 2] {
        self.suppliers.clone().map(|supplier| {
            if rewards(&self.world, &supplier).pending_count > 0 {
                settle(&mut self.world, &supplier);
            }
            rewards(&self.world, &supplier).owner_booked_units
        })
    }

    /// Closes hours until `hour` runs.
    pub fn run_to(&mut self, hour: u32) {
        self.world.set_time(start(hour));
        self.world.close_hours(48);
    }
}

/// What the Enterprise pool gets of the hours from `first` to `last`.
pub fn parts(first: u32, last: u32) -> u64 {
    iog_math::emission::schedule()
        .take_while(|hour| hour.hour <= last)
        .filter(|hour| hour.hour >= first)
        .map(|hour| u64::try_from(u128::from(hour.amount) * 95 / 100).unwrap())
        .sum()
}

/// Everything that was minted is booked, claimed, carried or dust below one unit a device and hour.
pub fn nothing_lost(stage: &Stage, dust: u64) {
    let books = config(&stage.world);
    let known = books.booked_units
        + books.claimed_units
        + books.enterprise_carry_units
        + books.community_carry_units;
    assert!(known <= books.minted_units && books.minted_units - known <= dust);
    check_books(&stage.world);
}

#[test]
fn who_was_in_before_the_pause_gets_nothing_of_its_hour() {
    let mut stage = stage();
    stage.check_in(0);
    stage.world.set_time(start(1) + 1_800);
    stage.pause();
    stage.paused(1);
    // Resumed in the same hour, it is void all the same: the other may have meant to come while it could not.
    stage.resume();
    stage.check_in(1);
    stage.run_to(2);
    assert_eq!(stage.booked(), [0, 0]);
    let hour = page(&stage.world, 1).hours[0].enterprise;
    assert_eq!((hour.total_score, hour.per_score_x64), (2 * SCORE, 0));
    assert_eq!(hour.amount_units, ENTERPRISE);
    let books = config(&stage.world);
    assert_eq!(
        (books.enterprise_carry_units, books.community_carry_units),
        (ENTERPRISE, COMMUNITY)
    );
    assert_eq!(books.booked_units, 0);
    assert_eq!(stage.world.balance(&pda::emission::vault()), FIRST);
    // The next hour shares both.
    stage.check_in(0);
    stage.check_in(1);
    stage.run_to(3);
    let each = share(SCORE, parts(1, 2), 2 * SCORE);
    assert_eq!(stage.booked(), [each, each]);
    nothing_lost(&stage, 2);
}

#[test]
fn both_pools_are_void_and_each_carries_its_own() {
    let mut stage = stage();
    let community = aged(&mut stage.world, CLASS_COMMUNITY);
    stage.check_in(0);
    stage.world.check_in(&community);
    stage.pause();
    stage.run_to(2);
    let books = config(&stage.world);
    assert_eq!(
        (books.enterprise_carry_units, books.community_carry_units),
        (ENTERPRISE, COMMUNITY)
    );
    let meta = settle(&mut stage.world, &community);
    assert_eq!(rewards(&stage.world, &community).owner_booked_units, 0);
    assert_eq!(emission_events(&meta).len(), 1);
}

#[test]
fn hours_before_a_pause_over_several_share_as_ever() {
    let mut stage = stage();
    stage.check_in(0);
    stage.check_in(1);
    stage.world.set_time(start(2));
    stage.check_in(0);
    stage.world.set_time(start(2) + 1);
    stage.pause();
    stage.world.set_time(start(5) + 7);
    stage.resume();
    stage.check_in(1);
    stage.world.set_time(start(6));
    stage.check_in(0);
    stage.run_to(7);
    let page = page(&stage.world, 1);
    let rates: Vec<bool> = page.hours[..7]
        .iter()
        .map(|hour| hour.enterprise.per_score_x64 > 0)
        .collect();
    assert_eq!(rates, [true, false, false, false, false, true, false]);
    let first = share(SCORE, ENTERPRISE, 2 * SCORE);
    let dust = ENTERPRISE - share(2 * SCORE, ENTERPRISE, 2 * SCORE);
    let sixth = share(SCORE, dust + parts(2, 6), SCORE);
    assert_eq!(stage.booked(), [first + sixth, first]);
    nothing_lost(&stage, 3);
}

#[test]
fn paused_resumed_and_paused_again_in_one_hour_is_one_stretch() {
    let mut stage = stage();
    stage.check_in(0);
    stage.pause();
    stage.resume();
    stage.check_in(1);
    stage.pause();
    // Pausing what is paused changes nothing either.
    stage.pause();
    let books = config(&stage.world);
    assert_eq!((books.void_from_hour, books.void_until_hour), (1, 0));
    stage.world.set_time(start(2));
    stage.resume();
    let books = config(&stage.world);
    assert_eq!((books.void_from_hour, books.void_until_hour), (1, 2));
    // Resuming what runs moves no end.
    stage.world.set_time(start(3));
    stage.resume();
    assert_eq!(config(&stage.world).void_until_hour, 2);
    stage.check_in(0);
    stage.run_to(4);
    assert_eq!(stage.booked(), [share(SCORE, parts(1, 3), SCORE), 0]);
}

#[test]
fn a_pause_before_the_start_voids_from_the_first_hour_on() {
    let mut stage = stage();
    stage.world.set_time(GENESIS_TS - 10);
    stage.pause();
    let books = config(&stage.world);
    assert_eq!((books.void_from_hour, books.void_until_hour), (1, 0));
    stage.world.set_time(start(2));
    stage.paused(0);
    stage.resume();
    stage.check_in(0);
    stage.world.set_time(start(3));
    stage.check_in(1);
    stage.run_to(4);
    assert_eq!(stage.booked(), [0, share(SCORE, parts(1, 3), SCORE)]);
    nothing_lost(&stage, 2);
}

#[test]
fn a_pause_that_ends_before_the_start_voids_the_first_hour_only() {
    let mut stage = stage();
    stage.world.set_time(GENESIS_TS - 10);
    stage.pause();
    stage.resume();
    stage.world.set_time(GENESIS_TS);
    stage.check_in(0);
    stage.world.set_time(start(2));
    stage.check_in(0);
    stage.run_to(3);
    assert_eq!(stage.booked(), [share(SCORE, parts(1, 2), SCORE), 0]);
}

/// Two hundred hours of pause over two pages, closed afterwards: all of it goes to the first hour in which anyone could check in.
#[test]
fn a_long_pause_is_caught_up_and_shared_whole() {
    let mut stage = stage();
    stage.check_in(0);
    stage.run_to(2);
    stage.booked();
    stage.world.set_time(start(3));
    stage.pause();
    stage.world.set_time(start(203));
    stage.resume();
    stage.world.open_page(1);
    stage.world.set_time(start(204));
    catch_up(&mut stage.world);
    let running = stage.world.hour();
    stage.check_in(0);
    stage.check_in(1);
    stage.world.set_time(start(running + 1));
    catch_up(&mut stage.world);
    let settle_second = |stage: &mut Stage, which: usize| {
        let supplier = stage.suppliers[which].clone();
        let before = rewards(&stage.world, &supplier).owner_booked_units;
        let settle = stage.world.settle_rewards_ix(&supplier, 1).instruction();
        stage.world.govern(settle);
        rewards(&stage.world, &supplier).owner_booked_units - before
    };
    let first = share(SCORE, ENTERPRISE, SCORE);
    let amount = ENTERPRISE - first + parts(2, running);
    let each = share(SCORE, amount, 2 * SCORE);
    assert_eq!(
        [0, 1].map(|which| settle_second(&mut stage, which)),
        [each, each]
    );
    nothing_lost(&stage, 3);
}
