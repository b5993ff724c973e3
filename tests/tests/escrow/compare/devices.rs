//! Devices in the market, and the counters of their classes.

use iog_client::market::accounts::{Occupancy, PriceBook};
use iog_client::pda;
use iog_tests::reference::orders;
use solana_pubkey::Pubkey;

use crate::action::Action;
use crate::machine::Machine;
use crate::stage::CLASSES;

/// A device's place in the market, and that it is in one lease at most.
pub fn all(machine: &Machine, action: Action) {
    for (device, (supplier, one)) in machine
        .suppliers
        .iter()
        .zip(&machine.model.devices)
        .enumerate()
    {
        let Some(_) = machine.world.find(&supplier.occupancy) else {
            assert!(!one.listed && one.order.is_none(), "{action:?}");
            continue;
        };
        let account = machine.world.read::<Occupancy>(&supplier.occupancy);
        let lease = one.order.map_or(Pubkey::default(), |id| {
            pda::market::lease(&machine.order(id), &supplier.device)
        });
        assert_eq!(account.lease, lease, "device {device} after {action:?}");
        let got = [
            account.hours_served,
            account.hours_missed,
            account.leases,
            account.skipped,
            account.timeouts,
            account.disputes_lost,
            account.floor_usd6,
            u64::from(account.listed_gpus),
            u64::from(account.hired_gpus),
        ];
        let gpus = u64::from(one.gpus);
        let expected = [
            one.served,
            one.missed,
            one.leases,
            one.skipped,
            one.timeouts,
            one.lost,
            one.floor,
            if one.listed { gpus } else { 0 },
            if one.hired { gpus } else { 0 },
        ];
        assert_eq!(got, expected, "device {device} after {action:?}");
        if one.idle_since != 0 {
            assert_eq!(
                account.idle_since_ts, one.idle_since,
                "device {device} after {action:?}"
            );
        }
        let running = machine.model.orders.values().filter(|order| {
            let lease = order.leases.get(&device);
            lease.is_some_and(|lease| lease.state < 2)
        });
        let most = usize::from(one.order.is_some());
        let expired = running
            .clone()
            .filter(|order| order.state == orders::EXPIRED)
            .count();
        assert!(
            running.count() - expired <= most,
            "device {device} is in two leases after {action:?}"
        );
    }
}

/// The counters of a class are those of its devices.
pub fn price_books(machine: &Machine, action: Action) {
    for (class, id) in CLASSES.iter().enumerate() {
        let book = machine
            .world
            .read::<PriceBook>(&pda::market::price_book(*id));
        let suppliers = machine
            .suppliers
            .iter()
            .filter(|supplier| supplier.class_id == *id);
        let (mut online, mut hired) = (0, 0);
        for supplier in suppliers {
            if machine.world.find(&supplier.occupancy).is_some() {
                let occupancy = machine.world.read::<Occupancy>(&supplier.occupancy);
                online += u64::from(occupancy.listed_gpus);
                if occupancy.listed_gpus > 0 {
                    hired += u64::from(occupancy.hired_gpus);
                }
            }
        }
        let got = (book.online_gpus, book.hired_gpus);
        assert_eq!(got, (online, hired), "class {class} after {action:?}");
    }
}
