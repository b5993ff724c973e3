//! What can happen: in the reference, with the event it must log, and as an instruction.

use iog_client::pda;
use iog_client::token::events::{
    EmissionMinted, IoBurned, IosdMinted, IosdRefunded, IosdSettled, IosdSpent, NetEmissionMinted,
    PriceObserved,
};
use iog_client::token::instructions::{BurnIo, ObservePrice, Pause, Resume};
use iog_client::token::Event;
use iog_tests::world::{ata, iosd_ata, spl, spl_2022, PubkeyOf};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::machine::Machine;
use super::reference::{Price, Step};
use crate::setup::{burn_iosd, mint_emission, mint_net_emission, refund_iosd, settle_iosd};

/// What happens in a step; the first number of most names a holder.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Burn(usize, u64),
    Exchange(usize, u64, u64),
    Spend(usize, u64),
    Refund(usize, u64),
    Settle(u64),
    Emit(usize, u64),
    Remint(usize, u64),
    BurnDirectly(usize, u64),
    BurnIosdDirectly(usize, u64),
    Post(Price),
    Observe,
    Pause(u8),
    Resume(u8),
    Warp(i64),
}

impl Machine {
    /// The reference's outcome: the event, if it logs one.
    pub fn expect(&mut self, action: Action) -> Step<Option<Event>> {
        let was = self.model.clone();
        let minter = self.key.pubkey_of();
        let model = &mut self.model;
        let event = match action {
            Action::Burn(holder, amount) => {
                model.burn(holder, amount)?;
                Event::IoBurned(IoBurned {
                    owner: self.wallet(holder),
                    amount,
                    burned_before: was.burned,
                    burned_after: was.burned + amount,
                })
            }
            Action::Exchange(holder, amount, min_out) => {
                let (iosd, io_burned, price) = model.exchange(holder, amount, min_out)?;
                Event::IosdMinted(IosdMinted {
                    owner: self.wallet(holder),
                    io_burned,
                    iosd,
                    price,
                    exponent: -8,
                    burned_before: was.burned,
                    burned_after: was.burned + io_burned,
                    iosd_minted_before: was.iosd_minted,
                    iosd_minted_after: was.iosd_minted + iosd,
                })
            }
            Action::Spend(holder, amount) => {
                model.spend(holder, amount)?;
                Event::IosdSpent(IosdSpent {
                    minter,
                    owner: self.wallet(holder),
                    amount,
                    spent_before: was.iosd_spent,
                    spent_after: was.iosd_spent + amount,
                })
            }
            Action::Refund(holder, amount) => {
                model.refund(holder, amount)?;
                Event::IosdRefunded(IosdRefunded {
                    minter,
                    destination: iosd_ata(&self.wallet(holder)),
                    amount,
                    refunded_before: was.iosd_refunded,
                    refunded_after: was.iosd_refunded + amount,
                })
            }
            Action::Settle(amount) => {
                model.settle(amount)?;
                Event::IosdSettled(IosdSettled {
                    minter,
                    amount,
                    outstanding_before: was.outstanding(),
                    outstanding_after: was.outstanding() - amount,
                })
            }
            Action::Emit(holder, amount) => {
                model.emit(holder, amount)?;
                Event::EmissionMinted(EmissionMinted {
                    minter,
                    destination: ata(&self.wallet(holder), &self.world.io),
                    amount,
                    emitted_before: was.emitted,
                    emitted_after: was.emitted + amount,
                })
            }
            Action::Remint(holder, amount) => {
                let available_after = model.remint(holder, amount)?;
                Event::NetEmissionMinted(NetEmissionMinted {
                    minter,
                    destination: ata(&self.wallet(holder), &self.world.io),
                    amount,
                    reminted_before: was.reminted,
                    reminted_after: was.reminted + amount,
                    available_after,
                })
            }
            Action::BurnDirectly(holder, amount) => {
                model.burn_directly(holder, amount)?;
                return Ok(None);
            }
            Action::BurnIosdDirectly(holder, amount) => {
                model.burn_iosd_directly(holder, amount)?;
                return Ok(None);
            }
            Action::Post(price) => {
                model.price = Some(price);
                return Ok(None);
            }
            Action::Observe => {
                let (average, lowest) = model.observe()?;
                Event::PriceObserved(PriceObserved { average, lowest })
            }
            Action::Pause(bits) => {
                model.paused |= bits;
                return Ok(None);
            }
            Action::Resume(bits) => {
                model.paused &= !bits;
                return Ok(None);
            }
            Action::Warp(secs) => {
                model.now += secs;
                return Ok(None);
            }
        };
        Ok(Some(event))
    }

    /// The program's instruction and who signs it; the first pays.
    pub fn instruction(&self, action: Action) -> Option<(Instruction, Vec<Keypair>)> {
        let (world, key) = (&self.world, &self.key);
        let owner = |holder: usize| vec![self.holders[holder].insecure_clone()];
        let minter = || vec![key.insecure_clone()];
        let authority = world.authority.pubkey_of();
        Some(match action {
            Action::Burn(holder, amount) => {
                let burn = BurnIo {
                    owner: self.wallet(holder),
                    io_mint: world.io,
                    from: ata(&self.wallet(holder), &world.io),
                    amount,
                };
                (burn.instruction(), owner(holder))
            }
            Action::Exchange(holder, amount, min_out) => {
                let wallet = self.wallet(holder);
                let burn = world.burn_for_iosd_ix(&wallet, amount, min_out);
                (burn.instruction(), owner(holder))
            }
            Action::Spend(holder, amount) => {
                let spend = burn_iosd(key, &self.wallet(holder), amount);
                let signers = minter().into_iter().chain(owner(holder));
                (spend.instruction(), signers.collect())
            }
            Action::Refund(holder, amount) => {
                let refund = refund_iosd(key, &self.wallet(holder), amount);
                (refund.instruction(), minter())
            }
            Action::Settle(amount) => (settle_iosd(key, amount).instruction(), minter()),
            Action::Emit(holder, amount) => {
                let mut mint = mint_emission(world, key, amount);
                mint.destination = ata(&self.wallet(holder), &world.io);
                (mint.instruction(), minter())
            }
            Action::Remint(holder, amount) => {
                let mut mint = mint_net_emission(world, key, amount);
                mint.destination = ata(&self.wallet(holder), &world.io);
                (mint.instruction(), minter())
            }
            Action::BurnDirectly(holder, amount) => {
                let wallet = self.wallet(holder);
                let burn = spl::burn(&ata(&wallet, &world.io), &world.io, &wallet, amount);
                (burn, owner(holder))
            }
            Action::BurnIosdDirectly(holder, amount) => {
                let (wallet, mint) = (self.wallet(holder), pda::token::iosd_mint());
                let burn = spl_2022::burn(&iosd_ata(&wallet), &mint, &wallet, amount);
                (burn, owner(holder))
            }
            Action::Pause(actions) => {
                let pause = Pause {
                    signer: authority,
                    actions,
                };
                (pause.instruction(), vec![world.authority.insecure_clone()])
            }
            Action::Resume(actions) => {
                let resume = Resume { authority, actions };
                (resume.instruction(), vec![world.authority.insecure_clone()])
            }
            Action::Observe => {
                let observe = ObservePrice { price: world.price };
                (observe.instruction(), minter())
            }
            Action::Post(_) | Action::Warp(_) => return None,
        })
    }
}
