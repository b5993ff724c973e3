//! One device for hire. The node's part, which the command line has not, is sent by hand.

use crate::case::Case;
use iog_client::{decode, market, pda, registry};
use iog_tx::AnySigner;
use serde_json::Value;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;

pub const HOUR: i64 = 3_600;
const BEAT: i64 = 600;

/// The supplier's machine and the renter's wallet.
pub struct Hire<'a> {
    pub case: Case<'a>,
    pub device: Pubkey,
}

impl Hire<'_> {
    pub fn done(&self, wallet: &str, line: &str) -> Value {
        self.case.done(wallet, line)
    }

    pub fn wallet(&self, name: &str) -> &Keypair {
        self.case.world.net.wallets.get(name)
    }

    pub async fn sends(&self, instructions: &[Instruction], payer: &str, others: &[&str]) {
        let others: Vec<&AnySigner> = others
            .iter()
            .map(|name| -> &AnySigner { self.wallet(name) })
            .collect();
        let sender = &self.case.world.net.sender;
        sender
            .send(instructions, self.wallet(payer), &others)
            .await
            .unwrap();
    }

    /// The renter's client gives it the device, which accepts.
    pub async fn starts(&self, order: &str) {
        self.case.world.proves(&self.device);
        let matched = self.done("renter", &format!("order match {order}"));
        assert_eq!(matched["devices"][0], self.case.device, "{matched}");
        assert_eq!(matched["missing_gpus"], 0);
        self.accepts(order).await;
    }

    pub async fn accepts(&self, order: &str) {
        let order: Pubkey = order.parse().unwrap();
        let mint = {
            let net = &self.case.world.net.net;
            let account = net.get_account(&order).unwrap().unwrap();
            let order: market::accounts::Order = decode(&account.data).unwrap();
            order.mint
        };
        let accept = market::instructions::Accept {
            device_key: self.wallet("device-a").pubkey(),
            device: self.device,
            order,
            lease: pda::market::lease(&order, &self.device),
            occupancy: pda::market::occupancy(&self.device),
            book: pda::market::price_book(2),
            earnings: pda::market::earnings(&mint, &self.wallet("supplier-a").pubkey()),
        };
        self.sends(&[accept.instruction()], "keeper", &["device-a"])
            .await;
    }

    pub async fn beats(&self) {
        let beat = registry::instructions::Heartbeat {
            device_key: self.wallet("device-a").pubkey(),
            device: self.device,
        };
        self.sends(&[beat.instruction()], "keeper", &["device-a"])
            .await;
    }

    /// The device gives a sign of life in each ten minutes, and a moment more passes.
    pub async fn serves(&self, secs: i64) {
        for _ in 0..secs / BEAT {
            self.beats().await;
            self.passes(BEAT);
        }
        self.beats().await;
    }

    pub fn passes(&self, secs: i64) {
        let net = &self.case.world.net.net;
        let now = net.clock().unwrap().unix_timestamp;
        net.warp_to_timestamp(now + secs).unwrap();
    }
}
