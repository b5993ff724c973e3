//! How the program keeps what it has seen of the price: 25 hours, each with its first moment and its lowest average. What follows from
//! it for IOSD is in `seen`.

use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use iog_client::token::events::PriceObserved;
use iog_client::token::instructions::{ObservePrice, Pause};
use iog_client::token::{Event, Sight, TokenError};
use iog_localnet::pyth::PriceAccount;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::PubkeyOf;
use iog_tests::{Dice, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{holder, only_event, refused, DAY, HOUR, IO, IOSD};

/// 0.25 USD and 1,000 USD for one IO, in 10^-8 USD.
const PRICE: i64 = 25_000_000;
const LIE: i64 = 100_000_000_000;

/// At the start of an hour of unix time, before the program has seen any price.
struct Stage {
    world: World,
    owner: Keypair,
    start: i64,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::ready();
        let owner = holder(&mut world, 1_000_000 * IO);
        let start = (world.now() / HOUR + 1) * HOUR;
        world.set_time(start);
        world.edit::<NetEmission>(&pda::token::net_emission(), |books| {
            for sight in &mut books.sights {
                (sight.first_ts, sight.lowest_usd12) = (0, 0);
            }
            books.newest_price_ts = 0;
        });
        let mut stage = Self {
            world,
            owner,
            start,
        };
        stage.post(PRICE);
        stage
    }

    /// Seconds after the start.
    fn at(&mut self, secs: i64) {
        self.world.set_time(self.start + secs);
    }

    fn write(&mut self, price: &PriceAccount) {
        let address = self.world.price;
        self.world.set_account(&address, price.to_account());
    }

    /// Spot and average alike, without uncertainty.
    fn post(&mut self, usd8: i64) {
        let price = self.world.fresh_price(usd8);
        self.write(&price);
    }

    fn observe(&self) -> Instruction {
        let price = self.world.price;
        ObservePrice { price }.instruction()
    }

    /// Anyone shows the program what is posted: it must tell these, in 10^-8 USD.
    #[track_caller]
    fn observes(&mut self, average: i64, lowest: i64) {
        let usd12 = |usd8: i64| u64::try_from(usd8 * 10_000).unwrap();
        let (observe, anyone) = (self.observe(), self.world.wallet());
        let meta = self.world.must(observe, &[&anyone]);
        let event = PriceObserved {
            average: usd12(average),
            lowest: usd12(lowest),
        };
        assert_eq!(only_event(&meta), Event::PriceObserved(event));
    }

    #[track_caller]
    fn sees(&mut self, usd8: i64, lowest: i64) {
        self.post(usd8);
        self.observes(usd8, lowest);
    }

    fn burn(&self, io: u64) -> Instruction {
        let wallet = self.owner.pubkey_of();
        self.world.burn_for_iosd_ix(&wallet, io, 0).instruction()
    }

    /// While this is the price, 10 IO would make IOSD at that one.
    #[track_caller]
    fn makes(&self, usd8: i64, at: u64) {
        let mut trial = self.trial();
        trial.post(usd8);
        let meta = trial.world.must(trial.burn(10 * IO), &[&trial.owner]);
        let Event::IosdMinted(event) = only_event(&meta) else {
            panic!("no IOSD");
        };
        // Ten times 10^-8 USD are 10^-7 USD, and a unit of IOSD is 10^-6.
        assert_eq!((event.price, event.iosd), (at, at / 10));
    }

    /// While this is the price, no IOSD is made, and nothing is remembered of the attempt.
    #[track_caller]
    fn unseen(&self, usd8: i64) {
        let mut trial = self.trial();
        trial.post(usd8);
        let (burn, owner) = (trial.burn(10 * IO), trial.owner.insecure_clone());
        refused(&mut trial.world, TokenError::PriceNotSeen, burn, &[&owner]);
    }

    fn trial(&self) -> Self {
        Self {
            world: self.world.clone(),
            owner: self.owner.insecure_clone(),
            start: self.start,
        }
    }

    fn sights(&self) -> [Sight; 25] {
        let books = pda::token::net_emission();
        self.world.read::<NetEmission>(&books).sights
    }

    /// Where the hour of unix time that begins so many seconds after the start is kept.
    fn place(&self, secs: i64) -> usize {
        usize::try_from((self.start + secs) / HOUR % 25).unwrap()
    }
}

