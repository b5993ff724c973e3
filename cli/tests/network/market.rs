//! Orders in three currencies, from quote to withdrawal.

use crate::{
    case::{units, Case},
    hire::{Hire, HOUR},
    world::World,
};
use iog_client::pda;
use serde_json::{json, Value};
use solana_signer::Signer as _;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_quoted_booked_served_and_paid() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let device = pda::registry::device(&world.net.wallets.get("device-a").pubkey());
    let case = Case {
        world: &world,
        dir,
        device: device.to_string(),
    };
    let hire = Hire { case, device };
    hire.offers_a_device();
    hire.takes_an_order_back();
    hire.extends_and_disputes().await;
    hire.ends_an_order_in_credit().await;
    hire.shows_what_came_of_it();
}

impl Hire<'_> {
    fn offers_a_device(&self) {
        self.done("supplier-a", "operator register --name Basement");
        let key = self.case.dir.join("device-a.json");
        let key = key.to_str().unwrap();
        let register =
            format!("device register --device-key {key} --class 2 --quantity 1 --country DE");
        self.done("supplier-a", &register);
        let list = "market list-device DEVICE --floor 0.1";
        let staked = "stake open DEVICE 100";
        self.done("supplier-a", staked);
        self.case.refused("supplier-a", list, "NotStaked");
        self.done("supplier-a", "stake add DEVICE 100");
        let dry = self.done("supplier-a", &format!("{list} --dry-run"));
        assert_eq!(dry["dry_run"], true);
        let listed = self.done("supplier-a", list);
        assert_eq!(
            (&listed["listed"], &listed["floor_usd"], &listed["lease"]),
            (&json!(true), &json!("100000"), &Value::Null)
        );
        // A device without a record stands at one half.
        assert_eq!(listed["reputation_bps"], 5_000);
        let strange = "market delist-device DEVICE";
        self.case.refused("renter", strange, "ListingStands");
        for pay in ["io", "usdc", "iosd"] {
            let opened = self.done("supplier-a", &format!("market open-earnings --pay {pay}"));
            assert_eq!(opened["currency"], pay.to_uppercase());
        }
        let idle = self.done("renter", "market devices --class TEST-community --idle");
        assert_eq!(idle[0]["device"], self.case.device);

        let price = self.done("renter", "price show --class 2");
        let class = &price["classes"][0];
        assert_eq!(
            (&class["online_gpus"], &class["hired_gpus"]),
            (&json!(1), &json!(0))
        );
        assert_eq!(
            (&class["price_usd"], &class["price_io"]),
            (&json!("200000"), &json!("80064052"))
        );
    }

    /// What the chain takes is what was quoted, to the unit.
    pub fn books(&self, pay: &str, more: &str) -> (String, u64) {
        let asked = format!("--class 2,1 --gpus 1 --hours 2 --pay {pay} --country DE");
        let quote = self.done("renter", &format!("order quote {asked}"));
        let booked = self.done("renter", &format!("order create {asked} {more}"));
        assert_eq!(booked["total"], quote["total"], "{pay}");
        assert_eq!(booked["deposited"], quote["total"], "{pay}");
        assert_eq!(quote["alternatives"][0]["will_do_now"], false);
        let order = booked["order"].as_str().unwrap().to_string();
        let shown = self.done("renter", &format!("order show {order}"));
        assert_eq!(
            (&shown["state"], &shown["law"], &shown["class_ids"]),
            (&json!("open"), &json!(true), &json!(["2", "1"]))
        );
        assert_eq!(shown["currency"], pay.to_uppercase());
        (order, units(&quote["total"]))
    }

    fn takes_an_order_back(&self) {
        // 0.2 USD for 2 hours, 25 and 200 basis points on top
        let dear = "order create --class 2 --gpus 1 --hours 2 --pay usdc --max-total 0.408";
        self.case.refused("renter", dear, "the total is 0.409 USDC");
        let (order, total) = self.books("usdc", "--max-total 0.409 --id 7");
        assert_eq!(total, 409_000);
        let again = "order create --class 2 --gpus 1 --hours 2 --pay usdc --id 7";
        self.case.refused("renter", again, "AlreadyInUse");
        self.case
            .refused("renter", &format!("order end {order}"), "OrderNotActive");
        self.case
            .refused("supplier-a", &format!("order cancel {order}"), "NotRenter");
        self.case
            .refused("keeper", &format!("order close {order}"), "may still start");
        let cancelled = self.done("renter", &format!("order cancel {order}"));
        assert_eq!(
            (&cancelled["refunded"], &cancelled["paid_out"]),
            (&json!("409000"), &json!("409000"))
        );
        self.case
            .refused("keeper", &format!("order refund {order}"), "nothing is due");
        let closed = self.done("keeper", &format!("order close {order}"));
        assert_eq!(closed["returned"], "0");
    }

    async fn extends_and_disputes(&self) {
        let (order, _) = self.books("io", "--engineer-key DEVICE");
        self.starts(&order).await;
        self.case
            .refused("renter", &format!("order cancel {order}"), "is active");
        let extended = self.done("renter", &format!("order extend {order} --hours 1"));
        let shown = self.done("renter", &format!("order show {order}"));
        assert_eq!(shown["end_ts"], extended["end_ts"]);
        let one = units(&extended["total"]);
        // An hour at 0.2 USD of 0.2498 USD, rounded up, and 25 basis points, rounded up
        assert_eq!(one, 80_064_052 + 200_161);
        assert_eq!(shown["hours"], 3);
        let deposited = units(&shown["deposited"]);
        assert_eq!(deposited, 3 * 80_064_052 + 200_161 + 400_321);

        self.serves(HOUR).await;
        let lease = pda::market::lease(&order.parse().unwrap(), &self.device).to_string();
        let early = format!("lease leave {lease}");
        self.case
            .refused("supplier-a", &early, "it can be left from");
        let disputed = self.done("renter", &format!("order dispute {order} --device DEVICE"));
        // The proved hour, and whole minutes of the next.
        assert!((80_064_052..100_000_000).contains(&units(&disputed["disputed"])));
        assert_eq!(disputed["state"], "disputed");
        let listed = self.done("keeper", "dispute list");
        assert_eq!(listed[0]["lease"], lease);
        let by_rule = format!("dispute by-rule {lease}");
        self.case.refused("keeper", &by_rule, "may decide until");
        let settle = format!("lease settle {lease}");
        self.case.refused("keeper", &settle, "in dispute");
        let resolve = format!("dispute resolve {lease} --to-supplier 0.5");
        self.case.refused("renter", &resolve, "NotResolver");
        let split = self.done("authority", &resolve);
        // Half an IO less 25 basis points. The renter's own fees went with the settlement before.
        assert_eq!(
            (&split["paid"], &split["fees"]),
            (&json!("49875000"), &json!("125000"))
        );
        let paid = self.done(
            "keeper",
            &format!("market withdraw --owner {}", self.case.key("supplier-a")),
        );
        assert_eq!(paid["withdrawn"], "49875000");
        self.case
            .refused("supplier-a", "market withdraw", "nothing can be paid");

        let running = format!("order close {order}");
        self.case
            .refused("keeper", &running, "the order runs until");
        let ended = self.done("renter", &format!("order end {order}"));
        assert!(units(&ended["paid_out"]) > units(&split["refunded"]));
        let closed = self.done("keeper", &running);
        assert_eq!(
            (&closed["leases_closed"], &closed["transactions"]),
            (&json!(1), &json!(1))
        );
        // What the running hour would have cost came back, too: all but pay and fees.
        let returned = units(&ended["paid_out"]) + units(&closed["returned"]);
        assert_eq!(returned, deposited - 49_875_000 - 125_000 - 600_482);
    }

    fn shows_what_came_of_it(&self) {
        let shown = self.done("renter", "market show");
        let currencies = shown["currencies"].as_array().unwrap();
        assert_eq!(currencies.len(), 3);
        for books in currencies {
            assert_eq!(
                (&books["holds"], &books["escrowed"]),
                (&json!(true), &json!("0")),
                "{books}"
            );
        }
        assert_eq!(shown["credit_line"][0]["waits"], "0");
        let stats = self.done("renter", "market stats");
        assert_eq!(
            (&stats["orders"], &stats["disputes"], &stats["gpu_hours"]),
            (&json!(3), &json!(1), &json!(2))
        );
        assert_eq!(self.done("renter", "order list"), json!([]));

        let far = "price set-book 2 --peak-bps 12001 --peak-hours 0,1";
        self.case.refused("authority", far, "PriceStepTooLarge");
        let moved = self.done("authority", &far.replace("12001", "12000"));
        assert_eq!(
            (&moved["peak_bps"], &moved["peak_hours"], &moved["kink_bps"]),
            (&json!(12_000), &json!(["0", "1"]), &json!(8_000))
        );
        let again = "price set-book test-community --slope2-bps 9000";
        self.case.refused("authority", again, "PriceChangedLately");
        let resolver = self.done("authority", "governance resolver none");
        assert_eq!(
            (&resolver["resolver_before"], &resolver["resolver"]),
            (&json!(self.case.key("authority")), &Value::Null)
        );
        let set = self.done("authority", "governance set market usd-extra-fee-bps 150");
        assert_eq!(set["value"], "150");
        let delisted = self.done("supplier-a", "market delist-device DEVICE");
        assert_eq!(delisted["listed"], false);
    }
}
