//! Chapters of IOSD: a renter makes credit for GPU time out of IO, and a supplier gets IO for it.

use crate::{
    actors::io_account,
    story::{Story, PATIENCE},
    summary::CreditSummary,
};
use anyhow::{bail, ensure, Result};
use iog_client::{market, pda, token};
use iog_math::units::{Io, Iosd, HOUR, IO};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const AMOUNT: u64 = 10 * IO;
/// 10 IO at 0.25 USD less twice the confidence of 0.0001 USD.
const IOSD: u64 = 2_498_000;

/// Where a wallet holds IOSD.
pub fn iosd_account(owner: &Pubkey) -> Pubkey {
    pda::token_account(owner, &pda::token::iosd_mint(), &TOKEN_2022)
}

impl Story {
    /// Returns what was burned and made.
    pub(crate) async fn burn_for_iosd(&mut self) -> Result<(u64, u64)> {
        // The price may be a minute old, no more.
        self.actors.net.refresh_price()?;
        let owner = self.actors.wallet("renter").pubkey();
        let mint = pda::token::iosd_mint();
        let open = create_associated_token_account_idempotent(&owner, &owner, &mint, &TOKEN_2022);
        let burn = token::instructions::BurnIoForIosd {
            owner,
            price: self.actors.wallet("io-price").pubkey(),
            io_mint: pda::token::io_mint(),
            from: io_account(&owner),
            iosd_mint: mint,
            to: iosd_account(&owner),
            amount: AMOUNT,
            min_out: IOSD,
        };
        let before = self.actors.io_of(&owner)?;
        let confirmed = self
            .actors
            .send(&[open, burn.instruction()], "renter", &[])
            .await?;
        let burned = before - self.actors.io_of(&owner)?;
        let made = self.actors.balance(&iosd_account(&owner))?;
        ensure!(burned > 0, "nothing was burned for IOSD");
        let tx = self.sign("burn for IOSD", confirmed.signature);
        self.tell(
            "credit",
            &format!(
                "the renter burns {} IO for {} IOSD at the oracle's price  {tx}",
                Io(burned),
                Iosd(made)
            ),
        );
        Ok((burned, made))
    }

    /// The supplier turns what it earned in IOSD into a claim on IO. Two days later a part of what was burned may be minted again, and
    /// that pays it.
    pub(crate) async fn claim_credit(
        &mut self,
        (burned, made): (u64, u64),
    ) -> Result<CreditSummary> {
        self.actors.net.refresh_price()?;
        let owner = self.actors.wallet("supplier-b").pubkey();
        let mint = pda::token::iosd_mint();
        let address = pda::market::earnings(&mint, &owner);
        let earned: market::accounts::Earnings = self.actors.read(&address)?;
        let escrow = pda::market::escrow(&mint);
        let report = market::instructions::SettleCredit {
            escrow,
            minter: pda::token::minter(&pda::market::escrow_authority()),
            token_config: pda::token::config(),
        };
        let claim = market::instructions::ClaimCredit {
            owner,
            earnings: address,
            escrow,
            token_config: pda::token::config(),
            net_emission: pda::token::net_emission(),
            price_source: pda::token::price_source(),
            price: self.actors.wallet("io-price").pubkey(),
            min_io: 1,
        };
        let instructions = [report.instruction(), claim.instruction()];
        let confirmed = self.actors.send(&instructions, "supplier-b", &[]).await?;
        let claimed: market::accounts::Earnings = self.actors.read(&address)?;
        let tx = self.sign("claim credit", confirmed.signature);
        self.tell(
            "credit",
            &format!(
                "supplier B turns the {} IOSD it earned into a claim on {} IO  {tx}",
                Iosd(earned.due_units),
                Io(claimed.claim_units)
            ),
        );
        let later = self.actors.now()? + 48 * HOUR;
        self.actors.net.net.warp_to_timestamp(later)?;
        for _ in 0..PATIENCE {
            self.actors.tick().await?;
            let paid: market::accounts::Earnings = self.actors.read(&address)?;
            if paid.claim_paid_units > 0 {
                self.tell(
                    "credit",
                    &format!(
                        "two days later {} IO of it are minted again and paid",
                        Io(paid.claim_paid_units)
                    ),
                );
                return Ok(CreditSummary {
                    io_burned: burned.to_string(),
                    iosd_made: made.to_string(),
                    io_claimed: paid.claim_units.to_string(),
                    io_paid: paid.claim_paid_units.to_string(),
                });
            }
            self.next_block().await;
        }
        bail!("nothing was paid of the claim of {owner}")
    }
}
