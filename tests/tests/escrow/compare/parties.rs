//! What renters and owners hold, are owed, and are known for.

use iog_client::market::accounts::{Earnings, RenterStats};
use iog_client::pda;
use iog_tests::reference::CREDIT;
use iog_tests::world::{ata, CURRENCIES};

use crate::action::Action;
use crate::machine::Machine;

pub fn all(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    for (index, (party, renter)) in machine.renters.iter().zip(&model.renters).enumerate() {
        let tokens = CURRENCIES.map(|currency| world.balance(&party.token_of(currency)));
        assert_eq!(tokens, renter.tokens, "renter after {action:?}");
        let stats = world.read::<RenterStats>(&party.stats);
        let got = [
            stats.orders,
            stats.gpu_minutes,
            stats.spent_usd6,
            stats.points_e6,
            stats.disputes,
            stats.open_orders,
        ];
        let expected = [
            renter.orders,
            renter.gpu_minutes,
            renter.spent_usd6,
            renter.points_e6,
            renter.disputes,
            model.open_orders(index) as u64,
        ];
        assert_eq!(got, expected, "statistics after {action:?}");
    }
    for owner in 0..machine.owners.len() {
        of_owner(machine, owner, action);
    }
}

fn of_owner(machine: &Machine, index: usize, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let (wallet, owner) = (&machine.owners[index], &model.owners[index]);
    for (currency, name) in CURRENCIES.into_iter().enumerate() {
        let mint = world.mint_of(name);
        if currency != CREDIT {
            let tokens = world.balance(&ata(wallet, &mint));
            assert_eq!(tokens, owner.tokens[currency], "owner after {action:?}");
        }
        let account = world.read::<Earnings>(&pda::market::earnings(&mint, wallet));
        let got = [
            account.due_units,
            account.withdrawn_units,
            account.leases,
            account.claim_start_units,
            account.claim_units,
            account.claim_paid_units,
        ];
        let (start, claim, paid) = match currency {
            CREDIT => owner.claim,
            _ => (0, 0, 0),
        };
        let leases = model.paying_leases(index, currency) as u64;
        let expected = [
            owner.due[currency],
            owner.withdrawn[currency],
            leases,
            start,
            claim,
            paid,
        ];
        assert_eq!(got, expected, "earnings after {action:?}");
    }
}
