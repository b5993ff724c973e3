//! What the market asks of a device before it is matched (`match_device.rs` and `state/occupancy.rs` of the program, which decides).

use super::{
    cover::covered,
    order,
    quote::{price_booked, Wanted},
};
use crate::nouns::{
    device::life,
    stake::rules::{counted, minimum},
};
use iog_client::{
    market::accounts::{Occupancy, Order, PriceBook},
    registry::accounts::{Device, HardwareClass},
    staking::accounts::DeviceStake,
};
use iog_math::{
    reputation::{reputation_bps, Record},
    units::mul_div_floor,
};
use solana_pubkey::Pubkey;

/// A device whose proof is too old may still be matched for this long after a lease that it served, with a pass no older than that many
/// hours (`AFTER_LEASE_SECS`, `AFTER_LEASE_PROOF_HOURS` of the program's constants.rs).
const AFTER_LEASE_SECS: i64 = 7_200;
const AFTER_LEASE_PROOF_HOURS: u64 = 24;
/// A device with this many failed proofs in the last 12 hours is not matched.
const MAX_FAILURES: u32 = 4;
const FAILURE_WINDOW_HOURS: u32 = 12;
/// Bytes by which an order remembers whom it does not take again.
const BAR: usize = 8;

/// Everything that is looked at.
pub struct View<'a> {
    pub address: &'a Pubkey,
    pub device: &'a Device,
    pub place: &'a Occupancy,
    pub class: &'a HardwareClass,
    pub book: &'a PriceBook,
    pub stake: Option<&'a DeviceStake>,
    /// Its owner has opened earnings of the order's currency.
    pub earns: bool,
}

/// When it is matched, as the network counts hours, too.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: i64,
    pub epoch: u64,
}

/// The one function that counts GPUs of a device, as in the registry.
pub fn cards(device: &Device) -> u32 {
    device.quantity
}

/// What the device's record is worth, by the program's own arithmetic.
pub fn reputation(place: &Occupancy) -> u16 {
    reputation_bps(&Record {
        slots_served: place.slots_served,
        slots_missed: place.slots_missed,
        skipped: place.skipped,
        timeouts: place.timeouts,
        disputes_lost: place.disputes_lost,
    })
}

/// The most that a lease pays it: no more than one that it left before the end that it had agreed to.
pub fn pay_cap(place: &Occupancy, now: i64) -> Option<u64> {
    (now < place.cap_until_ts).then_some(place.cap_usd6)
}

fn takes(place: &Occupancy, currency: u8) -> bool {
    let bit = 1u8.checked_shl(u32::from(currency)).unwrap_or(0);
    place.currencies & bit != 0
}

fn allows(order: &Order, country: [u8; 2]) -> bool {
    let mut named = order.countries.iter().filter(|entry| **entry != [0; 2]);
    let mut any = false;
    let found = named.any(|entry| {
        any = true;
        *entry == country
    });
    found || !any
}

fn is_barred(order: &Order, device: &Pubkey) -> bool {
    let first = device.as_ref().first_chunk::<BAR>();
    first.is_some_and(|first| order.bars.contains(first))
}

pub fn is_staked(
    device: &Device,
    class: &HardwareClass,
    held: Option<&DeviceStake>,
    now: i64,
) -> bool {
    held.zip(minimum(device, class).ok())
        .is_some_and(|(held, minimum)| counted(held, now) >= minimum)
}

/// Why the device cannot be matched; `None` where it can.
pub fn unfit(order: &Order, view: &View, at: Moment) -> Option<&'static str> {
    let (device, place) = (view.device, view.place);
    let conditions = [
        (place.listed_gpus > 0, "not listed"),
        (device.state == 0, "not active"),
        (at.now >= place.resting_until_ts, "rests"),
        (
            takes(place, order.currency) && view.earns,
            "does not take the currency",
        ),
        (!is_barred(order, view.address), "barred by the order"),
        (allows(order, device.country), "in another country"),
        (
            order.owner == Pubkey::default() || order.owner == device.owner,
            "of another owner",
        ),
        (
            life::tier_at(device, at.now) >= order.min_tier,
            "below the tier",
        ),
        (
            order.secure_only == 0 || device.secure == 1,
            "not attested secure",
        ),
        (
            order.platform == 0 || device.platform == order.platform,
            "on another platform",
        ),
        (
            order.min_reputation_bps == 0 || reputation(place) >= order.min_reputation_bps,
            "below the reputation",
        ),
        (
            is_staked(device, view.class, view.stake, at.now),
            "not staked",
        ),
        (
            life::sign_in_last_hours(device, at.now),
            "without a sign of life",
        ),
        (is_proved(view, at), "without a proof of work"),
    ];
    let missing = conditions.into_iter().find(|(met, _)| !met);
    missing.map(|(_, why)| why)
}

fn is_proved(view: &View, at: Moment) -> bool {
    let (device, class) = (view.device, view.class);
    if class.proof_valid_hours == 0 {
        return true;
    }
    let served = view.place.served_until_ts;
    let after_lease = at.now.saturating_sub(served) < AFTER_LEASE_SECS;
    let proved = life::proved_within(device, at.epoch, u64::from(class.proof_valid_hours))
        || (after_lease && life::proved_within(device, at.epoch, AFTER_LEASE_PROOF_HOURS));
    proved && life::failures(device, at.epoch, FAILURE_WINDOW_HOURS) < MAX_FAILURES
}

