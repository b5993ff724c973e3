//! What passes for what: property 5 of the proof, against `plans/lookalikes.toml`.

use crate::{
    cards::{self, Card},
    proved,
    roofline::{walk_secs, Pace, SLOT_SECS},
    shape,
};
use iog_migrations::{Class, Pool};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How much dearer a point must be by another name than an honest one.
const DEAR: f64 = 1.5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    pairs: Vec<(String, String, u32, String)>,
    across: Vec<(String, String, u32)>,
    dear: Vec<Dear>,
    shortened: Vec<Shortened>,
    unset: Vec<Unset>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dear {
    card: String,
    allowance_x100: u32,
    rent_usd: f64,
    honest: String,
    honest_rent_usd: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortened {
    pub class: String,
    pub card: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unset {
    class: String,
    at_least_x100: u32,
}

fn listed() -> Listed {
    toml::from_str(include_str!("../../plans/lookalikes.toml")).unwrap()
}

pub fn shortened() -> Vec<Shortened> {
    listed().shortened
}

/// A card that can be registered: its class takes devices.
pub struct Holder {
    pub card: Card,
    pub class: Class,
}

pub fn open_classes() -> Vec<Class> {
    let mut classes = proved();
    classes.retain(|class| class.enabled);
    classes
}

pub fn holders() -> Vec<Holder> {
    let classes = open_classes();
    let of = |card: Card| {
        let class = classes
            .iter()
            .find(|class| class.name == card.class)?
            .clone();
        Some(Holder { card, class })
    };
    cards::table().cards.into_iter().filter_map(of).collect()
}

impl Holder {
    /// Walk of a class's shape on this card, where it has room for the table.
    pub fn walk_secs(&self, class: &Class) -> Option<f64> {
        let shape = shape(class);
        let secs = || walk_secs(cards::table().rates(&self.card), &shape, Pace::Fast);
        self.card.has_room_for(&shape).then(secs)
    }

    /// Keys of a class that this card walks one after another within a deadline.
    pub fn keys(&self, class: &Class, commit_slots: u32) -> u32 {
        let walk = self.walk_secs(class);
        walk.map_or(0, |secs| {
            (f64::from(commit_slots) * SLOT_SECS / secs) as u32
        })
    }

    /// What it may earn by other names.
    pub fn allowance_x100(&self) -> u32 {
        let dear = listed().dear;
        let dear = dear.iter().find(|dear| dear.card == self.card.name());
        dear.map_or(self.class.published_x100(), |dear| dear.allowance_x100)
    }
}

/// Card and class of one pool, and the keys of it that the card holds; the card's own class is none.
fn passes() -> Vec<(Holder, Class, u32)> {
    let mut passes = Vec::new();
    for class in open_classes() {
        for holder in holders() {
            let keys = holder.keys(&class, class.commit_slots);
            if holder.class.pool == class.pool && holder.card.class != class.name && keys > 0 {
                passes.push((holder, class.clone(), keys));
            }
        }
    }
    passes
}

/// For all X, Y of a pool with room for Y's table: floor(D_Y / T_X(Y)) * multiplier(Y) <= multiplier(X), but for what is listed. A class of
/// multiplier 0 has none yet.
#[test]
fn who_pays_more_by_another_name_is_listed() {
    let reasons = listed();
    let known: BTreeSet<(String, String, u32)> = reasons
        .pairs
        .iter()
        .map(|(card, class, keys, _)| (card.clone(), class.clone(), *keys))
        .collect();
    assert_eq!(known.len(), reasons.pairs.len());
    let reasons: BTreeMap<(&str, &str), &str> = reasons
        .pairs
        .iter()
        .map(|(card, class, _, reason)| ((card.as_str(), class.as_str()), reason.as_str()))
        .collect();
    let mut found = BTreeSet::new();
    for (holder, class, keys) in passes() {
        let earned = keys * class.multiplier_x100;
        let own = holder.class.multiplier_x100;
        if own == 0 || earned <= own {
            continue;
        }
        let card = holder.card.name();
        assert_eq!(
            class.pool,
            Pool::Community,
            "{card} as {keys} {}",
            class.name
        );
        let reason = match reasons.get(&(card.as_str(), class.name.as_str())) {
            Some(&"lowered") => {
                own < holder.class.published_x100() && earned <= holder.class.published_x100()
            }
            Some(&"dear") => {
                earned > holder.class.published_x100() && earned <= holder.allowance_x100()
            }
            _ => false,
        };
        assert!(
            reason,
            "{card} as {keys} {} earns {earned} for {own}",
            class.name
        );
        found.insert((card, class.name, keys));
    }
    assert_eq!(known, found);
}

/// No card earns more than is published for it, whatever it passes for, but for those that cost too much.
#[test]
fn no_card_earns_more_than_its_allowance() {
    for (holder, class, keys) in passes() {
        let (card, allowed) = (holder.card.name(), holder.allowance_x100());
        let earned = keys * class.multiplier_x100;
        assert!(
            allowed == 0 || earned <= allowed,
            "{card} as {keys} {}: {earned}",
            class.name
        );
    }
}

#[test]
fn what_is_dear_costs_more_for_each_point_than_an_honest_card() {
    let classes = open_classes();
    for dear in listed().dear {
        let class = |name: &str| classes.iter().find(|class| class.name == name).unwrap();
        let (card, honest) = (class(&dear.card), class(&dear.honest));
        assert!(dear.allowance_x100 > card.published_x100(), "{}", dear.card);
        assert_eq!(card.pool, honest.pool, "{}", dear.card);
        let point = dear.rent_usd / f64::from(dear.allowance_x100);
        let honest_point = dear.honest_rent_usd / f64::from(honest.multiplier_x100);
        assert!(point >= DEAR * honest_point, "{}: {point}", dear.card);
        let needed = passes().iter().any(|(holder, class, keys)| {
            holder.card.name() == dear.card && keys * class.multiplier_x100 == dear.allowance_x100
        });
        assert!(needed, "{} needs no allowance", dear.card);
    }
}

/// What governance may not set a class below, since its cards earn so much by other names.
#[test]
fn classes_without_a_multiplier_say_the_least_that_will_do() {
    let unset: BTreeMap<String, u32> = listed()
        .unset
        .into_iter()
        .map(|unset| (unset.class, unset.at_least_x100))
        .collect();
    let mut found = BTreeMap::new();
    for (holder, class, keys) in passes() {
        if holder.class.published_x100() == 0 {
            let least = found.entry(holder.card.class.clone()).or_insert(0);
            *least = (keys * class.multiplier_x100).max(*least);
        }
    }
    assert_eq!(unset, found);
}

#[test]
fn community_cards_that_pass_for_an_enterprise_class_are_listed() {
    let known: BTreeSet<(String, String, u32)> = listed().across.into_iter().collect();
    let mut found = BTreeSet::new();
    for class in open_classes() {
        for holder in holders() {
            let keys = holder.keys(&class, class.commit_slots);
            let moves = (holder.class.pool, class.pool) == (Pool::Community, Pool::Enterprise);
            if moves && keys > 0 {
                found.insert((holder.card.name(), class.name.clone(), keys));
            }
        }
    }
    assert_eq!(known, found);
}
