//! Hours that a pause of check-ins touches share nothing: who was in before the pause must not share them alone.

use iog_client::emission::instructions::{Pause, Resume, SetGuardian};
use iog_client::emission::EmissionError as E;
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
    let mut world = ready();
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

/// Everything that was shared is booked, claimed, pending or dust below one unit a device and hour; nothing of it is pending.
pub fn nothing_lost(stage: &Stage, dust: u64) {
    let [one, two] = &stage.suppliers;
    check_identities(&stage.world, &[one, two], dust);
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
    assert_eq!(hour.amount_units, 0);
    let books = config(&stage.world);
    assert_eq!(
        (books.enterprise_carry_units, books.community_carry_units),
        (ENTERPRISE, COMMUNITY)
    );
    assert_eq!((books.scheduled_units, books.shared_units), (FIRST, 0));
    // The next hour shares its part and as much again.
    stage.check_in(0);
    stage.check_in(1);
    stage.run_to(3);
    let each = share(SCORE, with_carry(2, parts(1, 1)), 2 * SCORE);
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
    let sixth = share(SCORE, with_carry(6, parts(2, 5)), SCORE);
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
    assert_eq!(
        stage.booked(),
        [share(SCORE, with_carry(3, parts(1, 2)), SCORE), 0]
    );
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
    assert_eq!(
        stage.booked(),
        [0, share(SCORE, with_carry(3, parts(1, 2)), SCORE)]
    );
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
    assert_eq!(
        stage.booked(),
        [share(SCORE, with_carry(2, parts(1, 1)), SCORE), 0]
    );
}

/// Two hundred hours of pause over two pages, closed afterwards: each hour in which all may come shares twice its part, so that knowing the
/// rich hour in advance is worth little. audit: proof H-4
#[test]
fn a_long_pause_flows_on_hour_by_hour() {
    let mut stage = stage();
    stage.check_in(0);
    stage.world.set_time(start(3));
    catch_up(&mut stage.world);
    let first = stage.booked()[0];
    assert_eq!(first, share(SCORE, ENTERPRISE, SCORE));
    stage.pause();
    stage.world.set_time(start(203));
    stage.resume();
    stage.world.set_time(start(204));
    catch_up(&mut stage.world);
    let mut carried = parts(1, 203) - first;
    let mut earned = [first, 0];
    for hour in [204, 205, 206] {
        open_missing(&mut stage.world, hour);
        stage.check_in(0);
        stage.check_in(1);
        stage.world.set_time(start(hour + 1));
        catch_up(&mut stage.world);
        let each = share(SCORE, with_carry(hour, carried), 2 * SCORE);
        assert!(2 * each <= 2 * parts(hour, hour));
        earned = earned.map(|earned| earned + each);
        for supplier in stage.suppliers.clone() {
            settle_on(&mut stage.world, &supplier, 1);
        }
        let booked = stage
            .suppliers
            .each_ref()
            .map(|supplier| rewards(&stage.world, supplier).owner_booked_units);
        assert_eq!(booked, earned, "hour {hour}");
        let left = config(&stage.world).enterprise_carry_units;
        assert!(carried - parts(hour, hour) <= left && left <= carried - parts(hour, hour) + 1);
        carried = left;
    }
    nothing_lost(&stage, 7);
}