/// What is a day old is forgotten: a source that came to lie while nobody looked is seen for an hour first.
#[test]
fn after_a_day_without_a_look_it_begins_anew() {
    let mut stage = Stage::new();
    stage.sees(PRICE, PRICE);
    stage.at(DAY);
    stage.makes(PRICE, 25_000_000);
    stage.at(DAY + 1);
    stage.unseen(LIE);
    stage.sees(LIE, LIE);
    stage.at(DAY + HOUR);
    stage.unseen(LIE);
    stage.at(DAY + 1 + HOUR);
    stage.makes(PRICE, 25_000_000);

    // A look an hour before is enough, and a burn is a look.
    let mut stage = Stage::new();
    stage.sees(PRICE, PRICE);
    stage.at(DAY - HOUR);
    stage.post(PRICE);
    let burn = stage.burn(10 * IO);
    stage.world.must(burn, &[&stage.owner]);
    stage.at(DAY + 1);
    stage.makes(LIE, 30_000_000);
}

/// The bound is rounded down to a unit of the price, and what is uncertain comes off the price, not off the bound.
#[test]
fn the_bound_is_one_and_a_fifth_rounded_down() {
    let mut stage = Stage::new();
    stage.sees(33_333_333, 33_333_333);
    stage.at(HOUR);
    // 39,999,999.6
    stage.makes(50_000_000, 39_999_999);
    for (conf, at) in [(300_000, 39_999_999), (600_001, 39_799_998)] {
        let mut trial = stage.trial();
        let mut price = trial.world.fresh_price(41_000_000);
        (price.conf, price.ema_conf) = (conf, conf);
        trial.write(&price);
        let meta = trial.world.must(trial.burn(10 * IO), &[&trial.owner]);
        let Event::IosdMinted(event) = only_event(&meta) else {
            panic!("no IOSD");
        };
        assert_eq!(event.price, at);
    }
}

/// Each hour of unix time keeps its first moment and its lowest average; 25 of them stand side by side.
#[test]
fn an_hour_keeps_its_first_moment_and_its_lowest() {
    let mut stage = Stage::new();
    for (secs, usd8, lowest) in [
        (0, PRICE, PRICE),
        (600, 20_000_000, 20_000_000),
        (3_599, 30_000_000, 20_000_000),
        (3_600, 30_000_000, 20_000_000),
    ] {
        stage.at(secs);
        stage.sees(usd8, lowest);
    }
    let (first, second) = (stage.place(0), stage.place(HOUR));
    let sight = |first_ts, lowest_usd12| Sight {
        first_ts,
        lowest_usd12,
    };
    let start = stage.start;
    let sights = stage.sights();
    assert_eq!(sights[first], sight(start, 200_000_000_000));
    assert_eq!(sights[second], sight(start + 3_600, 300_000_000_000));
    let unused = sights.iter().filter(|sight| sight.first_ts == 0).count();
    assert_eq!(unused, 23);

    // The clock may step back over the hour: that begins no hour anew, and what lies ahead is not known yet.
    stage.at(3_590);
    stage.sees(15_000_000, 15_000_000);
    assert_eq!(stage.sights()[first], sight(start, 150_000_000_000));

    for hour in 2..25 {
        stage.at(hour * HOUR);
        stage.sees(40_000_000, 15_000_000);
    }
    // The twenty-sixth hour takes the first one's place, and the second's lowest is within the day.
    stage.at(25 * HOUR);
    stage.sees(40_000_000, 30_000_000);
    assert_eq!(stage.place(25 * HOUR), first);
    let after = stage.sights();
    assert_eq!(after[first], sight(start + 25 * HOUR, 400_000_000_000));
    assert_eq!(after[second], sights[second]);
}

#[test]
fn it_is_the_average_that_is_seen_in_one_unit_for_all_sources() {
    let mut stage = Stage::new();
    let mut price = stage.world.fresh_price(PRICE);
    (price.price, price.ema_price) = (30_000_000, PRICE);
    stage.write(&price);
    stage.observes(PRICE, PRICE);
    for (exponent, average) in [(-4, 2_500), (-12, 250_000_000_000)] {
        let mut price = stage.world.fresh_price(average);
        price.exponent = exponent;
        stage.write(&price);
        stage.observes(PRICE, PRICE);
    }
    // 0.30 USD at either exponent
    stage.at(HOUR);
    for (exponent, lie, most) in [(-4, 9_999, 3_000), (-12, LIE * 10, 300_000_000_000)] {
        let mut trial = stage.trial();
        let mut price = trial.world.fresh_price(lie);
        price.exponent = exponent;
        trial.write(&price);
        let meta = trial.world.must(trial.burn(10 * IO), &[&trial.owner]);
        let Event::IosdMinted(event) = only_event(&meta) else {
            panic!("no IOSD");
        };
        assert_eq!((event.price, event.iosd), (most, 3 * IOSD));
    }
}

