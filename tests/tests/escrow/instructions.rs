//! The instruction of each action, and who signs it.

use iog_client::market::instructions::{MatchDevice, ReportTimeout, ResolveByRule, SetResolver};
use iog_client::market::OrderArgs;
use iog_tests::reference::{NewOrder, CREDIT};
use iog_tests::world::{order_args, PubkeyOf, CURRENCIES};
use iog_tests::Supplier;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::action::Action;
use super::machine::Machine;
use super::stage::CLASSES;

type Signed = (Instruction, Option<Keypair>);

impl Machine {
    /// Posts the price of IO where the instruction reads it.
    pub fn instruction(&mut self, action: Action) -> Signed {
        if let Action::Create(_) | Action::Extend(..) | Action::Claim(..) = action {
            self.world
                .post_price(i64::try_from(self.model.usd8).unwrap());
        }
        match action {
            Action::Create(new) => self.create(new),
            Action::Extend(id, hours, short) => self.extend(id, hours, short),
            Action::EndEarly(id)
            | Action::Cancel(id)
            | Action::Expire(id)
            | Action::Refund(id)
            | Action::CloseOrder(id) => self.of_order(action, id),
            Action::Match(id, d)
            | Action::Accept(id, d)
            | Action::Skip(id, d)
            | Action::Settle(id, d)
            | Action::CloseLease(id, d) => self.of_lease(action, id, d),
            Action::Timeout(id, d)
            | Action::Leave(id, d)
            | Action::Dispute(id, d)
            | Action::Resolve(id, d, _)
            | Action::Rule(id, d) => self.of_quarrel(action, id, d),
            _ => self.of_owner(action),
        }
    }

    fn renter_of(&self, id: u64) -> Option<Keypair> {
        let renter = &self.renters[self.model.orders[&id].renter];
        Some(renter.wallet.insecure_clone())
    }

    fn create(&self, new: NewOrder) -> Signed {
        let rate = self.model.rate(new.class, new.currency);
        let (rent, fees) = self.model.cost(&rate, new.currency, new.gpus, new.hours);
        let other = if new.either {
            CLASSES[1 - new.class]
        } else {
            0
        };
        let class = CLASSES[new.class];
        let args = OrderArgs {
            max_total: rent + fees - u64::from(new.short),
            class_ids: [class, other, 0, 0],
            ..order_args(self.model.next_id, new.gpus, new.hours)
        };
        let renter = &self.renters[new.renter];
        let currency = CURRENCIES[new.currency];
        let create = self.world.book_ix(currency, renter, class, args);
        (create, Some(renter.wallet.insecure_clone()))
    }

    fn extend(&self, id: u64, hours: u32, short: bool) -> Signed {
        let order = &self.model.orders[&id];
        let rate = self.model.rate(order.class, order.currency);
        let (rent, fees) = self.model.cost(&rate, order.currency, order.gpus, hours);
        let limit = rent + fees - u64::from(short);
        let (world, address) = (&self.world, self.order(id));
        let extend = if order.currency == CREDIT {
            world.extend_credit_ix(&address, hours, limit).instruction()
        } else {
            world.extend_ix(&address, hours, limit).instruction()
        };
        (extend, self.renter_of(id))
    }

    fn of_order(&self, action: Action, id: u64) -> Signed {
        let (world, order) = (&self.world, self.order(id));
        match action {
            Action::EndEarly(_) => (world.end_early_ix(&order).instruction(), self.renter_of(id)),
            Action::Cancel(_) => (world.cancel_ix(&order).instruction(), self.renter_of(id)),
            Action::Expire(_) => (world.expire_ix(&order).instruction(), None),
            Action::Refund(_) => (world.refund_ix(&order), None),
            _ => (world.close_order_ix(&order).instruction(), None),
        }
    }

