//! The chapter of IOSD: a renter makes credit for GPU time out of IO.

use crate::{actors::io_account, story::Story, summary::CreditSummary};
use anyhow::{ensure, Result};
use iog_client::{pda, token};
use iog_math::units::{Io, Iosd, IO};
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
    pub(crate) async fn burn_for_iosd(&mut self) -> Result<CreditSummary> {
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
        Ok(CreditSummary {
            io_burned: burned.to_string(),
            iosd_made: made.to_string(),
        })
    }
}
