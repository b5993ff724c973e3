//! What the renter asks for, and how it pays.

use crate::{
    actors::{token_account, Actors},
    credit::iosd_account,
};
use anyhow::Result;
use iog_client::{market, pda};
use iog_math::units::{Io, Iosd, Usd6};
use iog_tx::Confirmed;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;

/// What an order is paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pay {
    Io,
    Usdc,
    Iosd,
}

impl Pay {
    pub const ALL: [Self; 3] = [Self::Io, Self::Usdc, Self::Iosd];

    pub fn name(self) -> &'static str {
        match self {
            Self::Io => "IO",
            Self::Usdc => "USDC",
            Self::Iosd => "IOSD",
        }
    }

    pub fn mint(self, actors: &Actors) -> Pubkey {
        match self {
            Self::Io => pda::token::io_mint(),
            Self::Usdc => actors.wallet("usdc-mint").pubkey(),
            Self::Iosd => pda::token::iosd_mint(),
        }
    }

    pub fn amount(self, units: u64) -> String {
        match self {
            Self::Io => format!("{} IO", Io(units)),
            Self::Usdc => format!("{} USDC", Usd6(units)),
            Self::Iosd => format!("{} IOSD", Iosd(units)),
        }
    }
}

/// So many GPUs of a supplier's class.
#[derive(Clone, Copy)]
pub struct Wish {
    pub id: u64,
    pub pay: Pay,
    /// Whose class.
    pub supplier: usize,
    pub gpus: u32,
    pub hours: u32,
    /// Most that it may cost, in base units.
    pub max_total: u64,
}

/// Opens what the renter's orders are counted in.
pub async fn open_renter(actors: &Actors) -> Result<Confirmed> {
    let renter = actors.wallet("renter").pubkey();
    let open = market::instructions::OpenRenter {
        payer: renter,
        renter,
        stats: pda::market::renter(&renter),
    };
    actors.send(&[open.instruction()], "renter", &[]).await
}

/// Escrows an order; returns its address.
pub async fn create_order(actors: &Actors, wish: &Wish) -> Result<(Pubkey, Confirmed)> {
    // The market takes no price older than a minute.
    actors.net.refresh_price()?;
    let renter = actors.wallet("renter").pubkey();
    let mint = wish.pay.mint(actors);
    let class_id = actors.suppliers[wish.supplier].class_id;
    let class = pda::registry::class(class_id);
    let book = pda::market::price_book(class_id);
    let stats = pda::market::renter(&renter);
    let order = pda::market::order(&renter, wish.id);
    let escrow = pda::market::escrow(&mint);
    let args = args(wish, class_id);
    let instruction = if wish.pay == Pay::Iosd {
        let create = market::instructions::CreateCreditOrder {
            renter,
            class,
            book,
            stats,
            order,
            escrow,
            minter: pda::token::minter(&pda::market::escrow_authority()),
            token_config: pda::token::config(),
            iosd_mint: mint,
            renter_token: iosd_account(&renter),
            args,
        };
        create.instruction()
    } else {
        let create = market::instructions::CreateOrder {
            renter,
            class,
            book,
            price_source: pda::token::price_source(),
            price: actors.wallet("io-price").pubkey(),
            stats,
            order,
            escrow,
            vault: pda::market::vault(&mint),
            renter_token: token_account(&renter, &mint),
            mint,
            args,
        };
        create.instruction()
    };
    let confirmed = actors.send(&[instruction], "renter", &[]).await?;
    Ok((order, confirmed))
}

fn args(wish: &Wish, class_id: u16) -> market::types::OrderArgs {
    let none = market::types::PartArgs {
        class_id: 0,
        per_machine: 0,
        gpus: 0,
    };
    let gpu = market::types::PartArgs {
        class_id,
        per_machine: 0,
        gpus: wish.gpus,
    };
    market::types::OrderArgs {
        id: wish.id,
        parts: [gpu, none, none, none],
        hours: wish.hours,
        max_total: wish.max_total,
        kind: 0,
        min_tier: 1,
        min_reputation_bps: 0,
        secure_only: false,
        countries: [
            *b"DE", *b"FR", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
        ],
        // Nobody uses these machines.
        engineer_key: Pubkey::default(),
        image_hash: [0; 32],
        command_hash: [0; 32],
        receipt_key: Pubkey::default(),
        owner: Pubkey::default(),
        platform: 0,
    }
}
