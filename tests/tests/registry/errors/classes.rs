//! Classes and the role of the catalogue.

use super::super::catalog::{apply_ix, rates_of, schedule_ix, terms_of, update_ix, DAY, WEEK};
use super::{anyone, govern};
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::instructions::{AddClass, SetRole};
use iog_client::registry::{ClassArgs, ClassRates, ClassTerms, RegistryError, RegistryRole};
use iog_tests::world::{class_args, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

fn try_add(world: &mut World, change: fn(&mut ClassArgs)) -> Outcome {
    let mut args = class_args(9);
    change(&mut args);
    let add = AddClass {
        authority: world.authority.pubkey_of(),
        class: pda::registry::class(9),
        args,
    };
    govern(world, add.instruction())
}

fn try_update(world: &mut World, change: fn(&mut ClassRates)) -> Outcome {
    let mut rates = rates_of(world, CLASS_TEST);
    change(&mut rates);
    world.advance(DAY);
    let by = world.authority.insecure_clone();
    let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
    world.send(&[update], &[&by])
}

fn try_schedule(world: &mut World, change: fn(&mut ClassTerms)) -> Outcome {
    let mut terms = terms_of(world, CLASS_TEST);
    change(&mut terms);
    let by = world.authority.insecure_clone();
    let schedule = schedule_ix(&by.pubkey_of(), CLASS_TEST, terms);
    world.send(&[schedule], &[&by])
}

fn apply(world: &mut World) -> Outcome {
    anyone(world, apply_ix(CLASS_TEST))
}

fn longer(terms: &mut ClassTerms) {
    terms.commit_slots += 1;
}

pub fn errors() -> Vec<Case> {
    let mut all = shapes();
    all.extend(roles());
    all.extend(prices());
    all.extend(terms());
    all
}

fn shapes() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger adds a class", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let add = AddClass {
                authority: stranger.pubkey_of(),
                class: pda::registry::class(9),
                args: class_args(9),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a pool that does not exist", E::InvalidClass, |world| {
            try_add(world, |args| args.pool = 2)
        }),
        refusal("rows that are no panels", E::InvalidClass, |world| {
            try_add(world, |args| args.rows = 2_049)
        }),
        refusal("tiles that are no power of two", E::InvalidClass, |world| {
            try_add(world, |args| args.tiles = 3)
        }),
        refusal("too many waves", E::InvalidClass, |world| {
            try_add(world, |args| args.waves = 131_073)
        }),
        refusal("no time to commit", E::InvalidClass, |world| {
            try_add(world, |args| args.commit_slots = 0)
        }),
        refusal("no time to reveal", E::InvalidClass, |world| {
            try_add(world, |args| args.reveal_slots = 0)
        }),
        refusal(
            "openings that fit no transaction",
            E::InvalidClass,
            |world| try_add(world, |args| (args.rows, args.tiles) = (1 << 31, 1 << 21)),
        ),
        refusal("a commit after its hour", E::InvalidClass, |world| {
            try_add(world, |args| args.commit_slots = 9_001)
        }),
        refusal("a reveal after its hour", E::InvalidClass, |world| {
            try_add(world, |args| args.reveal_slots = 9_001)
        }),
        refusal("nine cards of one walk", E::InvalidClass, |world| {
            try_add(world, |args| args.max_cards = 9)
        }),
        refusal("a walk of no card", E::InvalidClass, |world| {
            try_add(world, |args| args.max_cards = 0)
        }),
        refusal("a multiplier of 0.04", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.multiplier_x100 = 4)
        }),
        refusal("a multiplier of 100.01", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.multiplier_x100 = 10_001)
        }),
        refusal(
            "a price below a tenth of a cent",
            E::RateOutOfBounds,
            |world| try_add(world, |args| args.base_price_usd6 = 999),
        ),
        refusal("a price above 1,000 USD", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.base_price_usd6 = 1_000_000_001)
        }),
        refusal("a time at the end of time", E::MathOverflow, |world| {
            world.set_time(i64::MAX);
            try_add(world, |_| {})
        }),
    ]
}

fn roles() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger names an attestor", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let set = SetRole {
                authority: stranger.pubkey_of(),
                role: RegistryRole::Attestor,
                key: stranger.pubkey_of(),
            };
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal(
            "a stranger changes a price",
            E::NotCatalogAuthority,
            |world| {
                let stranger = world.wallet();
                let rates = rates_of(world, CLASS_TEST);
                let update = update_ix(&stranger.pubkey_of(), CLASS_TEST, rates);
                world.send(&[update], &[&stranger])
            },
        ),
        refusal(
            "the attestor announces terms",
            E::NotCatalogAuthority,
            |world| {
                let attestor = world.attestor.insecure_clone();
                let terms = terms_of(world, CLASS_TEST);
                let schedule = schedule_ix(&attestor.pubkey_of(), CLASS_TEST, terms);
                world.send(&[schedule], &[&attestor])
            },
        ),
    ]
}

