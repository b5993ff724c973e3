//! An order in IOSD: followed until it runs, ended early, and paid to its supplier in IO.

use crate::{
    case::units,
    common::json as json_of,
    hire::{Hire, HOUR},
};
use iog_client::{market, pda};
use iog_math::units::Io;
use serde_json::{json, Value};
use solana_signer::Signer as _;
use std::io::{BufRead as _, BufReader};

impl Hire<'_> {
    pub async fn ends_an_order_in_credit(&self) {
        self.done("renter", "token burn-for-iosd --amount 100");
        self.case.world.proves(&self.device);
        // With a key that is elsewhere the wait ends with the device's first sign of life.
        let create = format!(
            "order create --class 2 --gpus 1 --hours 2 --pay iosd --max-total 0.401 --id 9 --wait --engineer-key {}",
            self.device
        );
        let mut waiting = self.case.world.spawn(self.case.dir, "renter", &create);
        let progress = waiting.stderr.take().unwrap();
        let mut progress = BufReader::new(progress).lines().map(Result::unwrap);
        let mut tells = |text: &str| progress.any(|line| line.contains(text));
        // What is agreed to comes first; then the renter's own client chooses.
        assert!(tells("bonded"));
        assert!(tells("1 devices are matched"));
        assert!(tells("matched: 1 of 1 GPUs matched"));
        let order = pda::market::order(&self.wallet("renter").pubkey(), 9).to_string();
        self.accepts(&order).await;
        self.beats().await;
        assert!(tells("1 of 1 GPUs serve"));
        let running = json_of(&waiting.wait_with_output().unwrap());
        assert_eq!(
            (&running["state"], &running["deposited"]),
            (&json!("active"), &json!("401000"))
        );

        self.serves(HOUR + 1_200).await;
        let lease = pda::market::lease(&order.parse().unwrap(), &self.device).to_string();
        let settle = format!("lease settle {lease}");
        let settled = self.done("keeper", &settle);
        assert_eq!(
            (&settled["held"], &settled["paid"]),
            (&json!("200000"), &json!("0"))
        );
        self.case
            .refused("keeper", &settle, "can be disputed until");
        let ended = self.done("renter", &format!("order end {order}"));
        // Forty minutes less what the commands took, with their fee.
        assert!(
            (115_000..134_000).contains(&units(&ended["paid_out"])),
            "{ended}"
        );
        let close = format!("order close {order}");
        self.case.refused("keeper", &close, "cannot be closed");
        // Judges the minutes that were left; then releases everything, a day later.
        for hours in [1, 24] {
            self.passes(hours * HOUR);
            self.done("keeper", &settle);
        }
        let paid = self.done("keeper", &format!("order show {order}"))["paid"].clone();
        self.done("keeper", &close);
        self.claims(units(&paid)).await;
    }

    fn earnings(&self, owner: &str) -> Value {
        let earned = self.done("keeper", &format!("market earnings {owner}"));
        let earned = earned.as_array().unwrap().iter();
        let mut credit = earned.filter(|held| held["currency"] == "IOSD");
        credit.next().unwrap().clone()
    }

    /// Earned credit becomes IO in its turn.
    async fn claims(&self, due: u64) {
        let owner = &self.case.key("supplier-a");
        // The proved hour and what followed, less 25 basis points
        assert!(due > 199_500, "{due}");
        assert_eq!(units(&self.earnings(owner)["due"]), due);
        let withdraw = "market withdraw --pay iosd";
        self.case
            .refused("supplier-a", withdraw, "nothing can be paid");
        let dear = "market claim --min-io 2";
        self.case.refused("supplier-a", dear, "less than --min-io");
        let claimed = self.done("supplier-a", "market claim");
        // At 0.2502 USD per IO, rounded down
        let claim = due * 10_000_000_000 / 25_020_000;
        assert_eq!(units(&claimed["claim"]), claim);
        self.case
            .refused("supplier-a", withdraw, "nothing can be paid");
        self.passes(24 * HOUR);
        let authority = pda::market::escrow_authority();
        let fund = market::instructions::FundCredit {
            vault: pda::market::credit_vault(),
            minter: pda::token::minter(&authority),
            token_config: pda::token::config(),
            net_emission: pda::token::net_emission(),
            io_mint: self.case.world.net.addresses["io_mint"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
            mint_authority: pda::token::mint_authority(),
            max_units: u64::MAX,
        };
        self.sends(&[fund.instruction()], "keeper", &[]).await;
        let place = self.earnings(owner);
        assert_eq!(units(&place["claim_payable"]), claim);
        assert_eq!(place["claim_behind"], "0");
        let paid = self.done("supplier-a", withdraw);
        assert_eq!(units(&paid["withdrawn"]), claim);
        assert_eq!(paid["withdrawn_ui"], Io(claim).to_string());
    }
}
