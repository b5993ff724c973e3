use super::*;
use crate::market::blank;

const NOW: i64 = 500 * 3_600;

/// One that no lease pays more.
pub fn capped(mut device: Listed, cap_usd6: u64) -> Listed {
    (device.place.cap_usd6, device.place.cap_until_ts) = (cap_usd6, NOW + 1);
    device
}

/// A device of class 1 with so many GPUs, idle for so many hours.
pub fn listed(name: u8, class: u16, gpus: u32, idle_hours: i64) -> Listed {
    let address = Pubkey::new_from_array([name; 32]);
    let (mut device, mut place): (Device, Occupancy) = (blank(), blank());
    (device.quantity, device.class_id) = (gpus, class);
    (device.last_sign_ts, device.country) = (NOW, *b"DE");
    (place.device, place.class_id) = (address, class);
    (place.listed_gpus, place.currencies) = (gpus, 0b111);
    place.idle_since_ts = NOW - idle_hours * 3_600;
    let mut stake: DeviceStake = blank();
    stake.amount_units = u64::MAX;
    Listed {
        address,
        device,
        place,
        stake: Some(stake),
        earns: true,
        hired: false,
        held: None,
    }
}

pub fn stock(listed: Vec<Listed>) -> Stock {
    let classes = [1, 2].map(|id| {
        let mut class: HardwareClass = blank();
        (class.id, class.base_price_usd6, class.enabled) = (id, 500_000, 1);
        let mut book: PriceBook = blank();
        (book.class_id, book.kink_bps, book.peak_bps) = (id, 10_000, 10_000);
        book.tier_bps = [10_000; 5];
        (id, (class, book))
    });
    Stock {
        cover_bps: Some(10_000),
        listed,
        classes: BTreeMap::from(classes),
        at: Moment {
            now: NOW,
            epoch: 40,
        },
    }
}

/// An open order of `(class, GPUs)` at 0.50 USD each.
pub fn order(parts: &[(u16, u32)]) -> Order {
    let mut order: Order = blank();
    order.rate_count = 1;
    for (place, (class, gpus)) in parts.iter().enumerate() {
        (order.parts[place].class_id, order.parts[place].gpus) = (*class, *gpus);
        order.rates[0].price_usd6[place] = 500_000;
    }
    order
}

fn names(choice: &Choice) -> Vec<(u8, u8)> {
    let chosen = choice.chosen.iter();
    chosen
        .map(|(part, device)| (*part, device.address.to_bytes()[0]))
        .collect()
}

#[test]
fn each_part_gets_devices_of_its_own_classes() {
    let stock = stock(vec![
        listed(1, 1, 2, 1),
        listed(2, 1, 2, 5),
        listed(3, 2, 4, 1),
    ]);
    let wanted = order(&[(1, 2), (2, 4)]);
    let choice = stock.choose(&wanted, &BTreeSet::new()).unwrap();
    // Of two equal ones the one that has waited longer.
    assert_eq!((names(&choice), choice.missing), (vec![(0, 2), (1, 3)], 0));
    // The chain refused it: the other one.
    let refused = BTreeSet::from([Pubkey::new_from_array([2; 32])]);
    let choice = stock.choose(&wanted, &refused).unwrap();
    assert_eq!(names(&choice), [(0, 1), (1, 3)]);
}

#[test]
fn an_order_that_waits_is_matched_whole_or_not_at_all() {
    let stock = stock(vec![listed(1, 1, 2, 1), listed(2, 1, 2, 1)]);
    let mut wanted = order(&[(1, 6)]);
    let choice = stock.choose(&wanted, &BTreeSet::new()).unwrap();
    assert_eq!((choice.chosen.len(), choice.missing), (0, 2));
    // In a running one every device is better than none.
    wanted.state = ACTIVE;
    let choice = stock.choose(&wanted, &BTreeSet::new()).unwrap();
    assert_eq!((choice.chosen.len(), choice.missing), (2, 2));
}

#[test]
fn alternatives_serve_for_the_part_before_them() {
    let stock = stock(vec![listed(1, 2, 1, 1)]);
    let wanted = order(&[(1, 1), (2, 0)]);
    let choice = stock.choose(&wanted, &BTreeSet::new()).unwrap();
    assert_eq!(names(&choice), [(0, 1)]);
}

#[test]
fn machines_have_the_size_that_was_asked_for_and_reasons_are_counted() {
    let mut hired = listed(3, 1, 2, 1);
    hired.hired = true;
    let stock = stock(vec![listed(1, 1, 1, 1), listed(2, 1, 2, 1), hired]);
    let mut wanted = order(&[(1, 2)]);
    wanted.parts[0].per_machine = 2;
    let choice = stock.choose(&wanted, &BTreeSet::new()).unwrap();
    assert_eq!(names(&choice), [(0, 2)]);
    let reasons = BTreeMap::from([("in a lease", 1), ("of another size", 1)]);
    assert_eq!(choice.unfit, reasons);
}
