//! How a supplier joins.

use super::{io_account, Actors};
use crate::market::Pay;
use anyhow::Result;
use iog_client::{emission, market, pda, registry, staking};
use iog_tx::Confirmed;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;

impl Actors {
    /// Registers a supplier's operator and device, has its speed attested, stakes the minimum, and lists it for orders in every
    /// currency.
    pub async fn join(&mut self, index: usize) -> Result<[Confirmed; 3]> {
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
                tunnel_key: Pubkey::default(),
                quantity: 1,
                country: *b"DE",
            },
        };
        let tier = registry::instructions::SetConnectivity {
            attestor: self.wallet("authority").pubkey(),
            device: supplier.device,
            test: registry::types::SpeedTest {
                download_mbps: 800,
                upload_mbps: 600,
                measured_ts: self.now()?,
                report_hash: [0; 32],
            },
        };
        let kind: registry::accounts::HardwareClass = self.read(&class)?;
        let amount = iog_math::stake::minimum(kind.multiplier_x100, 1)
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
        let list = market::instructions::ListDevice {
            owner,
            device: supplier.device,
            class,
            stake: stake.stake,
            book: pda::market::price_book(supplier.class_id),
            occupancy: pda::market::occupancy(&supplier.device),
            floor_usd6: 0,
        };
        let mut listing = vec![
            stake.instruction(),
            rewards.instruction(),
            list.instruction(),
        ];
        listing.extend(Pay::ALL.map(|pay| {
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
        let attested = self.send(&[tier.instruction()], "authority", &[]).await?;
        let staked = self.send(&listing, supplier.wallet, &[]).await?;
        self.suppliers[index].stake = amount;
        Ok([registered, attested, staked])
    }
}
