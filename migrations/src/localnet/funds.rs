//! What the wallets start with, and the list of addresses.

use super::{Running, UpError, Wallets, TOKEN_PROGRAM};
use crate::{Plan, PlanError};
use iog_client::{pda, token, PROGRAMS};
use iog_localnet::LocalNet;
use iog_math::units::Io;
use iog_tx::TxError;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_2022_interface::instruction::transfer_checked;

/// The schedule that pays at once.
const LAUNCH_POOL: &str = "launch-pool";
/// What each supplier and the renter start with.
const WALLET_IO: u64 = 100_000 * iog_math::units::IO;
const WALLET_USDC: u64 = 100_000_000_000;

impl Running {
    /// Releases the launch pool, if there is one, to the authority and shares some of what that holds out.
    pub(super) async fn fund_wallets(&self, plan: &Plan) -> Result<(), UpError> {
        let authority = self.wallets.get("authority");
        let mint = plan.io_mint()?;
        let account = |owner: &Pubkey| pda::token_account(owner, &mint, &TOKEN_PROGRAM);
        let create = |owner: &Pubkey| {
            create_associated_token_account_idempotent(
                &authority.pubkey(),
                owner,
                &mint,
                &TOKEN_PROGRAM,
            )
        };
        let source = account(&authority.pubkey());
        let mut first = vec![create(&authority.pubkey())];
        let schedules = (0u8..).zip(plan.schedules()?);
        let pools = schedules.filter(|(_, vesting)| vesting.name == LAUNCH_POOL);
        first.extend(pools.map(|(id, _)| {
            token::instructions::ReleaseVested {
                signer: authority.pubkey(),
                vesting: pda::token::vesting(id),
                io_mint: mint,
                beneficiary_token: source,
                associated: source,
            }
            .instruction()
        }));
        self.sender.send(&first, authority, &[]).await?;
        for name in ["supplier-a", "supplier-b", "renter"] {
            let owner = self.wallets.get(name).pubkey();
            let transfer = transfer_checked(
                &TOKEN_PROGRAM,
                &source,
                &mint,
                &account(&owner),
                &authority.pubkey(),
                &[],
                WALLET_IO,
                8,
            )
            .map_err(|error| TxError::Signing(error.to_string()))?;
            self.sender
                .send(&[create(&owner), transfer], authority, &[])
                .await?;
            self.net.mint_to(
                &self.wallets.get("usdc-mint").pubkey(),
                authority,
                &owner,
                WALLET_USDC,
            )?;
        }
        Ok(())
    }
}

/// What `addresses.json` holds.
pub(super) fn addresses(
    net: &LocalNet,
    wallets: &Wallets,
    plan: &Plan,
) -> Result<serde_json::Value, PlanError> {
    let programs: serde_json::Map<_, _> = PROGRAMS
        .iter()
        .map(|(name, id)| ((*name).to_string(), id.to_string().into()))
        .collect();
    let wallets_map: serde_json::Map<_, _> = wallets
        .iter()
        .map(|(name, key)| (name.to_string(), key.pubkey().to_string().into()))
        .collect();
    let classes: serde_json::Map<_, _> = plan
        .classes
        .iter()
        .map(|class| {
            (
                class.name.clone(),
                pda::registry::class(class.id).to_string().into(),
            )
        })
        .collect();
    Ok(serde_json::json!({
        "rpc_url": net.rpc_url(),
        "ws_url": net.ws_url(),
        "programs": programs,
        "wallets": wallets_map,
        "io_mint": plan.io_mint()?.to_string(),
        "iosd_mint": pda::token::iosd_mint().to_string(),
        "usdc_mint": wallets.get("usdc-mint").pubkey().to_string(),
        "io_price": wallets.get("io-price").pubkey().to_string(),
        "classes": classes,
        "io_per_wallet": Io(WALLET_IO).to_string(),
    }))
}
