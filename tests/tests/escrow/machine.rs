//! The program and the reference side by side: one action, two outcomes, every balance and book compared.

use std::collections::BTreeMap;

use iog_client::market::instructions::OpenRenter;
use iog_client::pda;
use iog_tests::reference::{Model, Step, Verdict};
use iog_tests::world::{PubkeyOf, Renter, CURRENCIES};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{action::Action, marks};

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub suppliers: Vec<Supplier>,
    /// Wallets of the owners.
    pub owners: Vec<Pubkey>,
    pub renters: Vec<Renter>,
    /// Matches, and pays the rent of those leases.
    pub keeper: Keypair,
    /// May become resolver after the first.
    pub second: Keypair,
    /// What steps did beside succeeding.
    pub marks: BTreeMap<String, u32>,
}

impl Machine {
    pub fn order(&self, id: u64) -> Pubkey {
        let renter = &self.renters[self.model.orders[&id].renter];
        pda::market::order(&renter.wallet.pubkey_of(), id)
    }

    pub fn resolver(&self, who: u8) -> Keypair {
        let resolver = if who == 1 {
            &self.world.resolver
        } else {
            &self.second
        };
        resolver.insecure_clone()
    }

    pub fn verdict(&self, verdict: &Verdict) -> Pubkey {
        let renter = &self.renters[verdict.renter].wallet.pubkey_of();
        let order = pda::market::order(renter, verdict.order);
        let device = self.suppliers[verdict.device].device;
        pda::market::verdict(&pda::market::lease(&order, &device))
    }

    /// Does it to both; panics unless they agree on success, code and every amount. Says what came of it.
    pub fn step(&mut self, action: Action) -> String {
        let name = format!("{action:?}");
        let end = name.find(['(', ' ']).unwrap_or(name.len());
        let outcome = match self.run(action) {
            Ok(()) => "ok".to_string(),
            Err(code) => code.to_string().replace(" of market", ""),
        };
        format!("{}: {outcome}", &name[..end])
    }

    fn run(&mut self, action: Action) -> Step {
        if self.set(action) {
            return Ok(());
        }
        let (instruction, signer) = self.instruction(action);
        let receipt = self.receipt(action);
        let before = self.model.clone();
        let expected = apply(&mut self.model, action);
        let mut bytes = None;
        if expected.is_err() {
            self.model = before;
            bytes = Some(self.bytes());
        } else {
            for mark in marks::of(&before, &self.model, action) {
                *self.marks.entry(mark.into()).or_default() += 1;
            }
        }
        let got = self.send(receipt.as_slice(), &instruction, signer.as_ref());
        assert_eq!(got, expected, "{action:?} at {}", self.model.now);
        if let Some(bytes) = bytes {
            assert!(
                bytes == self.bytes(),
                "{action:?} was refused and changed something"
            );
            return expected;
        }
        self.open_again(action);
        super::compare::all(self, action);
        expected
    }

    /// Sends an instruction, with the receipt that is checked before it.
    fn send(
        &mut self,
        before: &[Instruction],
        instruction: &Instruction,
        signer: Option<&Keypair>,
    ) -> Step {
        let payer = self.world.authority.insecure_clone();
        let signers: Vec<&Keypair> = [&payer].into_iter().chain(signer).collect();
        let all = [before, std::slice::from_ref(instruction)].concat();
        let outcome = self.world.send(&all, &signers);
        if let Err(failure) = &outcome {
            if std::env::var_os("MODEL_TRACE").is_some() {
                println!("{failure:?}");
            }
        }
        outcome.map(|_| ()).map_err(|failure| failure.code())
    }

    /// Whoever closed an account opens the next.
    fn open_again(&mut self, action: Action) {
        match action {
            Action::CloseRenter(index) => {
                let wallet = self.renters[index].wallet.insecure_clone();
                let open = OpenRenter {
                    payer: wallet.pubkey_of(),
                    ..self.world.open_renter_ix(&wallet.pubkey_of())
                };
                let payer = self.world.authority.insecure_clone();
                self.world.must(open.instruction(), &[&payer, &wallet]);
            }
            Action::CloseEarnings(owner, currency) => {
                let supplier = self.supplier_of(owner).clone();
                let open = self.world.open_earnings_ix(&supplier, CURRENCIES[currency]);
                let payer = self.world.authority.insecure_clone();
                self.world
                    .must(open.instruction(), &[&payer, &supplier.owner]);
            }
            _ => {}
        }
    }
}

/// What the reference says that an instruction does.
fn apply(model: &mut Model, action: Action) -> Step {
    match action {
        Action::List(d, floor, currencies) => model.list(d, floor, currencies),
        Action::Relist(d) => model.relist(d),
        Action::Delist(d, by) => model.delist(d, by),
        Action::Create(new) => {
            let id = model.next_id;
            model.next_id += 1;
            model.create(id, new)
        }
        Action::Extend(id, hours, spare, short) => model.extend(id, hours, spare, short),
        Action::AddFunds(id, amount) => model.add_funds(id, amount),
        Action::PriceAnew(id) => model.price_anew(id),
        Action::Reduce(id, part, gpus) => model.reduce(id, part, gpus),
        Action::EndEarly(id) => model.end_early(id),
        Action::Cancel(id) => model.cancel(id),
        Action::Expire(id) => model.expire(id),
        Action::Refund(id) => model.refund(id),
        Action::CloseOrder(id) => model.close_order(id),
        Action::CloseRenter(index) => model.close_renter(index),
        Action::CloseEarnings(owner, currency) => model.close_earnings(owner, currency),
        Action::CloseVerdict(index) => model.close_verdict(index),
        Action::Withdraw(owner, currency) => model.withdraw(owner, currency),
        Action::Collect(currency) => model.collect(currency),
        Action::SettleCredit => model.settle_credit(),
        Action::Claim(owner, greedy) => model.claim(owner, greedy),
        Action::Lie(owner, usd8) => model.claim_at(owner, usd8),
        Action::Fund(most) => model.fund(most),
        Action::FundFromTreasury(most) => model.fund_from_treasury(most),
        Action::PayCredit(owner) => model.pay_credit(owner),
        Action::UpdateCover => model.update_cover(),
        Action::ReleaseKept => model.release_kept(),
        Action::Resolver(who) => model.name_resolver(who),
        Action::ApplyResolver => model.apply_resolver(),
        _ => apply_to_lease(model, action),
    }
}

fn apply_to_lease(model: &mut Model, action: Action) -> Step {
    match action {
        Action::Match(wanted) => model.match_device(wanted),
        Action::Accept(id, d) => model.accept(id, d),
        Action::Decline(id, d, by) => model.decline(id, d, by),
        Action::Skip(id, d) => model.skip(id, d),
        Action::Settle(id, d) => model.settle(id, d),
        Action::Timeout(id, d) => model.time_out(id, d),
        Action::Leave(id, d, by) => model.leave(id, d, by),
        Action::Dispute(id, d) => model.dispute(id, d),
        Action::Resolve(id, d, to_supplier, disputed, who) => {
            model.resolve(id, d, to_supplier, disputed, who)
        }
        Action::Rule(id, d) => model.rule(id, d),
        Action::Answer(id, d, first, pattern) => model.answer(id, d, first, pattern),
        Action::CloseLease(id, d) => model.close_lease(id, d),
        _ => unreachable!("{action:?} is no instruction of the market"),
    }
}
