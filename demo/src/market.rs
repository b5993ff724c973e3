//! The renter's side.

use crate::actors::{io_account, Actors};
use anyhow::Result;
use iog_client::{market, pda};
use iog_math::units::IO;
use iog_tx::Confirmed;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;

pub const GPUS: u32 = 1;
pub const HOURS: u32 = 2;
const ORDER_ID: u64 = 1;

/// Escrows an order for one GPU of the first supplier's class; returns its address.
pub async fn create_order(actors: &Actors, command_hash: [u8; 32]) -> Result<(Pubkey, Confirmed)> {
    // The market takes no price older than a minute.
    actors.net.refresh_price()?;
    let renter = actors.wallet("renter").pubkey();
    let mint = pda::token::io_mint();
    let order = pda::market::order(&renter, ORDER_ID);
    let create = market::instructions::CreateOrder {
        renter,
        class: pda::registry::class(actors.suppliers[0].class_id),
        price_source: pda::token::price_source(),
        price: actors.wallet("io-price").pubkey(),
        order,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
        renter_token: io_account(&renter),
        mint,
        args: market::types::OrderArgs {
            id: ORDER_ID,
            gpus: GPUS,
            hours: HOURS,
            max_total: 10 * IO,
            min_tier: 2,
            countries: [
                *b"DE", *b"FR", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
            ],
            engineer_key: renter,
            image_hash: [0; 32],
            command_hash,
        },
    };
    let confirmed = actors.send(&[create.instruction()], "renter", &[]).await?;
    Ok((order, confirmed))
}
