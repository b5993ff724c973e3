//! A node answers disputes of its own leases, also one that was started anew behind the dispute.

use crate::world::{count, done_kinds, published, report, World, CLASS};
use iog_client::{market, pda};
use iog_job::{Binding, Receipt, Signed};
use iog_keeper::{Keeper, Role};
use iog_migrations::localnet::TOKEN_PROGRAM;
use iog_node::board::LeaseReport;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

fn receipt_key() -> Keypair {
    Keypair::new_from_array([9; 32])
}

fn signed(binding: &Binding, slots: impl Iterator<Item = i64>) -> Signed {
    let slots: Vec<u32> = slots.map(|slot| u32::try_from(slot).unwrap()).collect();
    let mut receipt = Receipt::new(binding, slots[0]);
    for slot in slots {
        assert!(receipt.acknowledge(slot));
    }
    let message = receipt.message();
    Signed {
        signature: hex::encode(receipt_key().sign_message(&message)),
        message: hex::encode(message),
    }
}

impl World {
    /// The renter disputes what the device of an order did.
    async fn dispute(&self, order: &Pubkey) {
        let (renter, mint) = (self.address("renter"), pda::token::io_mint());
        let escrow = pda::market::escrow(&mint);
        let add = market::instructions::AddFunds {
            renter,
            order: *order,
            escrow,
            vault: pda::market::vault(&mint),
            renter_token: pda::token_account(&renter, &mint, &TOKEN_PROGRAM),
            mint,
            amount: 10_000_000_000,
        };
        self.send(add.instruction(), &["renter"]).await;
        let open = market::instructions::OpenDispute {
            renter,
            order: *order,
            lease: pda::market::lease(order, &self.device),
            occupancy: pda::market::occupancy(&self.device),
            book: pda::market::price_book(CLASS),
            escrow,
            stats: pda::market::renter(&renter),
            evidence_hash: [1; 32],
        };
        self.send(open.instruction(), &["renter"]).await;
    }
}

/// What the device was in its occupancy says no longer. The process that begins anew behind the dispute knows the lease from its board, and
/// what was signed from its own file: the job side reports it no more. redteam 13
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_started_anew_answers_a_dispute() {
    let world = World::new().await;
    let mut node = world.keeper("keeper");
    let mut wish = world.wish(3, [6; 32]);
    wish.receipt_key = receipt_key().pubkey();
    let order = world.book(wish).await;
    let kinds = done_kinds(&node.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    let lease = pda::market::lease(&order, &world.device);
    let binding = published(node.config()).leases[0].binding;
    let begun = world.net.net.clock().unwrap().unix_timestamp;
    for _ in 0..3 {
        world.net.net.advance_secs(600).unwrap();
        done_kinds(&node.tick().await.unwrap());
    }
    // In the midst of a slot: its hour cannot be judged yet.
    let now = world.net.net.clock().unwrap().unix_timestamp;
    world
        .net
        .net
        .advance_secs((300 - now).rem_euclid(600).unsigned_abs())
        .unwrap();
    world.dispute(&order).await;
    let config = node.config().clone();
    report(&config, |report| {
        report.leases = vec![LeaseReport {
            binding,
            phase: None,
            host_failed_since_ts: None,
            offer: None,
            receipts: vec![signed(&binding, begun / 600..begun / 600 + 5)],
            joins: Vec::new(),
        }];
    });
    let kinds = done_kinds(&node.tick().await.unwrap());
    assert_eq!(count(&kinds, "answer_dispute"), 0, "{kinds:?}");
    drop(node);
    report(&config, |_| ());
    world.net.net.advance_secs(1_200).unwrap();
    let mut config = config;
    config.roles = [Role::Node].into();
    let mut node = Keeper::open(config).unwrap();
    let done = node.tick().await.unwrap();
    let kinds = done_kinds(&done);
    let lease: market::Lease = world.read(&lease).unwrap();
    for kind in ["settle_lease", "answer_dispute"] {
        assert_eq!(count(&kinds, kind), 1, "{kind} in {done:#?}, {lease:#?}");
    }
    assert!(lease.answered_slots[0] != 0 && lease.paid_units > 0);
}