#[test]
fn anyone_shows_it_a_price_of_a_minute_though_all_is_paused() {
    let mut stage = Stage::new();
    let pause = Pause {
        signer: stage.world.authority.pubkey_of(),
        actions: 5,
    };
    stage.world.govern(pause.instruction());
    stage.at(60);
    stage.observes(PRICE, PRICE);
    stage.at(61);
    let (observe, anyone) = (stage.observe(), stage.world.wallet());
    refused(
        &mut stage.world,
        TokenError::PriceStale,
        observe,
        &[&anyone],
    );
    for (code, spoil) in [
        (
            TokenError::PriceUncertain,
            (|price| price.conf = 500_001) as fn(&mut PriceAccount),
        ),
        (TokenError::PriceDeviates, |price| price.price = 30_000_001),
        (TokenError::PriceNotPositive, |price| price.ema_price = 0),
    ] {
        let mut price = stage.world.fresh_price(PRICE);
        spoil(&mut price);
        stage.write(&price);
        let observe = stage.observe();
        refused(&mut stage.world, code, observe, &[&anyone]);
    }
}

#[test]
fn observing_takes_no_wrong_account() {
    let stage = Stage::new();
    sweep::refused(
        &stage.world,
        &stage.observe(),
        &[],
        &[(ObservePrice::PRICE, Wrong::Copy, "any of the receiver's")],
    );
}

/// The rule, told from everything that was ever shown: hours of unix time count from their first moment, with their lowest.
#[derive(Default)]
struct Told(Vec<(i64, i64)>);

impl Told {
    /// First moment and lowest average of the hours that began to be seen within the last day.
    fn recent(&self, now: i64) -> Vec<(i64, i64)> {
        let mut hours: Vec<i64> = self.0.iter().map(|(ts, _)| ts / HOUR).collect();
        hours.dedup();
        let whole = hours.into_iter().map(|hour| {
            let of = self.0.iter().filter(|(ts, _)| ts / HOUR == hour);
            let first = of.clone().map(|(ts, _)| *ts).min().unwrap();
            (first, of.map(|(_, usd8)| *usd8).min().unwrap())
        });
        whole.filter(|(first, _)| now - first <= DAY).collect()
    }

    fn lowest(&self, now: i64) -> Option<i64> {
        self.recent(now).into_iter().map(|(_, usd8)| usd8).min()
    }

    /// What 1.2 times the lowest is, if an hour is known that began to be seen an hour ago.
    fn bound(&self, now: i64) -> Option<i64> {
        let known = self.recent(now);
        let old = known.iter().any(|(first, _)| now - first >= HOUR);
        self.lowest(now)
            .filter(|_| old)
            .map(|lowest| lowest * 6 / 5)
    }
}

/// redteam M7a: whatever is shown and burned when, at prices that jump a hundredfold.
#[test]
fn any_history_is_bounded_by_its_lowest() {
    let (mut burned, mut bounded, mut blind) = (0, 0, 0);
    for seed in 1..=4 {
        let (mut dice, mut stage, mut told) = (Dice(seed), Stage::new(), Told::default());
        for _ in 0..150 {
            let leap = dice.pick(&[0, 1, 59, 1_799, HOUR - 1, HOUR, 3 * HOUR, DAY - 1, DAY]);
            let leap = leap.min(i64::try_from(dice.below(90_000)).unwrap());
            let now = stage.world.now() + leap;
            stage.world.set_time(now);
            let usd8 = 1_000_000 + i64::try_from(dice.below(100_000_000)).unwrap();
            if dice.below(3) > 0 {
                told.0.push((now, usd8));
                stage.sees(usd8, told.lowest(now).unwrap());
                continue;
            }
            let mut with = Told(told.0.clone());
            with.0.push((now, usd8));
            let Some(bound) = with.bound(now) else {
                stage.unseen(usd8);
                blind += 1;
                continue;
            };
            let at = usd8.min(bound);
            stage.makes(usd8, at.unsigned_abs());
            stage.post(usd8);
            stage.world.must(stage.burn(10 * IO), &[&stage.owner]);
            told = with;
            burned += 1;
            bounded += i32::from(at < usd8);
        }
    }
    assert!(
        burned > 50 && bounded > 20 && blind > 5,
        "{burned} {bounded} {blind}"
    );
}
