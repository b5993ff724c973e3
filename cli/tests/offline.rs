//! Verbs that need no network, and help.

mod common;

use common::{json, text, Iog};
use serde_json::{json, Value};

#[test]
fn the_schedule_is_the_published_one() {
    let iog = Iog::new();
    let first = json(&iog.offline("emission schedule --hour 1 -o json"));
    let expected = json!({
        "hour": 1,
        "amount": "456621004566",
        "amount_ui": "4566.21004566",
        "cumulative": "456621004566",
        "cumulative_ui": "4566.21004566",
    });
    assert_eq!(first, expected);
    let last = json(&iog.offline("emission schedule --hour 175319 -o json"));
    assert_eq!(last["cumulative"], "30000000000000000");
    assert_eq!(last["cumulative_ui"], "300000000");

    let day = json(&iog.offline("emission schedule -o json-compact"));
    assert_eq!(day.as_array().unwrap().len(), 24);
    let range = json(&iog.offline("emission schedule --from 2 --to 3 -o json"));
    assert_eq!(range.as_array().unwrap().len(), 2);
    assert_eq!(range[0]["amount"], "456614663492");
}

#[test]
fn tables_are_for_people_and_compact_json_is_one_line() {
    let iog = Iog::new();
    let table = text(&iog.offline("emission schedule --hour 1").stdout);
    assert!(table.contains("4566.21004566 IO"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours off a terminal");
    let compact = text(
        &iog.offline("emission schedule --hour 1 -o json-compact")
            .stdout,
    );
    assert_eq!(compact.lines().count(), 1);
}

#[test]
fn scores_are_those_of_the_economics() {
    let iog = Iog::new();
    let score = |line: &str| json(&iog.offline(line))["score"].clone();
    // 50 * 4 + 200 * 1000 * 8 + 5
    assert_eq!(
        score("reward score --tier 4 --multiplier-x100 1000 --quantity 8 --hired 1 -o json"),
        1_600_205
    );
    assert_eq!(
        score("reward score --tier 1 --multiplier-x100 75 --quantity 1 --hired 0 -o json"),
        15_050
    );
}

#[test]
fn quotes_need_no_network_when_both_prices_are_named() {
    let iog = Iog::new();
    let quote = json(
        &iog.offline("order quote --base-price 0.76 --io-price 0.25 --gpus 2 --hours 3 -o json"),
    );
    assert_eq!(quote["price_per_gpu_hour"], "304000000");
    assert_eq!(quote["rent_ui"], "18.24");
    assert_eq!(quote["reservation_fee"], "4560000");
    assert_eq!(quote["total"], "1828560000");
    // 4.56 USD; US dollar tokens pay 2 % more
    let dollars = "order quote --base-price 0.76 --gpus 2 --hours 3 --pay usdc -o json";
    let quote = json(&iog.offline(dollars));
    assert_eq!(quote["total"], "4662600");
    assert_eq!(quote["currency"], "USDC");
    let kind = "order quote --base-price 0.76 --gpus 2 --hours 3 --pay iosd --kind train -o json";
    let quote = json(&iog.offline(kind));
    assert_eq!(
        (&quote["total"], &quote["min_tier"]),
        (&json!("4571400"), &json!(3))
    );
}

#[test]
fn a_quote_says_what_is_held_forgiven_bonded_and_deposited() {
    let iog = Iog::new();
    let line = "order quote --base-price 1.52 --gpus 8 --hours 24 --pay usdc";
    let quote = json(&iog.offline(&format!("{line} -o json")));
    // 12.16 USD an hour for 300 s: 1.013333, and 225 basis points of it, rounded up
    assert_eq!(quote["cancel_cost_max"], "1036133");
    assert_eq!(quote["deposit"], quote["total"]);
    assert_eq!(quote["deposits_max_total"], false);
    assert_eq!(quote["match_deposit_lamports"], 160_000);
    assert_eq!(
        (&quote["dispute_secs"], &quote["dispute_deposit_bps"]),
        (&json!(86_400), &json!(500))
    );
    assert_eq!(
        (
            &quote["forgiven_slots_per_hour"],
            &quote["forgiven_slots_per_day"]
        ),
        (&json!(1), &json!(4))
    );
    let told = |key: &str| quote[key].as_str().unwrap().to_string();
    assert!(told("terms_held").contains("held for 24 h"));
    assert!(told("terms_forgiven").contains("one missing slot"));
    assert!(told("terms_bonded").contains("newest held hour"));
    assert!(told("terms_deposited").contains("160000 lamports (0.00016 SOL"));
    assert!(told("terms_cancelling").contains("1.036133 USDC, at most"));
    assert!(told("terms_ending").contains("first hour"));
    let table = text(&iog.offline(line).stdout);
    assert!(table.contains("terms bonded"), "{table}");

    // Hours in IO beyond a week are paid at later prices out of the deposit.
    let week = "order quote --base-price 1.52 --io-price 0.25 --gpus 8 --hours 169 -o json";
    let quote = json(&iog.offline(week));
    assert_eq!(quote["deposits_max_total"], true);
    let deposited = quote["terms_deposited"].as_str().unwrap();
    assert!(deposited.contains("all of --max-total"), "{deposited}");
}

/// A walk of the test class.
fn walk() -> String {
    format!(
        "--slot-hash {} --device-key {} --epoch 7 --class-id 1 --rows 2048 --lanes 64 --waves 3",
        "11".repeat(32),
        "22".repeat(32)
    )
}

#[test]
fn openings_of_a_walk_verify_and_others_do_not() {
    let iog = Iog::new();
    let proved = json(&iog.offline(&format!("pow prove {} -o json", walk())));
    let roots: Vec<&str> = proved["roots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|root| root.as_str().unwrap())
        .collect();
    assert_eq!(roots.len(), 3);
    assert!(roots.iter().all(|root| root.len() == 40));

    let ask = format!("--challenge {} --n 5", "33".repeat(32));
    let opened = json(&iog.offline(&format!("pow open {} {ask} -o json", walk())));
    assert_eq!(opened["roots"], proved["roots"]);
    assert!(opened["wave"].as_u64().unwrap() < 3 && opened["lane"].as_u64().unwrap() < 64);
    let opening = opened["opening"].as_str().unwrap();
    // 304 bytes and 20 for each of the six levels of 64 lanes
    assert_eq!(opening.len(), 2 * (304 + 6 * 20));

    let verify = |opening: &str| {
        iog.offline(&format!(
            "pow verify {} {ask} --roots {} --opening {opening} -o json",
            walk(),
            roots.join(",")
        ))
    };
    assert_eq!(json(&verify(opening))["valid"], Value::Bool(true));
    let forged = format!(
        "{}{}",
        if opening.starts_with('0') { '1' } else { '0' },
        &opening[1..]
    );
    assert_eq!(verify(&forged).status.code(), Some(3));
}

#[test]
fn the_golden_vectors_are_proved_and_opened_from_the_command_line() {
    let iog = Iog::new();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/pow/vectors/three-panels.json"
    );
    let vector: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let walk = format!(
        "--slot-hash {} --device-key {} --epoch {} --class-id {} --rows 96 --lanes 4 --waves 2",
        vector["slot_hash"].as_str().unwrap(),
        vector["device_key"].as_str().unwrap(),
        vector["epoch"].as_str().unwrap(),
        vector["class"],
    );
    let proved = json(&iog.offline(&format!("pow prove {walk} -o json")));
    assert_eq!(proved["roots"], vector["roots"]);
    assert_eq!(proved["seed"], vector["seed"]);
    let challenge = vector["challenge"].as_str().unwrap();
    for n in [0, 7] {
        let expected = &vector["openings"][n];
        let ask = format!("--challenge {challenge} --n {n}");
        let opened = json(&iog.offline(&format!("pow open {walk} {ask} -o json")));
        assert_eq!(opened["opening"], expected["bytes"]);
        for index in ["wave", "lane", "step", "i", "j"] {
            assert_eq!(opened[index], expected[index], "{index}");
        }
    }
}

#[test]
fn a_card_that_is_not_there_is_replaced_only_when_told_to() {
    let iog = Iog::new();
    let absent = format!("pow prove {} --backend wgpu --device 9999", walk());
    assert_eq!(iog.offline(&absent).status.code(), Some(2));
    let told = iog.offline(&format!("{absent} --fallback -o json"));
    assert!(text(&told.stderr).contains("the CPU walks instead"));
    let cpu = iog.offline(&format!("pow prove {} -o json", walk()));
    assert_eq!(json(&told), json(&cpu));
}

#[test]
fn outputs_are_listed_and_their_hashes_checked() {
    let iog = Iog::new();
    let (order, lease) = (common::KEY, "6WqdntecsQvLLcEjxZqn9sfX2HJi5mSvqWPYAaGWaYNB");
    let folder = iog.home.path().join("outputs").join(order).join(lease);
    std::fs::create_dir_all(folder.join("files/deep")).unwrap();
    std::fs::write(folder.join("files/deep/result.txt"), "hello").unwrap();
    std::fs::write(folder.join("stdout"), "done\n\u{1b}[2J").unwrap();
    let files = json!([
        { "path": "deep/result.txt", "len": 5, "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" },
        { "path": "../../../../id.json", "len": 5, "sha256": "00" },
    ]);
    let result = json!({ "id": "x", "order": order, "lease": lease, "status": { "failed": { "code": 3 } }, "files": files });
    std::fs::write(folder.join("result.json"), result.to_string()).unwrap();

    let shown = json(&iog.offline(&format!("order output {order} --dir . -o json")));
    assert_eq!(shown["jobs"][0]["status"], "failed");
    assert_eq!(shown["jobs"][0]["exit_code"], "3");
    assert_eq!(shown["files"][0]["intact"], true);
    assert_eq!(shown["files"][1]["intact"], false);
    let table = iog.offline(&format!("order output {order} --dir outputs"));
    assert!(text(&table.stdout).contains("result.txt"));

    let logs = json(&iog.offline(&format!("order logs {order} --dir . -o json")));
    assert_eq!(logs[0]["stdout"], "done\n\u{1b}[2J");
    assert_eq!(logs[0]["exit_code"], "3");
    let lines = text(&iog.offline(&format!("order logs {order} --dir .")).stdout);
    assert!(lines.contains("stdout\ndone\n\\u{1b}[2J\n"), "{lines}");
    assert!(
        !lines.contains("stderr"),
        "nothing was written there: {lines}"
    );
}

#[test]
fn completions_know_the_nouns() {
    let iog = Iog::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&iog.run(&["completion", shell]).stdout);
        assert!(script.contains("request-unstake"), "{shell}");
    }
}

/// The commands of a help page.
fn commands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_string)
        .collect()
}

#[test]
fn every_verb_has_an_example() {
    let iog = Iog::new();
    let help = |args: &[&str]| text(&iog.run(args).stdout);
    let nouns = commands(&help(&["--help"]));
    assert!(nouns.len() >= 18, "{nouns:?}");
    let mut verbs = 0;
    for noun in &nouns {
        let page = help(&[noun, "--help"]);
        let found = commands(&page);
        if found.is_empty() {
            assert!(page.contains("Example"), "{noun}: {page}");
        }
        for verb in found {
            verbs += 1;
            let page = help(&[noun, &verb, "--help"]);
            let start = format!("  iog {noun} {verb}");
            assert!(
                page.contains("Example") && page.contains(&start),
                "{noun} {verb}: {page}"
            );
        }
    }
    assert!(verbs >= 100, "{verbs} verbs");
}
