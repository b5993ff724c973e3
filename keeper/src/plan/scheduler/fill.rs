//! The best devices that make up what one order lacks, part by part.

use super::shelf::{Shelf, Stock};
use crate::{
    rules::{self, state},
    snapshot::Snapshot,
};
use iog_client::market::{Order, Part};
use iog_math::matching::{choose, compare, reaches, score, Candidate, Kind, Wanted};
use solana_pubkey::Pubkey;

/// Steps of a pass: about a tenth of a second.
const STEPS: usize = 1 << 26;
/// What a look at a device counts for, against a step of a search.
const LOOK: usize = 16;

/// Work that is left for a pass. Nobody pays for it, and orders that are never filled are refunded: dear ones are passed over, cheap ones
/// are still looked at.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(STEPS)
    }
}

impl Budget {
    fn spend(&mut self, steps: usize) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// Devices by the part that they serve. An order that waits is matched only as a whole, for devices are asked and paid only then; in a
/// running one every device is better than none.
pub(super) fn fill(
    snapshot: &Snapshot,
    shelf: &Shelf,
    order: &Order,
    may: impl Fn(&Pubkey) -> bool,
    budget: &mut Budget,
) -> Vec<(u8, Pubkey)> {
    let whole = order.state != state::ORDER_ACTIVE;
    let mut chosen = Vec::new();
    for (index, part) in order.parts.iter().enumerate() {
        let vacant = rules::vacant(part);
        if vacant == 0 {
            continue;
        }
        let place = Place {
            snapshot,
            shelf,
            order,
            index,
            part,
        };
        let (devices, filled) = place.fill(&may, budget).unwrap_or_default();
        if whole && filled < vacant {
            return Vec::new();
        }
        let index = u8::try_from(index).unwrap_or(u8::MAX);
        chosen.extend(devices.into_iter().map(|device| (index, device)));
    }
    chosen
}

/// A part of an order, and what there is for it.
struct Place<'a> {
    snapshot: &'a Snapshot,
    shelf: &'a Shelf<'a>,
    order: &'a Order,
    index: usize,
    part: &'a Part,
}

impl Place<'_> {
    /// The best devices and the GPUs that they have; `None` where there are too few, or it is too much work.
    fn fill(
        &self,
        may: impl Fn(&Pubkey) -> bool,
        budget: &mut Budget,
    ) -> Option<(Vec<Pubkey>, u32)> {
        let vacant = rules::vacant(self.part);
        let there = rules::classes(self.order, self.index).map(|class| self.shelf.gpus(class));
        let enough = there.fold(0, u64::saturating_add) >= u64::from(vacant);
        if !enough && self.order.state != state::ORDER_ACTIVE {
            return None;
        }
        let ranked = self.ranked(may, budget)?;
        let room = usize::try_from(vacant).ok()?.saturating_add(1);
        let search = reaches(&ranked, vacant) != vacant;
        if search && !budget.spend(ranked.len().saturating_mul(room)) {
            return None;
        }
        let mut room = vec![0; room];
        let mut chosen = Vec::new();
        let filled = choose(&ranked, vacant, &mut room, |place| {
            let device = ranked.get(place).map(|candidate| candidate.device);
            chosen.extend(device.map(Pubkey::new_from_array));
        });
        Some((chosen, filled.ok()?))
    }

    /// Devices that meet every constraint, best first.
    fn ranked(&self, may: impl Fn(&Pubkey) -> bool, budget: &mut Budget) -> Option<Vec<Candidate>> {
        let [booked, ..] = &self.order.rates;
        let part_usd6 = rules::usd6(booked, self.index);
        let wanted = self.wanted(part_usd6);
        let mut scored = Vec::new();
        for class_id in rules::classes(self.order, self.index) {
            let Some(quote_usd6) = self.quote(class_id, part_usd6) else {
                continue;
            };
            for stock in self.shelf.class(class_id) {
                if !budget.spend(LOOK) {
                    return None;
                }
                let candidate = self.candidate(stock, part_usd6, quote_usd6);
                let candidate = candidate.filter(|_| may(&stock.address));
                let with_score = candidate.and_then(|one| Some((score(&wanted, &one)?, one)));
                scored.extend(with_score);
            }
        }
        scored.sort_unstable_by(|a, b| compare((Some(a.0), &a.1), (Some(b.0), &b.1)));
        Some(scored.into_iter().map(|(_, one)| one).collect())
    }

    fn wanted(&self, max_price_usd6: u64) -> Wanted {
        Wanted {
            gpus: rules::vacant(self.part),
            per_machine: self.part.per_machine.into(),
            max_price_usd6,
            min_tier: self.order.min_tier,
            min_reputation_bps: self.order.min_reputation_bps,
            // Who names several countries names the best first.
            preferred_country: rules::countries(self.order).next(),
            kind: Kind::try_from(self.order.kind).unwrap_or_default(),
        }
    }

    /// What a class is paid at most: the part's own price in the one that was quoted, the class's own quote of now in an alternative,
    /// where that is not above it.
    fn quote(&self, class_id: u16, part_usd6: u64) -> Option<u64> {
        if class_id == self.part.class_id {
            return Some(part_usd6);
        }
        let mut classes = self.snapshot.classes.values();
        let class = classes.find(|class| class.id == class_id)?;
        let book = self.snapshot.market.books.get(&class_id)?;
        let price = rules::quote(book, class, self.order, self.snapshot.time.now)?;
        (price <= part_usd6).then_some(price)
    }

    /// Whether so many GPUs alone make the waiting order whole, and it is no smaller than the one that holds them.
    fn completes(&self, gpus: u32, held: u32) -> bool {
        let last = gpus == rules::missing(self.order);
        self.order.state == state::ORDER_OPEN && last && rules::gpus(self.order) >= held
    }

    /// The device as a candidate, if it meets what `match_device` checks beyond tier, reputation, size and price.
    fn candidate(&self, stock: &Stock, part_usd6: u64, quote_usd6: u64) -> Option<Candidate> {
        let (order, now) = (self.order, self.snapshot.time.now);
        let (device, place) = (&stock.view.device, stock.place);
        let gpus = stock.gpus();
        let suits = rules::takes(place, order.currency)
            && self.snapshot.market.pays(&device.owner, &order.mint)
            && rules::allows(order, device.country)
            && rules::takes_owner(order, &device.owner)
            && rules::runs_on(order, device.platform)
            && (order.secure_only == 0 || device.secure == 1)
            // Others of the order would have to come first, and nobody says in which turn transactions land.
            && stock.held.is_none_or(|held| self.completes(gpus, held));
        let credit = self.snapshot.market.credit.as_ref();
        let line = credit.map(|credit| &credit.line);
        let price_usd6 =
            rules::pay_usd6(order, self.index, part_usd6, quote_usd6, place, line, now)?;
        let idle = now.saturating_sub(place.idle_since_ts);
        suits.then(|| Candidate {
            device: stock.address.to_bytes(),
            gpus,
            price_usd6,
            tier: rules::tier_at(device, now),
            country: device.country,
            reputation_bps: rules::reputation(place),
            idle_secs: u64::try_from(idle).unwrap_or(0),
        })
    }
}
