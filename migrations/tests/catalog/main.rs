//! The hardware catalogue: its terms and multipliers follow from what the cards can do, and a network loads all of it.

mod cards;
mod lookalikes;
mod mixtures;
mod multipliers;
mod network;
mod prices;
mod roofline;
mod terms;

use iog_migrations::{catalog, Class};
use iog_pow::Shape;
use std::collections::BTreeSet;

/// Classes by the ranges of their ids.
const GEFORCE: std::ops::Range<u16> = 121..141;
const APPLE: std::ops::Range<u16> = 201..300;
const RETIRED: std::ops::Range<u16> = 211..300;
const CPUS: std::ops::Range<u16> = 301..400;

/// A CPU is never proved: no rule of proofs is about it.
fn is_proved(class: &Class) -> bool {
    !CPUS.contains(&class.id)
}

/// The classes that are proved.
fn proved() -> Vec<Class> {
    let classes = catalog().unwrap();
    classes.into_iter().filter(is_proved).collect()
}

/// The walk of one card.
fn shape(class: &Class) -> Shape {
    Shape::new(class.rows, class.tiles, class.waves, 1).unwrap()
}

/// Whether two classes ask the same table of one pool, with bandwidths within a ratio.
fn alike(one: &Class, other: &Class, within: f64) -> bool {
    let table = cards::table();
    let [a, b] = [one, other].map(|class| table.own(class).bandwidth_gbs);
    one.pool == other.pool && one.rows == other.rows && a.max(b) <= within * a.min(b)
}

#[test]
fn it_has_46_processors_and_three_classes_of_cpus() {
    let classes = catalog().unwrap();
    let names: BTreeSet<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let ids: BTreeSet<u16> = classes.iter().map(|class| class.id).collect();
    assert_eq!((names.len(), ids.len()), (classes.len(), classes.len()));
    let cpus = classes.iter().filter(|class| CPUS.contains(&class.id));
    assert_eq!(cpus.count(), 3);
    let retired = classes.iter().filter(|class| RETIRED.contains(&class.id));
    assert_eq!(retired.clone().count(), 4);
    assert!(retired.into_iter().all(|class| !class.enabled));
    assert_eq!(classes.iter().filter(|class| class.enabled).count(), 46 + 3);
}

/// redteam 2d
#[test]
fn what_is_never_proved_earns_nothing() {
    let classes = catalog().unwrap();
    for class in classes.iter().filter(|class| !is_proved(class)) {
        let name = &class.name;
        let terms = (class.proof_valid_hours, class.multiplier_x100);
        assert_eq!(terms, (0, 0), "{name}");
        assert_eq!(class.published_x100(), 0, "{name}");
        // The smallest that the registry takes.
        let shape = (class.rows, class.tiles, class.waves, class.max_cards);
        assert_eq!(shape, (32, 1, 1, 1), "{name}");
        assert_eq!((class.commit_slots, class.reveal_slots), (1, 1), "{name}");
    }
}

#[test]
fn every_proved_class_has_one_card_of_its_own_and_every_card_a_class() {
    let table = cards::table();
    let classes: BTreeSet<String> = proved().into_iter().map(|class| class.name).collect();
    let own: Vec<&str> = table
        .cards
        .iter()
        .filter(|card| card.edition.is_none())
        .map(|card| card.class.as_str())
        .collect();
    assert_eq!(own.len(), classes.len());
    let named: BTreeSet<String> = own.into_iter().map(String::from).collect();
    assert_eq!(named, classes);
    let names: BTreeSet<String> = table.cards.iter().map(cards::Card::name).collect();
    assert_eq!(names.len(), table.cards.len());
    for card in &table.cards {
        assert!(classes.contains(&card.class), "{}", card.name());
        assert!(!card.source.is_empty(), "{}", card.name());
    }
}
