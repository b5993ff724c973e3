//! Devices in the market, and the counters of their classes.

use iog_client::market::accounts::{Occupancy, PriceBook};
use iog_client::pda;
use iog_tests::reference::{orders, Device};
use solana_pubkey::Pubkey;

use crate::action::Action;
use crate::machine::Machine;
use crate::stage::CLASSES;

/// A device's place in the market, and that it is in one lease at most.
pub fn all(machine: &Machine, action: Action) {
    let devices = machine.suppliers.iter().zip(&machine.model.devices);
    for (device, (supplier, one)) in devices.enumerate() {
        if machine.world.find(&supplier.occupancy).is_none() {
            assert!(!one.listed && one.order.is_none(), "{action:?}");
            continue;
        }
        let account = machine.world.read::<Occupancy>(&supplier.occupancy);
        let lease = one.order.map_or(Pubkey::default(), |id| {
            pda::market::lease(&machine.order(id), &supplier.device)
        });
        assert_eq!(account.lease, lease, "device {device} after {action:?}");
        let open = machine.model.accepted_leases(|_, other| other == device);
        assert_eq!(
            account.open_leases as usize, open,
            "device {device} after {action:?}"
        );
        record(&account, one, action);
        place(&account, one, action);
        let leases = machine.model.orders.values().filter(|order| {
            let lease = order.leases.get(&device);
            let busy = lease.is_some_and(|lease| lease.state < 2 && lease.ends == 0);
            busy && order.state != orders::EXPIRED
        });
        let running = leases.filter(|order| order.started == 0 || machine.model.now < order.end);
        assert!(
            running.count() <= usize::from(one.order.is_some()),
            "device {device} is in two leases after {action:?}"
        );
    }
}

fn record(account: &Occupancy, one: &Device, action: Action) {
    let got = [
        account.slots_served,
        account.slots_missed,
        account.leases,
        account.skipped,
        account.declined,
        account.timeouts,
        account.disputes_lost,
        account.declines.into(),
    ];
    let expected = [
        one.served,
        one.missed,
        one.leases,
        one.skipped,
        one.declined,
        one.timeouts,
        one.lost,
        one.declines.1.into(),
    ];
    assert_eq!(got, expected, "record after {action:?}");
}

fn place(account: &Occupancy, one: &Device, action: Action) {
    let got = (
        (account.floor_usd6, account.currencies, account.listed_gpus),
        (account.hireable == 1, account.hired_gpus > 0),
        account.online_gpus,
        (account.cap_usd6, account.cap_until_ts),
        [
            account.idle_since_ts,
            account.served_until_ts,
            account.resting_until_ts,
        ],
    );
    let listed = if one.listed { one.gpus } else { 0 };
    let (online, _) = one.counted();
    let expected = (
        (one.floor, one.currencies, listed),
        (one.cheap, one.serving),
        u32::try_from(online).unwrap(),
        one.cap,
        [one.idle_since, one.served_until, one.resting],
    );
    assert_eq!(got, expected, "device after {action:?}");
}

/// The counters of a class are those of its devices, and the utilisation follows them.
pub fn price_books(machine: &Machine, action: Action) {
    for (index, id) in CLASSES.iter().enumerate() {
        let class = &machine.model.classes[index];
        let book = machine
            .world
            .read::<PriceBook>(&pda::market::price_book(*id));
        let devices = machine.model.devices.iter();
        let devices = devices.filter(|device| device.class == index);
        let counted = devices.fold((0, 0), |(online, hired), device| {
            let (more_online, more_hired) = device.counted();
            (online + more_online, hired + more_hired)
        });
        let got = (book.online_gpus, book.hired_gpus);
        assert_eq!(got, counted, "class {index} after {action:?}");
        assert_eq!(
            got,
            (class.online, class.hired),
            "class {index} after {action:?}"
        );
        let got = (u64::from(book.utilisation_bps), book.moved_ts);
        let expected = (class.utilisation, class.moved);
        assert_eq!(got, expected, "utilisation of {index} after {action:?}");
    }
}
