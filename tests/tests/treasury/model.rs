//! Random sequences of everything that moves fees, against a plain model: after each step every book and balance is compared
//! to the unit, and so is the code of each refusal.

use std::collections::BTreeMap;

use super::stage::{stage, Stage, IO, USD, WALLET_IO};
use iog_client::pda;
use iog_client::treasury::TreasuryError as E;
use iog_localnet::pyth::PriceAccount;
use iog_tests::dice::Dice;
use iog_tests::world::GENESIS_TS;
use iog_tests::{Code, Outcome};

/// Runs, and steps of each.
const RUNS: u64 = 24;
const STEPS: u32 = 250;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[derive(Clone, Copy, Debug)]
enum Action {
    /// US dollars or IO.
    Collect(bool, u64),
    Burn,
    Pay(bool, u64),
    Open,
    /// What is offered, and the least that is asked for.
    Sell(u64, u64),
    Warp(i64),
    /// The price of an IO in units of 10^-8 USD, and how old it is.
    Post(i64, i64),
    Donate(bool, u64),
    Terms(Terms),
    Release,
}

/// What governance sets, as if its 24 hours were over.
#[derive(Clone, Copy, Debug)]
struct Terms {
    kept_bps: u64,
    min_lot: u64,
    per_hour: u64,
    per_day: u64,
    discount: u64,
    premium: u64,
    secs: i64,
}

/// One currency: its books and what is in the vault beyond them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Books {
    booked: u64,
    collected: u64,
    burned: u64,
    spent: u64,
    kept: u64,
    paid: u64,
    donated: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Round {
    number: u64,
    left: u64,
    opened: i64,
    secs: i64,
    discount: u64,
    premium: u64,
}

struct Model {
    terms: Terms,
    now: i64,
    price: u64,
    posted: i64,
    /// Publish time of the newest price that was sold at.
    newest: i64,
    usd: Books,
    io: Books,
    round: Round,
    /// Spent in each hour and day; neither runs backwards.
    hours: BTreeMap<i64, u64>,
    days: BTreeMap<i64, u64>,
    seller_io: u64,
    seller_usd: u64,
    collector_io: u64,
    burned: u64,
}

const FIRST: Terms = Terms {
    kept_bps: 0,
    min_lot: 100 * USD,
    per_hour: 5_000 * USD,
    per_day: 50_000 * USD,
    discount: 500,
    premium: 200,
    secs: 3_000,
};

/// What is spent in the period of `now`, or in a later one that has begun already.
fn spent(periods: &BTreeMap<i64, u64>, now: i64, length: i64) -> (i64, u64) {
    let last = periods.last_key_value().map_or(0, |(period, _)| *period);
    let period = (now / length).max(last);
    (period, periods.get(&period).copied().unwrap_or(0))
}

impl Model {
    fn new() -> Self {
        Self {
            terms: FIRST,
            now: GENESIS_TS,
            price: 25_000_000,
            posted: GENESIS_TS,
            newest: 0,
            usd: Books::default(),
            io: Books::default(),
            round: Round::default(),
            hours: BTreeMap::new(),
            days: BTreeMap::new(),
            seller_io: WALLET_IO,
            seller_usd: 0,
            collector_io: WALLET_IO,
            burned: 0,
        }
    }

    fn books(&mut self, usd: bool) -> &mut Books {
        if usd {
            &mut self.usd
        } else {
            &mut self.io
        }
    }

    fn spendable(&self) -> u64 {
        let (_, hour) = spent(&self.hours, self.now, HOUR);
        let (_, day) = spent(&self.days, self.now, DAY);
        let left = |cap: u64, spent: u64| cap.saturating_sub(spent);
        left(self.terms.per_hour, hour).min(left(self.terms.per_day, day))
    }

    fn live(&self) -> bool {
        self.round.left > 0 && self.now - self.round.opened < self.round.secs
    }

