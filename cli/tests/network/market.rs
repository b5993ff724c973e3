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
    hire.books_parts();
    hire.takes_an_order_back();
    hire.extends_and_disputes().await;
    hire.ends_an_order_in_credit().await;
    hire.shows_what_came_of_it();
    hire.gives_back_what_the_lease_was_paid();
}

impl Hire<'_> {
    fn offers_a_device(&self) {
        self.done("supplier-a", "operator register --name Basement");
        let key = self.case.dir.join("device-a.json");
        let key = key.to_str().unwrap();
        let register = format!("device register --device-key {key} --class 2 --country DE");
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
        assert_eq!(listed["currencies"], json!(["IO", "USDC", "IOSD"]));
        // A device without a record stands at one half.
        assert_eq!(listed["reputation_bps"], 5_000);
        // It was never alive: anyone takes it off, and its own key puts it back when it is.
        let off = "market delist-device DEVICE";
        assert_eq!(self.done("renter", off)["listed"], false);
        let relist = format!("market relist DEVICE --device-key {key}");
        self.case.refused("keeper", &relist, "DeviceStale");
        self.case.world.proves(&self.device);
        self.case
            .refused("keeper", "market relist DEVICE", "NotDeviceKey");
        assert_eq!(self.done("keeper", &relist)["listed"], true);
        self.case.refused("renter", off, "ListingStands");
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

    /// GPUs of two classes in one order, each at its own price.
    fn books_parts(&self) {
        let wanted = "--part 2:1 --part 1:2 --hours 3 --pay usdc";
        let quote = self.done("renter", &format!("order quote {wanted}"));
        // 0.2 and twice 0.76 USD an hour, for 3 hours, and 225 basis points
        assert_eq!(
            (&quote["per_hour"], &quote["rent"], &quote["total"]),
            (&json!("1720000"), &json!("5160000"), &json!("5276100"))
        );
        let parts = quote["parts"].as_array().unwrap();
        assert_eq!(
            (&parts[1]["gpus"], &parts[1]["price_usd"]),
            (&json!(2), &json!("760000"))
        );
        // No device proves nine cards together.
        let machines = "order create --part 2:9@9 --hours 3 --pay usdc";
        let refused = self.case.world.run(self.case.dir, "renter", machines);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let says = String::from_utf8_lossy(&refused.stderr);
        assert!(says.contains("at most 8 GPUs together"), "{says}");
        let booked = self.done("renter", &format!("order create {wanted} --id 6"));
        assert_eq!(booked["deposited"], quote["total"]);
        assert_eq!(booked["match_deposit_lamports"], 60_000);
        let order = booked["order"].as_str().unwrap();
        let shown = self.done("renter", &format!("order show {order}"));
        assert_eq!((&shown["gpus"], &shown["law"]), (&json!(3), &json!(true)));
        assert_eq!(shown["parts"][1]["vacant_gpus"], 2);
        assert_eq!(shown["prices"][1]["price_per_gpu_hour"], "760000");
        // One device cannot make it up: an order is matched as a whole or not at all.
        let alone = format!("order match {order}");
        self.case.refused("renter", &alone, "2 GPUs are missing");
        let reduce = format!("order reduce {order} --part 1 --gpus 1");
        self.case
            .refused("renter", &reduce, "only those of a running order");
        self.done("renter", &format!("order cancel {order}"));
        self.done("keeper", &format!("order close {order}"));
    }

    /// What the chain takes is what was quoted, to the unit.
    pub fn books(&self, pay: &str, more: &str) -> (String, u64) {
        let asked = format!("--class 2,1 --gpus 1 --hours 2 --pay {pay} --country DE");
        let quote = self.done("renter", &format!("order quote {asked}"));
        let booked = self.done("renter", &format!("order create {asked} {more}"));
        assert_eq!(booked["total"], quote["total"], "{pay}");
        assert_eq!(booked["deposited"], quote["total"], "{pay}");
        let other = &quote["parts"][0]["alternatives"][0];
        assert_eq!(other["will_do_now"], false);
        let order = booked["order"].as_str().unwrap().to_string();
        let shown = self.done("renter", &format!("order show {order}"));
        assert_eq!(
            (&shown["state"], &shown["law"], &shown["class_ids"]),
            (&json!("open"), &json!(true), &json!(["2", "1"]))
        );
        assert_eq!(shown["parts"][1]["alternative"], true);
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
        // The machine refuses what it is given, for nothing, and this order does not take it again.
        self.case.world.proves(&self.device);
        self.done("renter", &format!("order match {order}"));
        let declined = self.done("device-a", "market decline DEVICE");
        assert_eq!(declined["late"], false);
        self.case
            .refused("renter", &format!("order match {order}"), "barred");
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
        let extended = self.done("renter", &format!("order extend {order} --hours 8"));
        let shown = self.done("renter", &format!("order show {order}"));
        assert_eq!(shown["end_ts"], extended["end_ts"]);
        let more = units(&extended["total"]);
        // Hours at 0.2 USD of 0.2498 USD, rounded up, and 25 basis points, rounded up
        assert_eq!(more, 8 * 80_064_052 + 1_601_282);
        assert_eq!(shown["hours"], 10);
        let deposited = units(&shown["deposited"]);
        assert_eq!(deposited, 10 * 80_064_052 + 1_601_282 + 400_321);
        self.case.refused(
            "renter",
            &format!("order price-anew {order}"),
            "keeps its price",
        );

        // Twenty minutes into the second hour: every slot of the first is over.
        self.serves(HOUR + 1_200).await;
        let lease = pda::market::lease(&order.parse().unwrap(), &self.device).to_string();
        self.case
            .refused("keeper", &format!("lease leave {lease}"), "only the owner");
        let settled = self.done("keeper", &format!("lease settle {lease}"));
        assert_eq!(settled["held"], "80064052");
        let slots = self.done("keeper", &format!("lease show {lease}"));
        let first = &slots["hours"][0];
        assert_eq!(
            (
                &first["slots"],
                &first["slots_proved"],
                &first["slots_paid"]
            ),
            (&json!(6), &json!(6), &json!(6))
        );
        assert_eq!(first["worth"], "80064052");
        assert_eq!(slots["serves_now"], true);
        let added = self.disputes(&order, &lease);
        let split = self.is_decided(&lease).await;

        let running = format!("order close {order}");
        self.case
            .refused("keeper", &running, "the order runs until");
        let ended = self.done("renter", &format!("order end {order}"));
        let closed = self.done("keeper", &running);
        assert_eq!(
            (&closed["leases_closed"], &closed["transactions"]),
            (&json!(1), &json!(1))
        );
        // All but pay and fees came back: half an IO, and 25 basis points of it from the renter.
        assert!(units(&ended["paid_out"]) > units(&split["refunded"]));
        let returned = units(&ended["paid_out"]) + units(&closed["returned"]);
        assert_eq!(returned, deposited + added - 50_000_000 - 125_000);
    }

    /// What was added for the deposit.
    fn disputes(&self, order: &str, lease: &str) -> u64 {
        let (evidence, hash) = self.case.evidence();
        let dispute = format!("order dispute {order} --device DEVICE --evidence {evidence}");
        self.case.refused("keeper", &dispute, "holds 0 IO");
        let disputed = self.done("renter", &dispute);
        // The proved hour, and whole minutes of the next.
        let amount = 80_064_052..115_000_000;
        assert!(amount.contains(&units(&disputed["disputed"])), "{disputed}");
        assert_eq!(
            (&disputed["state"], &disputed["evidence_sha256"]),
            (&json!("disputed"), &json!(hash))
        );
        // A twentieth, rounded up; what was added covers it.
        let deposit = units(&disputed["deposit"]);
        assert!(deposit > 80_064_052 / 20, "{disputed}");
        let added = units(&disputed["added_funds"]);
        assert!(added >= deposit, "{disputed}");
        let listed = self.done("keeper", "dispute list");
        assert_eq!(
            (&listed[0]["lease"], &listed[0]["resolver"]),
            (&json!(lease), &json!(self.case.key("authority")))
        );
        added
    }

    async fn is_decided(&self, lease: &str) -> Value {
        let resolve = format!("dispute resolve {lease} --to-supplier 0.5");
        self.passes(HOUR);
        // Receipts come first.
        self.case
            .refused("authority", &resolve, "answers come first");
        self.passes(6 * HOUR);
        let by_rule = format!("dispute by-rule {lease}");
        self.case.refused("keeper", &by_rule, "may decide until");
        self.case.refused("renter", &resolve, "NotResolver");
        let split = self.done("authority", &resolve);
        // Half an IO less 25 basis points, and as much from the renter.
        assert_eq!(
            (&split["paid"], &split["fees"]),
            (&json!("49875000"), &json!("250000"))
        );
        let verdict = self.done("keeper", &format!("dispute verdict {lease}"));
        assert_eq!(
            (&verdict["renter"], &verdict["resolver"]),
            (
                &json!(self.case.key("renter")),
                &json!(self.case.key("authority"))
            )
        );
        let listed = self.done(
            "keeper",
            &format!("dispute verdicts --device {}", self.device),
        );
        assert_eq!(listed[0]["verdict"], verdict["verdict"]);
        let owner = self.case.key("supplier-a");
        let paid = self.done("keeper", &format!("market withdraw --owner {owner}"));
        assert_eq!(paid["withdrawn"], "49875000");
        self.case
            .refused("supplier-a", "market withdraw", "nothing can be paid");
        split
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
            (&stats["orders"], &stats["disputes"], &stats["open_orders"]),
            (&json!(4), &json!(1), &json!(0))
        );
        assert!(stats["gpu_hours"].as_u64().unwrap() >= 2, "{stats}");
        assert_eq!(self.done("renter", "order list"), json!([]));
        self.done("renter", "market close-renter");
        self.case
            .refused("keeper", "market close-occupancy DEVICE", "is kept until");
        self.done("supplier-a", "market close-earnings --pay usdc");

        let far = "price set-book 2 --peak-bps 12001 --peak-hours 0,1";
        self.case.refused("authority", far, "PriceStepTooLarge");
        let moved = self.done("authority", &far.replace("12001", "12000"));
        assert_eq!(
            (&moved["peak_bps"], &moved["peak_hours"], &moved["kink_bps"]),
            (&json!(12_000), &json!(["0", "1"]), &json!(8_000))
        );
        let again = "price set-book test-community --slope2-bps 9000";
        self.case.refused("authority", again, "PriceChangedLately");
        let set = self.done("authority", "governance set market usd-extra-fee-bps 150");
        assert_eq!(set["value"], "150");
        let delisted = self.done("supplier-a", "market delist-device DEVICE");
        assert_eq!(
            (&delisted["listed"], &delisted["currencies"]),
            (&json!(false), &json!([]))
        );
        // Whoever its owner took off stays off.
        self.case.world.proves(&self.device);
        self.case
            .refused("device-a", "market relist DEVICE", "NotListed");
    }

    /// A slash case that names the verdict pays the renter out of the stake.
    fn gives_back_what_the_lease_was_paid(&self) {
        let verdicts = self.done("keeper", "dispute verdicts");
        let lease = verdicts[0]["lease"].as_str().unwrap();
        let roles = format!(
            "slash roles --slasher {} --appeal-authority {}",
            self.case.key("keeper"),
            self.case.key("supplier-b")
        );
        self.done("authority", &roles);
        self.case.days_pass(1);
        for role in ["slasher", "appeal-authority"] {
            self.done("renter", &format!("slash apply-role {role}"));
        }
        let (evidence, hash) = self.case.evidence();
        let propose = |amount: &str| {
            format!(
                "slash restitution propose --lease {lease} --amount {amount} --evidence {evidence}"
            )
        };
        self.case
            .refused("keeper", &propose("1"), "can still be claimed");
        self.case.refused("renter", &propose("0.3"), "NotSlasher");
        let proposed = self.done("keeper", &propose("0.3"));
        // 0.3 IO at 0.2502 USD
        assert_eq!(
            (&proposed["claim_usd"], &proposed["evidence_sha256"]),
            (&json!("75060"), &json!(hash))
        );
        self.case.refused(
            "keeper",
            "slash finalize 0",
            "iog slash restitution finalize 0",
        );
        let finalize = "slash restitution finalize 0";
        self.case.refused("keeper", finalize, "runs until");
        self.case.days_pass(30);
        let fetch = format!("slash restitution fetch {lease}");
        self.case.refused("keeper", &fetch, "nothing is owed");
        let finalized = self.done("supplier-b", finalize);
        assert_eq!(
            (&finalized["credited"], &finalized["released"]),
            (&json!("30000000"), &json!("0"))
        );
        let fetched = self.done("keeper", &fetch);
        assert_eq!(fetched["paid_out"], "30000000");
        let shown = self.done("renter", &format!("slash restitution show {lease}"));
        assert_eq!(
            (&shown["due"], &shown["paid_out"], &shown["claimed_usd"]),
            (&json!("0"), &json!("30000000"), &json!("75060"))
        );
        let close = format!("slash restitution close {lease}");
        self.case.refused("keeper", &close, "RestitutionNeeded");
        self.case.refused(
            "keeper",
            &format!("dispute close-verdict {lease}"),
            "may be named by slash cases",
        );
        let resolver = self.done("authority", "governance resolver none");
        assert_eq!(
            (&resolver["key"], &resolver["pending"]),
            (&Value::Null, &Value::Null)
        );
        // audit: money M4
        let name = format!("governance resolver {}", self.case.key("keeper"));
        let named = self.done("authority", &name);
        assert_eq!(named["pending_state"], "waits");
        let apply = "governance apply market resolver";
        self.case.refused("renter", apply, "TooEarly");
        self.case.days_pass(1);
        assert_eq!(self.done("renter", apply)["key"], self.case.key("keeper"));
    }
}
