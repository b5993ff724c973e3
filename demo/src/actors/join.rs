//! How a supplier joins.

use super::{io_account, Actors};
use crate::market::Pay;
use anyhow::Result;
use iog_client::{emission, market, pda, registry, staking};
use iog_tx::Confirmed;
use solana_signer::Signer as _;

/// IO, US dollar tokens, IOSD.
const ALL_CURRENCIES: u8 = 0b111;

impl Actors {
    /// Registers a supplier's operator and device, stakes the minimum, and opens what it earns in.
    pub async fn join(&mut self, index: usize) -> Result<[Confirmed; 2]> {
        let supplier = &self.suppliers[index];
        let owner = self.wallet(supplier.wallet).pubkey();
        let class = pda::registry::class(supplier.class_id);
        let mut name = [0; 32];
        name[..1].copy_from_slice(supplier.name.as_bytes());
        let operator = registry::instructions::RegisterOperator {
            authority: owner,
            operator: pda::registry::operator(&owner),
            name,
        };
        let device = registry::instructions::RegisterDevice {
            authority: owner,
            device_key: supplier.device_key,
            operator: operator.operator,
            class,
            device: supplier.device,
            attestation: pda::registry::attestation(&supplier.device),
            args: registry::types::DeviceArgs {
                tunnel_key: supplier.tunnel_key,
                quantity: supplier.cards,
                country: *b"DE",
                platform: 1,
            },
        };
        let kind: registry::accounts::HardwareClass = self.read(&class)?;
        let amount = iog_math::stake::minimum(kind.stake_multiplier_x100, supplier.cards)
            .map_err(|error| anyhow::anyhow!("minimum stake: {error:?}"))?;
        let stake = staking::instructions::Stake {
            owner,
            device: supplier.device,
            class,
            stake: pda::staking::stake(&supplier.device),
            owner_token: io_account(&owner),
            io_mint: pda::token::io_mint(),
            amount,
        };
        let rewards = emission::instructions::OpenRewards {
            payer: owner,
            device: supplier.device,
            rewards: pda::emission::rewards(&supplier.device),
        };
        let mut staking = vec![stake.instruction(), rewards.instruction()];
        staking.extend(Pay::ALL.map(|pay| {
            let mint = pay.mint(self);
            let open = market::instructions::OpenEarnings {
                owner,
                escrow: pda::market::escrow(&mint),
                earnings: pda::market::earnings(&mint, &owner),
            };
            open.instruction()
        }));
        let device_name = if index == 0 { "device-a" } else { "device-b" };
        let registered = self
            .send(
                &[operator.instruction(), device.instruction()],
                supplier.wallet,
                &[device_name],
            )
            .await?;
        let staked = self.send(&staking, supplier.wallet, &[]).await?;
        self.suppliers[index].stake = amount;
        Ok([registered, staked])
    }

    /// Offers a supplier's device at the market's price, in every currency. A device that has not proved itself cannot be hired, and
    /// anyone may take it off the market again.
    pub async fn list(&self, index: usize) -> Result<Confirmed> {
        let supplier = &self.suppliers[index];
        let list = market::instructions::ListDevice {
            owner: self.wallet(supplier.wallet).pubkey(),
            device: supplier.device,
            class: pda::registry::class(supplier.class_id),
            stake: pda::staking::stake(&supplier.device),
            book: pda::market::price_book(supplier.class_id),
            occupancy: pda::market::occupancy(&supplier.device),
            args: market::types::ListingArgs {
                floor_usd6: 0,
                currencies: ALL_CURRENCIES,
            },
        };
        self.send(&[list.instruction()], supplier.wallet, &[]).await
    }
}