/// What a lease would pay the device for a GPU-hour, US dollars with 6 decimals; `None` where its class costs more than the part pays, or
/// its owner asks for more. `cover_bps` is what a dollar of the order's currency is worth to it, where that is known.
pub fn pay(order: &Order, part: u8, view: &View, cover_bps: Option<u64>, now: i64) -> Option<u64> {
    let [booked, ..] = order.rates;
    let part_usd6 = *booked.price_usd6.get(usize::from(part))?;
    let own_class = order.parts.get(usize::from(part))?.class_id;
    let cap = pay_cap(view.place, now).unwrap_or(u64::MAX);
    let mut pay = part_usd6;
    if view.class.id != own_class {
        let wanted = Wanted {
            hours: booked.booked_hours,
            min_tier: order.min_tier,
            countries: &order.countries,
        };
        let own = price_booked(view.class, view.book, &wanted, order.created_ts, now).ok()?;
        if own.0 > part_usd6 || view.class.enabled != 1 {
            return None;
        }
        pay = own.0;
    }
    let lowest = order::lowest_usd6(order, part, now);
    let lowest = mul_div_floor(lowest, pay, part_usd6.max(1)).ok()?;
    let floor = view.place.floor_usd6;
    // Who asks for nothing need not know.
    let enough = floor == 0 || covered(lowest.min(cap), cover_bps?)? >= floor;
    enough.then_some(pay.min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;
    use iog_math::units::HOUR;

    const AT: Moment = Moment {
        now: 500 * HOUR,
        epoch: 40,
    };

    struct World {
        order: Order,
        address: Pubkey,
        device: Device,
        place: Occupancy,
        class: HardwareClass,
        book: PriceBook,
        stake: DeviceStake,
    }

    /// A device that fits, and an order of its class at 0.76 USD.
    fn world() -> World {
        let mut world = World {
            order: blank(),
            address: Pubkey::new_from_array([5; 32]),
            device: blank(),
            place: blank(),
            class: blank(),
            book: blank(),
            stake: blank(),
        };
        (world.class.id, world.class.proof_valid_hours) = (1, 3);
        world.class.enabled = 1;
        (
            world.class.base_price_usd6,
            world.class.stake_multiplier_x100,
        ) = (760_000, 100);
        world.order.rates[0].price_usd6[0] = 760_000;
        (world.order.parts[0].class_id, world.order.parts[0].gpus) = (1, 1);
        world.order.rate_count = 1;
        (world.device.quantity, world.device.last_pass_epoch) = (1, 38);
        (world.device.last_sign_ts, world.device.country) = (AT.now - 60, *b"DE");
        (world.place.listed_gpus, world.place.currencies) = (1, 0b111);
        world.stake.amount_units = u64::MAX;
        world
    }

    fn view(world: &World) -> View<'_> {
        View {
            address: &world.address,
            device: &world.device,
            place: &world.place,
            class: &world.class,
            book: &world.book,
            stake: Some(&world.stake),
            earns: true,
        }
    }

    fn why(change: impl FnOnce(&mut World)) -> Option<&'static str> {
        let mut world = world();
        change(&mut world);
        unfit(&world.order, &view(&world), AT)
    }

    #[test]
    fn each_condition_is_told_by_name() {
        assert_eq!(why(|_| {}), None);
        assert_eq!(why(|w| w.place.listed_gpus = 0), Some("not listed"));
        assert_eq!(
            why(|w| w.place.resting_until_ts = AT.now + 1),
            Some("rests")
        );
        assert_eq!(
            why(|w| w.place.currencies = 0b110),
            Some("does not take the currency")
        );
        assert_eq!(
            why(|w| w.order.bars[3] = [5; 8]),
            Some("barred by the order")
        );
        assert_eq!(
            why(|w| w.order.countries[0] = *b"FR"),
            Some("in another country")
        );
        assert_eq!(why(|w| w.order.min_tier = 2), Some("below the tier"));
        assert_eq!(
            why(|w| w.device.last_sign_ts = AT.now - 2 * HOUR),
            Some("without a sign of life")
        );
        assert_eq!(why(|w| w.stake.amount_units = 0), Some("not staked"));
    }

    #[test]
    fn a_proof_is_good_for_the_classes_hours_and_longer_after_a_lease() {
        let late = |w: &mut World| w.device.last_pass_epoch = 36;
        assert_eq!(why(late), Some("without a proof of work"));
        assert_eq!(
            why(|w| {
                late(w);
                w.place.served_until_ts = AT.now - 7_199;
            }),
            None
        );
        assert_eq!(
            why(|w| {
                late(w);
                w.class.proof_valid_hours = 0;
            }),
            None
        );
        // Four failures in the last twelve hours
        assert_eq!(
            why(|w| (w.device.fail_bits, w.device.last_fail_epoch) = (0b1111, 40)),
            Some("without a proof of work")
        );
    }

    #[test]
    fn who_is_paid_what() {
        let mut world = world();
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            Some(760_000)
        );
        // The floor is a filter only.
        world.place.floor_usd6 = 760_001;
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            None
        );
        world.place.floor_usd6 = 500_000;
        (world.place.cap_usd6, world.place.cap_until_ts) = (600_000, AT.now + 1);
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            Some(600_000)
        );
        world.place.cap_until_ts = AT.now;
        // As an alternative: its own quote, where that is no more than the part pays.
        world.order.parts[0].class_id = 9;
        world.book.tier_bps = [10_000; 5];
        (world.book.peak_bps, world.book.kink_bps) = (10_000, 10_000);
        world.book.class_id = 1;
        world.class.base_price_usd6 = 700_000;
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            Some(700_000)
        );
        world.class.base_price_usd6 = 800_000;
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            None
        );
        (world.class.base_price_usd6, world.class.enabled) = (700_000, 0);
        assert_eq!(
            pay(&world.order, 0, &view(&world), Some(10_000), AT.now),
            None
        );
    }
}
