//! What renters do, and what anyone does to orders.

use iog_client::market::{OrderArgs, PartArgs};
use iog_tests::reference::{NewOrder, CREDIT};
use iog_tests::world::{order_args, with_classes, CURRENCIES};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::Signed;
use crate::action::Action;
use crate::machine::Machine;
use crate::stage::CLASSES;

impl Machine {
    fn renter_of(&self, id: u64) -> Keypair {
        let renter = &self.renters[self.model.orders[&id].renter];
        renter.wallet.insecure_clone()
    }

    pub fn create(&self, new: NewOrder) -> Signed {
        let parts = new.parts.map(|wish| PartArgs {
            class_id: wish.class.map_or(0, |class| CLASSES[class]),
            per_machine: u16::try_from(wish.per_machine).unwrap(),
            gpus: wish.gpus,
        });
        let mut countries = [[0; 2]; 8];
        countries[5] = new.country.unwrap_or_default();
        let args = OrderArgs {
            parts,
            max_total: self.model.limit_of(&new),
            min_tier: new.min_tier,
            min_reputation_bps: u16::try_from(new.min_reputation).unwrap(),
            secure_only: new.secure,
            owner: new
                .owner
                .map_or_else(Pubkey::default, |owner| self.owners[owner]),
            countries,
            ..order_args(self.model.next_id, 1, new.hours)
        };
        let renter = &self.renters[new.renter];
        let currency = CURRENCIES[new.currency];
        let create = self
            .world
            .book_ix(currency, renter, parts[0].class_id, args);
        (create, Some(renter.wallet.insecure_clone()))
    }

    pub fn extend(&self, id: u64, hours: u32, spare: u64, short: bool) -> Signed {
        let limit = self.model.limit_of_further(id, hours, spare, short);
        let order = &self.model.orders[&id];
        let further = order.parts[1..].iter().filter(|part| part.gpus > 0);
        let further: Vec<u16> = further
            .filter_map(|part| part.class)
            .map(|class| CLASSES[class])
            .collect();
        let (world, address) = (&self.world, self.order(id));
        let extend = if order.currency == CREDIT {
            world.extend_credit_ix(&address, hours, limit).instruction()
        } else {
            world.extend_ix(&address, hours, limit).instruction()
        };
        (with_classes(extend, &further), Some(self.renter_of(id)))
    }

    pub fn of_order(&self, action: Action, id: u64) -> Signed {
        let (world, order) = (&self.world, self.order(id));
        let renter = Some(self.renter_of(id));
        match action {
            Action::AddFunds(_, amount) if self.model.orders[&id].currency == CREDIT => {
                (world.credit_funds_ix(&order, amount).instruction(), renter)
            }
            Action::AddFunds(_, amount) => {
                (world.token_funds_ix(&order, amount).instruction(), renter)
            }
            Action::Reduce(_, part, gpus) => {
                let part = u8::try_from(part).unwrap();
                (world.reduce_ix(&order, part, gpus).instruction(), renter)
            }
            Action::EndEarly(_) => (world.end_early_ix(&order).instruction(), renter),
            Action::Cancel(_) => (world.cancel_ix(&order).instruction(), renter),
            Action::PriceAnew(_) => (world.price_anew_ix(&order).instruction(), None),
            Action::Expire(_) => (world.expire_ix(&order).instruction(), None),
            Action::Refund(_) => (world.refund_ix(&order), None),
            _ => (world.close_order_ix(&order).instruction(), None),
        }
    }
}
