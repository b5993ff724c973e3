//! The program and the reference side by side: one action, two outcomes, every balance and book compared.

use iog_client::market::accounts::Config;
use iog_client::pda;
use iog_client::registry::accounts::{Device as DeviceAccount, HardwareClass};
use iog_tests::reference::{Model, Step};
use iog_tests::world::{ata, spl, PubkeyOf, Renter, CURRENCIES};
use iog_tests::{Supplier, World};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::action::Action;
use super::stage::CLASSES;

pub struct Machine {
    pub world: World,
    pub model: Model,
    pub suppliers: Vec<Supplier>,
    /// Wallets of the owners.
    pub owners: Vec<Pubkey>,
    pub renters: Vec<Renter>,
    /// Pays the rent of leases.
    pub keeper: Keypair,
}

impl Machine {
    pub fn order(&self, id: u64) -> Pubkey {
        let renter = &self.renters[self.model.orders[&id].renter];
        pda::market::order(&renter.wallet.pubkey_of(), id)
    }

    /// Does it to both; panics unless they agree on success, code and every amount. Says what came of it.
    pub fn step(&mut self, action: Action) -> String {
        let name = format!("{action:?}");
        let end = name.find(['(', ' ']).unwrap_or(name.len());
        let outcome = match self.run(action) {
            Ok(()) => "ok".to_string(),
            Err(code) => code.to_string().replace(" of market", ""),
        };
        super::compare::all(self, action);
        format!("{}: {outcome}", &name[..end])
    }

    fn run(&mut self, action: Action) -> Step {
        if self.set(action) {
            return Ok(());
        }
        let (instruction, signer) = self.instruction(action);
        let before = self.model.clone();
        let expected = apply(&mut self.model, action);
        let mut bytes = None;
        if expected.is_err() {
            self.model = before;
            bytes = Some(self.bytes());
        }
        let got = self.send(&instruction, signer.as_ref());
        assert_eq!(got, expected, "{action:?}");
        if let Some(bytes) = bytes {
            assert!(
                bytes == self.bytes(),
                "{action:?} was refused and changed something"
            );
        }
        expected
    }

    fn send(&mut self, instruction: &Instruction, signer: Option<&Keypair>) -> Step {
        let payer = self.world.authority.insecure_clone();
        let signers: Vec<&Keypair> = [&payer].into_iter().chain(signer).collect();
        let outcome = self.world.send(std::slice::from_ref(instruction), &signers);
        if let Err(failure) = &outcome {
            if std::env::var_os("MODEL_TRACE").is_some() {
                println!("{failure:?}");
            }
        }
        outcome.map(|_| ()).map_err(|failure| failure.code())
    }

    /// What is no instruction of the market: prices, parameters, the registry's word, time, gifts. True when it was such.
    fn set(&mut self, action: Action) -> bool {
        match action {
            Action::Warp(secs) => {
                self.model.now += secs;
                self.world.set_time(self.model.now);
            }
            Action::Price(usd8) => self.model.usd8 = usd8,
            Action::Base(class, usd6) => {
                self.model.base[class] = usd6;
                let class = pda::registry::class(CLASSES[class]);
                self.world
                    .edit::<HardwareClass>(&class, |class| class.base_price_usd6 = usd6);
            }
            Action::Window(secs) => {
                self.model.window = secs;
                let secs = secs.unsigned_abs();
                self.world.edit::<Config>(&pda::market::config(), |config| {
                    config.dispute_secs.value = secs;
                });
            }
            Action::Active(device, active) => {
                self.model.devices[device].active = active;
                let address = self.suppliers[device].device;
                self.world
                    .edit::<DeviceAccount>(&address, |device| device.state = u8::from(!active));
            }
            Action::Beat(device) if self.model.devices[device].active => {
                self.world.heartbeat(&self.suppliers[device]);
                self.model.devices[device]
                    .beats
                    .insert(self.model.now / 600);
            }
            Action::Beat(_) => {}
            Action::Donate(vault, amount) => self.donate(vault, amount),
            _ => return false,
        }
        true
    }

