//! The program and the reference side by side: one action, two outcomes, every balance, book and event compared.

use std::collections::BTreeMap;

use iog_client::events::{parse_logs, Event as Logged};
use iog_client::pda;
use iog_client::token::accounts::{Config, NetEmission};
use iog_client::token::events::BreakerRefused;
use iog_client::token::Event;
use iog_tests::world::PubkeyOf;
use iog_tests::World;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::actions::Action;
use super::reference::{
    Model, Refused, Step, EMISSION_PER_HOUR, HOLDERS, HOLDING, LIMITS, NET_EMISSION_PER_HOUR,
};
use crate::setup::holder;

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub key: Keypair,
    pub holders: Vec<Keypair>,
    /// The last total of each kind of event.
    totals: BTreeMap<&'static str, u64>,
}

impl Machine {
    /// Three holders of IO and a minter with every right; the limits are those of the reference.
    pub fn new() -> Self {
        let mut world = World::ready();
        let (key, _) = world.plain_minter(7, EMISSION_PER_HOUR);
        world.edit::<Config>(&pda::token::config(), |config| {
            for (window, [limit, share, floor]) in config.windows.iter_mut().zip(LIMITS) {
                window.limit_units.value = limit;
                window.share_bps.value = share;
                window.floor_units.value = floor;
            }
            config.net_emission_cap_per_hour.value = NET_EMISSION_PER_HOUR;
        });
        let holders = (0..HOLDERS).map(|_| holder(&mut world, HOLDING)).collect();
        let mut machine = Self {
            model: Model {
                now: world.now(),
                io: [HOLDING; HOLDERS],
                ..Model::default()
            },
            world,
            key,
            holders,
            totals: BTreeMap::new(),
        };
        let price = machine.world.price;
        machine.world.set_account(&price, Default::default());
        // The program has seen nothing yet.
        machine
            .world
            .edit::<NetEmission>(&pda::token::net_emission(), |books| {
                for sight in &mut books.sights {
                    (sight.first_ts, sight.lowest_usd12) = (0, 0);
                }
                books.newest_price_ts = 0;
            });
        machine
    }

    pub fn wallet(&self, holder: usize) -> Pubkey {
        self.holders[holder].pubkey_of()
    }

    /// Does it to both; panics unless they agree. Says what came of it.
    pub fn step(&mut self, action: Action) -> String {
        let before = self.model.clone();
        let expected = self.expect(action);
        if expected.is_err() {
            self.model = before;
        }
        let outcome = self.run(action, expected);
        self.compare(action);
        outcome
    }

    /// The program's outcome, which must be the expected one.
    fn run(&mut self, action: Action, expected: Step<Option<Event>>) -> String {
        let name = format!("{action:?}");
        let name = &name[..name.find('(').unwrap_or(name.len())];
        let Some((instruction, signers)) = self.instruction(action) else {
            self.move_world(action);
            return name.to_string();
        };
        let signers: Vec<&Keypair> = signers.iter().collect();
        match (self.world.send(&[instruction], &signers), expected) {
            (Ok(meta), Ok(event)) => {
                if let Some(event) = event {
                    assert_eq!(meta.events, [Logged::Token(event.clone())], "{action:?}");
                    self.chain(&event);
                }
                name.to_string()
            }
            (Err(failure), Err(Refused { code, breaker })) => {
                assert_eq!(failure.code(), code, "{action:?}");
                let events: Vec<_> = breaker.into_iter().map(refusal).collect();
                assert_eq!(parse_logs(&failure.logs), events, "{action:?}");
                format!("{name}: {code}")
            }
            (Ok(_), Err(Refused { code, .. })) => {
                panic!("{action:?}: expected {code}, but it succeeded")
            }
            (Err(failure), Ok(_)) => panic!("{action:?}: {failure:?}"),
        }
    }

    fn move_world(&mut self, action: Action) {
        match action {
            Action::Post(price) => {
                let mut account = self.world.fresh_price(1);
                account.price = i64::try_from(price.spot).unwrap();
                account.ema_price = i64::try_from(price.ema).unwrap();
                (account.conf, account.ema_conf) = (price.conf, price.ema_conf);
                account.publish_time = price.at;
                let address = self.world.price;
                self.world.set_account(&address, account.to_account());
            }
            _ => self.world.set_time(self.model.now),
        }
    }

    /// Each event's total before is the last one's total after.
    fn chain(&mut self, event: &Event) {
        let mut follows = |name, before: u64, after: u64| {
            let last = self.totals.insert(name, after).unwrap_or(0);
            assert_eq!(before, last, "{name} in {event:?}");
        };
        match event {
            Event::IoBurned(e) => follows("burned", e.burned_before, e.burned_after),
            Event::IosdMinted(e) => {
                follows("burned", e.burned_before, e.burned_after);
                follows("iosd", e.iosd_minted_before, e.iosd_minted_after);
            }
            Event::IosdSpent(e) => follows("spent", e.spent_before, e.spent_after),
            Event::IosdRefunded(e) => follows("refunded", e.refunded_before, e.refunded_after),
            // Its total goes down too; the model's books are compared.
            Event::IosdSettled(_) | Event::PriceObserved(_) => {}
            Event::EmissionMinted(e) => follows("emitted", e.emitted_before, e.emitted_after),
            Event::NetEmissionMinted(e) => {
                follows("reminted", e.reminted_before, e.reminted_after);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn refusal((window, amount, level, capacity): (u8, u64, u64, u64)) -> Logged {
    Logged::Token(Event::BreakerRefused(BreakerRefused {
        window,
        amount,
        level,
        capacity,
    }))
}
