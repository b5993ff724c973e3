//! What the renter asks for.

use crate::world::{World, CLASS};
use iog_client::{market, pda};
use iog_engine::{publish, JobSpec};
use iog_keeper::Keeper;
use iog_migrations::localnet::TOKEN_PROGRAM;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{fs, path::Path};

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
    /// A job that copies its input to its output.
    fn publish_job(&self, jobs_dir: &Path) -> [u8; 32] {
        let source = self.dir.path().join("greeting");
        fs::write(&source, "hello\n").unwrap();
        let spec: JobSpec = serde_json::from_value(serde_json::json!({
            "id": "any-0",
            "command": ["/bin/sh", "-c", "cp in.txt $IOG_OUTPUT_DIR/greeting.txt; echo done"],
            "inputs": [{
                "source": source,
                "target": "in.txt",
                "sha256": hex::encode(Sha256::digest("hello\n")),
            }],
        }))
        .unwrap();
        publish(&spec, jobs_dir).unwrap()
    }

    /// What an order of one GPU for `hours` asks for.
    pub fn wish(&self, hours: u32, command_hash: [u8; 32]) -> market::OrderArgs {
        market::OrderArgs {
            id: 1,
            parts: parts(1),
            hours,
            max_total: u64::MAX,
            kind: 0,
            min_tier: 1,
            min_reputation_bps: 0,
            secure_only: false,
            countries: [
                *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
            ],
            engineer_key: self.address("renter"),
            image_hash: [0; 32],
            command_hash,
        }
    }

    /// Books one GPU for `hours` for a job that this keeper has; returns the order.
    pub async fn order(&self, keeper: &Keeper, hours: u32) -> Pubkey {
        let hash = self.publish_job(&keeper.config().jobs_dir());
        self.book(self.wish(hours, hash)).await
    }

    /// Books, and lets the first seconds pass, which are the renter's to match in; returns the order.
    pub async fn book(&self, args: market::OrderArgs) -> Pubkey {
        let (renter, mint) = (self.address("renter"), pda::token::io_mint());
        let order = pda::market::order(&renter, 1);
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