    fn donate(&mut self, vault: usize, amount: u64) {
        self.model.donated[vault] += amount;
        let (io, usd) = (self.world.io, self.world.usd);
        match vault {
            0 => self.world.donate(&pda::market::vault(&io), amount),
            1 => {
                let authority = self.world.authority.insecure_clone();
                let vault = pda::market::vault(&usd);
                let mint_to = spl::mint_to(&usd, &vault, &authority.pubkey_of(), amount);
                self.world.must(mint_to, &[&authority]);
            }
            _ => self.world.donate(&pda::market::credit_vault(), amount),
        }
    }

    /// Every account of the market and every token account, as they are.
    fn bytes(&self) -> Vec<Option<Account>> {
        let mut addresses = vec![pda::market::credit_line(), pda::market::credit_vault()];
        for currency in CURRENCIES {
            let mint = self.world.mint_of(currency);
            addresses.extend([pda::market::escrow(&mint), pda::market::vault(&mint)]);
            for owner in &self.owners {
                addresses.push(pda::market::earnings(&mint, owner));
            }
        }
        for owner in &self.owners {
            addresses.push(*owner);
            addresses.extend([self.world.io, self.world.usd].map(|mint| ata(owner, &mint)));
        }
        for renter in &self.renters {
            addresses.extend([renter.wallet.pubkey_of(), renter.stats]);
            addresses.extend(CURRENCIES.map(|currency| renter.token_of(currency)));
        }
        addresses.extend(CLASSES.map(pda::market::price_book));
        addresses.extend(self.suppliers.iter().map(|supplier| supplier.occupancy));
        for (id, order) in &self.model.orders {
            let address = self.order(*id);
            addresses.push(address);
            for device in order.leases.keys() {
                addresses.push(pda::market::lease(
                    &address,
                    &self.suppliers[*device].device,
                ));
            }
        }
        addresses
            .iter()
            .map(|address| self.world.find(address))
            .collect()
    }
}

/// What the reference says that an instruction does.
fn apply(model: &mut Model, action: Action) -> Step {
    match action {
        Action::List(d, floor) => model.list(d, floor),
        Action::Delist(d, stranger) => model.delist(d, stranger),
        Action::Create(new) => {
            let id = model.next_id;
            model.next_id += 1;
            model.create(id, new)
        }
        Action::Extend(id, hours, short) => model.extend(id, hours, short),
        Action::Match(id, d) => model.match_device(id, d),
        Action::Accept(id, d) => model.accept(id, d),
        Action::Skip(id, d) => model.skip(id, d),
        Action::Settle(id, d) => model.settle(id, d),
        Action::EndEarly(id) => model.end_early(id),
        Action::Cancel(id) => model.cancel(id),
        Action::Expire(id) => model.expire(id),
        Action::Timeout(id, d) => model.time_out(id, d),
        Action::Leave(id, d) => model.leave(id, d),
        Action::Dispute(id, d) => model.dispute(id, d),
        Action::Resolve(id, d, to_supplier) => model.resolve(id, d, to_supplier),
        Action::Rule(id, d) => model.rule(id, d),
        Action::CloseLease(id, d) => model.close_lease(id, d),
        Action::Refund(id) => model.refund(id),
        Action::CloseOrder(id) => model.close_order(id),
        Action::Withdraw(owner, currency) => model.withdraw(owner, currency),
        Action::Collect(currency) => model.collect(currency),
        Action::SettleCredit => model.settle_credit(),
        Action::Claim(owner, greedy) => model.claim(owner, greedy),
        Action::Fund(most) => model.fund(most),
        Action::FundFromTreasury(most) => model.fund_from_treasury(most),
        Action::PayCredit(owner) => model.pay_credit(owner),
        Action::Resolver(there) => {
            model.resolver = there;
            Ok(())
        }
        _ => unreachable!("{action:?} is no instruction of the market"),
    }
}
