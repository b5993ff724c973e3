//! What is no instruction of the market: time, prices, parameters, the registry's word, heartbeats, gifts; and everything that a refused
//! instruction must leave alone.

use iog_client::market::accounts::Config;
use iog_client::pda;
use iog_client::registry::accounts::{Device as DeviceAccount, HardwareClass};
use iog_tests::world::{ata, spl, PubkeyOf, CURRENCIES};
use solana_account::Account;

use super::action::Action;
use super::machine::Machine;
use super::stage::CLASSES;

impl Machine {
    /// True when it was such.
    pub fn set(&mut self, action: Action) -> bool {
        match action {
            Action::Warp(secs) if secs > 0 => self.world.advance(secs),
            Action::Warp(secs) | Action::Halt(secs) => {
                self.world.set_time(self.model.now + secs);
            }
            Action::Price(usd8) => self.model.usd8 = usd8,
            Action::Base(class, usd6) => {
                self.model.classes[class].base = usd6;
                self.edit_class(class, |class| class.base_price_usd6 = usd6);
            }
            Action::Offer(class, offered) => {
                self.model.classes[class].enabled = offered;
                self.edit_class(class, |class| class.enabled = u8::from(offered));
            }
            Action::Window(secs) => {
                self.model.window = secs;
                let secs = secs.unsigned_abs();
                self.world.edit::<Config>(&pda::market::config(), |config| {
                    config.dispute_secs.value = secs;
                });
            }
            Action::State(device, state) => {
                self.model.devices[device].state = state;
                self.edit_device(device, |device| device.state = state);
            }
            Action::Beat(device) if self.model.devices[device].state == 0 => {
                self.world.heartbeat(&self.suppliers[device]);
                let (now, slot) = (self.model.now, self.model.slot);
                self.model.devices[device].beat(now, slot);
            }
            Action::Beat(_) => {}
            Action::Prove(device) => {
                self.world.mark_passed(&self.suppliers[device]);
                self.model.devices[device].passed = self.model.epoch();
            }
            Action::Fail(device) => self.fail(device),
            Action::Donate(vault, amount) => self.donate(vault, amount),
            _ => return false,
        }
        self.model.now = self.world.now();
        self.model.slot = self.world.slot();
        true
    }

    fn edit_class(&mut self, class: usize, change: impl FnOnce(&mut HardwareClass)) {
        let address = pda::registry::class(CLASSES[class]);
        self.world.edit(&address, change);
    }

    fn edit_device(&mut self, device: usize, change: impl FnOnce(&mut DeviceAccount)) {
        let address = self.suppliers[device].device;
        self.world.edit(&address, change);
    }

    /// Its last four proofs failed.
    fn fail(&mut self, device: usize) {
        let epoch = self.model.epoch();
        self.edit_device(device, |device| {
            (device.last_fail_epoch, device.fail_bits) = (epoch, 0b1111);
        });
        let failed = epoch.saturating_sub(3)..=epoch;
        self.model.devices[device].failed = failed.collect();
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
    pub fn bytes(&self) -> Vec<Option<Account>> {
        let mut addresses = vec![
            pda::market::config(),
            pda::market::credit_line(),
            pda::market::credit_vault(),
        ];
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
                let device = self.suppliers[*device].device;
                addresses.push(pda::market::lease(&address, &device));
            }
        }
        let verdicts = self.model.verdicts.iter();
        addresses.extend(verdicts.map(|verdict| self.verdict(verdict)));
        addresses
            .iter()
            .map(|address| self.world.find(address))
            .collect()
    }
}