fn prices() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a price a unit too high", E::RateMovesTooFar, |world| {
            try_update(world, |rates| rates.base_price_usd6 = 1_200_001)
        }),
        refusal("a price a unit too low", E::RateMovesTooFar, |world| {
            try_update(world, |rates| rates.base_price_usd6 = 799_999)
        }),
        refusal("a price beyond bounds", E::RateOutOfBounds, |world| {
            try_update(world, |rates| rates.base_price_usd6 = 1_000_000_001)
        }),
        refusal(
            "a step on a class's first day",
            E::RateMovesTooSoon,
            |world| {
                world.set_time(world.now() + DAY - 1);
                let mut rates = rates_of(world, CLASS_TEST);
                rates.base_price_usd6 += 1;
                let by = world.authority.insecure_clone();
                let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
                world.send(&[update], &[&by])
            },
        ),
        refusal("a first price by the catalogue", E::RateNotSet, |world| {
            let by = super::super::catalog::role(world);
            world.edit::<HardwareClass>(&pda::registry::class(CLASS_TEST), |class| {
                class.base_price_usd6 = 0;
            });
            world.advance(DAY);
            let mut rates = rates_of(world, CLASS_TEST);
            rates.base_price_usd6 = 1_000;
            let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
            world.send(&[update], &[&by])
        }),
    ]
}

fn terms() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal(
            "a multiplier that rises by 21 %",
            E::RateMovesTooFar,
            |world| try_schedule(world, |terms| terms.multiplier_x100 = 121),
        ),
        refusal(
            "a multiplier that falls by 21 %",
            E::RateMovesTooFar,
            |world| try_schedule(world, |terms| terms.multiplier_x100 = 79),
        ),
        refusal(
            "a multiplier that is taken away",
            E::RateMovesTooFar,
            |world| try_schedule(world, |terms| terms.multiplier_x100 = 0),
        ),
        refusal("a multiplier beyond bounds", E::RateOutOfBounds, |world| {
            try_schedule(world, |terms| terms.multiplier_x100 = 10_001)
        }),
        refusal(
            "a first multiplier by the catalogue",
            E::RateNotSet,
            |world| {
                let by = super::super::catalog::role(world);
                world.edit::<HardwareClass>(&pda::registry::class(CLASS_TEST), |class| {
                    class.multiplier_x100 = 0;
                });
                let terms = ClassTerms {
                    multiplier_x100: 5,
                    ..terms_of(world, CLASS_TEST)
                };
                let schedule = schedule_ix(&by.pubkey_of(), CLASS_TEST, terms);
                world.send(&[schedule], &[&by])
            },
        ),
        refusal("a pass for two hours", E::InvalidClass, |world| {
            try_schedule(world, |terms| terms.proof_valid_hours = 2)
        }),
        refusal("a pass for a week and an hour", E::InvalidClass, |world| {
            try_schedule(world, |terms| terms.proof_valid_hours = 169)
        }),
        refusal("no pass at all", E::InvalidClass, |world| {
            try_schedule(world, |terms| terms.proof_valid_hours = 0)
        }),
        refusal("a proof without tiles", E::InvalidClass, |world| {
            try_schedule(world, |terms| terms.tiles = 0)
        }),
        refusal("few tiles over many rows", E::InvalidClass, |world| {
            try_schedule(world, |terms| {
                (terms.rows, terms.tiles) = (8_388_608, 16_384);
            })
        }),
        refusal(
            "a wave that draws too many panels",
            E::InvalidClass,
            |world| try_schedule(world, |terms| (terms.rows, terms.tiles) = (1_024, 8)),
        ),
        refusal("a proof after its hour", E::InvalidClass, |world| {
            try_schedule(world, |terms| terms.reveal_slots = 9_001)
        }),
        refusal("nothing waits", E::NothingScheduled, apply),
        refusal("dropped, nothing waits", E::NothingScheduled, |world| {
            try_schedule(world, longer).expect("scheduled");
            try_schedule(world, |_| {}).expect("dropped");
            world.advance(WEEK);
            apply(world)
        }),
        refusal("a second before a week is over", E::TooEarly, |world| {
            try_schedule(world, longer).expect("scheduled");
            world.set_time(world.now() + WEEK - 1);
            apply(world)
        }),
        refusal("a second after a week more", E::Lapsed, |world| {
            try_schedule(world, longer).expect("scheduled");
            world.set_time(world.now() + 2 * WEEK + 1);
            apply(world)
        }),
        refusal("a week after the end of time", E::MathOverflow, |world| {
            world.set_time(i64::MAX - WEEK + 1);
            try_schedule(world, longer)
        }),
    ]
}