    fn of_lease(&self, action: Action, id: u64, d: usize) -> Signed {
        let (world, order, supplier) = (&self.world, self.order(id), &self.suppliers[d]);
        match action {
            Action::Match(..) => {
                let matching = MatchDevice {
                    keeper: self.keeper.pubkey_of(),
                    ..world.match_ix(&order, supplier)
                };
                (matching.instruction(), Some(self.keeper.insecure_clone()))
            }
            Action::Accept(..) => {
                let key = supplier.device_key.insecure_clone();
                (world.accept_ix(&order, supplier).instruction(), Some(key))
            }
            Action::Settle(..) => (world.settle_lease_ix(&order, supplier).instruction(), None),
            Action::Skip(..) => (world.skip_ix(&order, supplier).instruction(), None),
            _ => (world.close_lease_ix(&order, supplier).instruction(), None),
        }
    }

    fn of_quarrel(&self, action: Action, id: u64, d: usize) -> Signed {
        let (world, order, supplier) = (&self.world, self.order(id), &self.suppliers[d]);
        let anyone = (self.keeper.pubkey_of(), Some(self.keeper.insecure_clone()));
        match action {
            Action::Timeout(..) => {
                let report = ReportTimeout {
                    signer: anyone.0,
                    ..world.timeout_ix(&order, supplier)
                };
                (report.instruction(), anyone.1)
            }
            Action::Leave(..) => {
                let leave = world.leave_lease_ix(&order, supplier);
                (leave.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::Dispute(..) => {
                let open = world.dispute_ix(&order, supplier);
                (open.instruction(), self.renter_of(id))
            }
            Action::Resolve(_, _, to_supplier) => {
                let resolve = world.resolve_dispute_ix(&order, supplier, to_supplier);
                let resolver = world.resolver.insecure_clone();
                (resolve.instruction(), Some(resolver))
            }
            _ => {
                let rule = ResolveByRule {
                    signer: anyone.0,
                    ..world.resolve_by_rule_ix(&order, supplier)
                };
                (rule.instruction(), anyone.1)
            }
        }
    }

    /// A device of this owner.
    fn supplier_of(&self, owner: usize) -> &Supplier {
        let mut devices = self.model.devices.iter();
        let device = devices.position(|device| device.owner == owner);
        &self.suppliers[device.expect("every owner has a device")]
    }

    /// Listings, payments and credit.
    fn of_owner(&self, action: Action) -> Signed {
        let world = &self.world;
        match action {
            Action::List(d, floor) => {
                let supplier = &self.suppliers[d];
                let list = world.list_device_ix(supplier, floor).instruction();
                (list, Some(supplier.owner.insecure_clone()))
            }
            Action::Delist(d, stranger) => {
                let supplier = &self.suppliers[d];
                let signer = if stranger {
                    &self.keeper
                } else {
                    &supplier.owner
                };
                let delist = world.delist_device_ix(&signer.pubkey_of(), supplier);
                (delist.instruction(), Some(signer.insecure_clone()))
            }
            Action::Withdraw(owner, currency) => {
                let supplier = self.supplier_of(owner);
                let withdraw = world.withdraw_earnings_ix(supplier, CURRENCIES[currency]);
                (withdraw.instruction(), None)
            }
            Action::Collect(currency) => {
                let collect = world.collect_fees_ix(CURRENCIES[currency]);
                (collect.instruction(), None)
            }
            Action::SettleCredit => (world.settle_credit_ix().instruction(), None),
            Action::Claim(owner, greedy) => {
                let supplier = self.supplier_of(owner);
                let io = self
                    .model
                    .io_for_credit(self.model.owners[owner].due[CREDIT]);
                let claim = world.claim_credit_ix(supplier, io + u64::from(greedy));
                (claim.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::Fund(most) => (world.fund_credit_ix(most).instruction(), None),
            Action::FundFromTreasury(most) => {
                (world.fund_from_treasury_ix(most).instruction(), None)
            }
            Action::PayCredit(owner) => {
                let pay = world.pay_credit_ix(self.supplier_of(owner));
                (pay.instruction(), None)
            }
            Action::Resolver(there) => (self.set_resolver(there), None),
            _ => unreachable!("{action:?} is no instruction of the market"),
        }
    }

    fn set_resolver(&self, there: bool) -> Instruction {
        let resolver = if there {
            self.world.resolver.pubkey_of()
        } else {
            Pubkey::default()
        };
        let set = SetResolver {
            authority: self.world.authority.pubkey_of(),
            resolver,
        };
        set.instruction()
    }
}