    /// What the action changes, or why it is refused.
    fn apply(&mut self, action: Action) -> Result<(), E> {
        match action {
            Action::Collect(usd, amount) => {
                // audit: money M1: a dollar is never kept.
                let kept = if usd {
                    0
                } else {
                    amount * self.terms.kept_bps / 10_000
                };
                if !usd {
                    self.collector_io -= amount;
                }
                let books = self.books(usd);
                books.collected += amount;
                books.kept += kept;
                books.booked += amount - kept;
            }
            Action::Burn if self.io.booked == 0 => return Err(E::NothingToBurn),
            Action::Burn => {
                self.burned += self.io.booked;
                self.io.burned += self.io.booked;
                self.io.booked = 0;
            }
            Action::Pay(_, 0) => return Err(E::ZeroAmount),
            Action::Pay(usd, amount) => {
                let books = self.books(usd);
                books.kept = books
                    .kept
                    .checked_sub(amount)
                    .ok_or(E::IncentivesExhausted)?;
                books.paid += amount;
                match usd {
                    true => self.seller_usd += amount,
                    false => self.seller_io += amount,
                }
            }
            Action::Open => self.open()?,
            Action::Sell(io, least) => self.sell(io, least)?,
            Action::Warp(secs) => self.now += secs,
            Action::Post(price, age) => {
                self.price = u64::try_from(price).unwrap();
                self.posted = self.now - age;
            }
            Action::Donate(usd, amount) => self.books(usd).donated += amount,
            Action::Terms(terms) => self.terms = terms,
            Action::Release if self.io.kept == 0 => return Err(E::NothingKept),
            Action::Release => self.io.booked += std::mem::take(&mut self.io.kept),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), E> {
        if self.live() {
            return Err(E::AuctionRunning);
        }
        if self.round.number > 0 && self.now < self.round.opened + HOUR {
            return Err(E::AuctionTooSoon);
        }
        if self.usd.booked < self.terms.min_lot {
            return Err(E::LotTooSmall);
        }
        let lot = self.usd.booked.min(self.spendable());
        if lot < self.terms.min_lot {
            return Err(E::SpendCapReached);
        }
        self.round = Round {
            number: self.round.number + 1,
            left: lot,
            opened: self.now,
            secs: self.terms.secs,
            discount: self.terms.discount,
            premium: self.terms.premium,
        };
        Ok(())
    }

    fn sell(&mut self, io: u64, least: u64) -> Result<(), E> {
        if io == 0 {
            return Err(E::ZeroAmount);
        }
        if !self.live() {
            return Err(E::NoAuction);
        }
        if self.spendable() == 0 {
            return Err(E::SpendCapReached);
        }
        if self.now - self.posted > 20 {
            return Err(E::PriceStale);
        }
        if self.posted - self.now > 5 {
            return Err(E::PriceFromTheFuture);
        }
        if self.newest - self.posted > 10 {
            return Err(E::PriceOlder);
        }
        let elapsed = u64::try_from((self.now - self.round.opened).max(0)).unwrap();
        let rise = self.round.discount + self.round.premium;
        let length = u64::try_from(self.round.secs).unwrap();
        let factor = 10_000 - self.round.discount + rise * elapsed / length;
        // USD with 8 decimals and basis points for 10^8 units of IO, against 10^6 units of USDC.
        let offer = u128::from(self.price) * u128::from(factor);
        let unit = 10_u128.pow(8 + 8 + 4 - 6);
        let worth = u64::try_from(u128::from(io) * offer / unit).unwrap();
        let usdc = worth.min(self.round.left).min(self.spendable());
        if usdc == 0 {
            return Err(E::AmountTooSmall);
        }
        if usdc < least {
            return Err(E::PaysLessThanLimit);
        }
        let cost = u64::try_from((u128::from(usdc) * unit).div_ceil(offer)).unwrap();
        assert!(cost <= io);
        self.newest = self.newest.max(self.posted);
        self.round.left -= usdc;
        self.usd.booked -= usdc;
        self.usd.spent += usdc;
        self.seller_io -= cost;
        self.seller_usd += usdc;
        self.burned += cost;
        for (periods, length, cap) in [
            (&mut self.hours, HOUR, self.terms.per_hour),
            (&mut self.days, DAY, self.terms.per_day),
        ] {
            let (period, before) = spent(periods, self.now, length);
            assert!(before + usdc <= cap, "above a cap");
            periods.insert(period, before + usdc);
        }
        Ok(())
    }
}

/// Sends the action; those of the test itself cannot be refused.
fn act(stage: &mut Stage, action: Action) -> Option<Outcome> {
    let (usdc, io) = (stage.usdc, stage.world.io);
    let mint = |usd| if usd { usdc } else { io };
    match action {
        Action::Collect(true, amount) => {
            stage.collect(amount);
        }
        Action::Collect(false, amount) => {
            stage.collect_from(&io, amount);
        }
        Action::Burn => return Some(stage.burn()),
        Action::Pay(usd, amount) => return Some(stage.pay(&mint(usd), amount)),
        Action::Open => return Some(stage.try_open()),
        Action::Release => return Some(stage.release()),
        Action::Sell(io, least) => return Some(stage.try_sell(io, least)),
        Action::Warp(secs) => stage.world.set_time(stage.world.now() + secs),
        Action::Post(price, age) => {
            let posted = stage.world.now() - age;
            let conf = price.unsigned_abs() / 100;
            let price = PriceAccount::io_usd(price, conf, posted, 0);
            stage.world.set_price(&price);
        }
        Action::Donate(true, amount) => stage.donate(&pda::treasury::vault(&usdc), amount),
        Action::Donate(false, amount) => stage.world.donate(&pda::treasury::vault(&io), amount),
        Action::Terms(terms) => stage.set(|config| {
            config.kept_share_bps.value = terms.kept_bps;
            config.min_lot_units.value = terms.min_lot;
            config.cap_per_hour_units.value = terms.per_hour;
            config.cap_per_day_units.value = terms.per_day;
            config.discount_bps.value = terms.discount;
            config.premium_bps.value = terms.premium;
            config.auction_secs.value = terms.secs.unsigned_abs();
        }),
    }
    None
}

fn compare(stage: &Stage, model: &Model) {
    for (mint, expected) in [(stage.usdc, model.usd), (stage.world.io, model.io)] {
        let fees = stage.fees(&mint);
        let held = stage.world.balance(&pda::treasury::vault(&mint));
        let found = Books {
            booked: fees.booked_units,
            collected: fees.collected_units,
            burned: fees.burned_units,
            spent: fees.spent_units,
            kept: fees.kept_units,
            paid: fees.paid_units,
            donated: held - fees.booked_units - fees.kept_units,
        };
        assert_eq!(found, expected, "the books of {mint}");
    }
    let auction = stage.auction();
    let round = &model.round;
    assert_eq!(
        (auction.round, auction.left_units, auction.opened_ts),
        (round.number, round.left, round.opened)
    );
    let last = |periods: &BTreeMap<i64, u64>| periods.last_key_value().map_or(0, |(_, sum)| *sum);
    assert_eq!(
        (auction.spent_this_hour_units, auction.spent_today_units),
        (last(&model.hours), last(&model.days))
    );
    assert_eq!(auction.newest_price_ts, model.newest);
    assert_eq!(stage.purse(), (model.seller_io, model.seller_usd));
    assert_eq!(stage.burned(), model.burned);
    stage.check();
}

fn some_terms(dice: &mut Dice) -> Terms {
    Terms {
        kept_bps: dice.pick(&[0, 1, 3_333, 10_000]),
        min_lot: dice.pick(&[1, USD, 100 * USD]),
        per_hour: dice.pick(&[0, 300 * USD, 5_000 * USD, u64::MAX]),
        per_day: dice.pick(&[1_000 * USD, 20_000 * USD, u64::MAX]),
        discount: dice.pick(&[0, 500, 5_000]),
        premium: dice.pick(&[0, 200, 1_000]),
        secs: dice.pick(&[600, 3_000, 3_600]),
    }
}

fn a_sale(dice: &mut Dice, model: &Model) -> Action {
    let io = match dice.below(8) {
        0 => dice.below(500),
        1 => 30_000 * IO,
        _ => 1 + dice.below(3_000 * IO),
    };
    let least = match dice.below(6) {
        0 => model.round.left,
        1 => dice.below(500 * USD),
        _ => 0,
    };
    Action::Sell(io.min(model.seller_io), least)
}

fn choose(dice: &mut Dice, model: &Model) -> Action {
    let usd = dice.below(2) == 0;
    let price = 20_000_000 + i64::try_from(dice.below(10_000_000)).unwrap();
    match dice.below(100) {
        0..=14 => Action::Collect(usd, 1 + dice.below(900 * USD)),
        15 => Action::Collect(true, 20_000 * USD),
        16..=18 => Action::Burn,
        19..=22 => {
            let kept = if usd { model.usd.kept } else { model.io.kept };
            Action::Pay(usd, dice.pick(&[0, 1, kept / 2, kept, kept + 1]))
        }
        23..=37 => Action::Open,
        38..=62 => a_sale(dice, model),
        63..=66 => Action::Warp(dice.pick(&[-5, -1, 0, 1])),
        67..=74 => Action::Warp(1 + i64::try_from(dice.below(61)).unwrap()),
        75..=80 => Action::Warp(i64::try_from(dice.below(4_000)).unwrap()),
        81 => Action::Warp(i64::try_from(dice.below(86_400)).unwrap()),
        82..=93 => Action::Post(price, dice.pick(&[0, 0, 5, 15, 20, 21, -5, -6])),
        94 => Action::Release,
        95..=97 => Action::Donate(usd, 1 + dice.below(1_000 * USD)),
        _ => Action::Terms(some_terms(dice)),
    }
}

#[test]
fn any_sequence_keeps_the_books_the_caps_and_the_model() {
    let first = stage();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for run in 0..RUNS {
        let mut dice = Dice(run);
        let (mut stage, mut model) = (first.clone(), Model::new());
        for step in 0..STEPS {
            let action = choose(&mut dice, &model);
            let expected = model.apply(action);
            let outcome = act(&mut stage, action);
            let kind = format!("{action:?}");
            let kind = kind.split('(').next().unwrap();
            match (outcome, expected) {
                (None | Some(Ok(_)), Ok(())) => *seen.entry(kind.into()).or_default() += 1,
                (Some(Err(failure)), Err(error)) if failure.code() == Code::from(error) => {
                    *seen.entry(format!("{error:?}")).or_default() += 1;
                }
                (outcome, expected) => {
                    panic!("run {run}, step {step}, {action:?}: expected {expected:?}, got {outcome:?}")
                }
            }
            compare(&stage, &model);
        }
    }
    // Every action and every refusal of the model came up, or the sequences show too little.
    for name in [
        "Collect",
        "Burn",
        "Pay",
        "Open",
        "Sell",
        "Donate",
        "Terms",
        "Release",
        "NothingKept",
        "NothingToBurn",
        "ZeroAmount",
        "IncentivesExhausted",
        "AuctionRunning",
        "AuctionTooSoon",
        "LotTooSmall",
        "SpendCapReached",
        "NoAuction",
        "PriceStale",
        "PriceFromTheFuture",
        "PriceOlder",
        "AmountTooSmall",
        "PaysLessThanLimit",
    ] {
        assert!(
            seen.contains_key(name),
            "{name} is in no sequence: {seen:?}"
        );
    }
}
