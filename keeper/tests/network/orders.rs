//! What the renter asks for.

use crate::world::{World, CLASS};
use iog_client::{market, pda};
use iog_migrations::localnet::TOKEN_PROGRAM;
use solana_pubkey::Pubkey;

/// Whom the renter gives access to its leases.
pub const ENGINEER: Pubkey = Pubkey::new_from_array([77; 32]);

/// GPUs of the class of the tests' devices.
pub fn parts(gpus: u32) -> [market::PartArgs; 4] {
    let none = market::PartArgs {
        class_id: 0,
        per_machine: 0,
        gpus: 0,
    };
    let all = market::PartArgs {
        class_id: CLASS,
        gpus,
        ..none
    };
    [all, none, none, none]
}

impl World {
    /// What an order of one GPU for `hours` asks for.
    pub fn wish(&self, hours: u32, command_hash: [u8; 32]) -> market::OrderArgs {
        market::OrderArgs {
            id: 1,
            parts: parts(1),
            hours,
            max_total: u64::MAX,
            kind: 0,
            min_tier: 1,
            platform: 0,
            min_reputation_bps: 0,
            secure_only: false,
            countries: [
                *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
            ],
            engineer_key: ENGINEER,
            receipt_key: Pubkey::default(),
            owner: Pubkey::default(),
            image_hash: [0; 32],
            command_hash,
        }
    }

    /// Books one GPU for `hours` for some job; returns the order.
    pub async fn order(&self, hours: u32) -> Pubkey {
        self.book(self.wish(hours, [6; 32])).await
    }

    /// Books, and lets the first seconds pass, which are the renter's to match in; returns the order.
    pub async fn book(&self, args: market::OrderArgs) -> Pubkey {
        let (renter, mint) = (self.address("renter"), pda::token::io_mint());
        let order = pda::market::order(&renter, args.id);
        self.net.refresh_price().unwrap();
        let create = market::instructions::CreateOrder {
            renter,
            class: pda::registry::class(CLASS),
            book: pda::market::price_book(CLASS),
            price_source: pda::token::price_source(),
            price: self.address("io-price"),
            stats: pda::market::renter(&renter),
            order,
            escrow: pda::market::escrow(&mint),
            vault: pda::market::vault(&mint),
            renter_token: pda::token_account(&renter, &mint, &TOKEN_PROGRAM),
            mint,
            args,
        };
        self.send(create.instruction(), &["renter"]).await;
        self.net.net.advance_secs(30).unwrap();
        order
    }
}
