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

/// A walk of the class `test`, by a device of so many cards.
fn walk(cards: u32) -> String {
    format!(
        "--slot-hash {} --device-key {} --epoch 7 --class-id 1 --rows 1024 --tiles 4 --waves 512 --cards {cards}",
        "11".repeat(32),
        "22".repeat(32)
    )
}

#[test]
fn openings_of_a_walk_verify_and_others_do_not() {
    let iog = Iog::new();
    let prove = |cards| json(&iog.offline(&format!("pow prove {} -o json", walk(cards))));
    let proved = prove(1);
    let commit = proved["commit"].as_str().unwrap();
    assert_eq!(commit.len(), 32);
    assert_eq!(proved["record"], Value::Null);

    let challenge = format!("--challenge {}", "33".repeat(32));
    let opened = json(&iog.offline(&format!("pow open {} {challenge} --n 5 -o json", walk(1))));
    assert_eq!(opened["commit"], proved["commit"]);
    assert!(opened["wave"].as_u64().unwrap() < 512 && opened["tile"].as_u64().unwrap() < 4);
    assert_eq!(opened["card"], 0);
    let opening = opened["opening"].as_str().unwrap();
    // 176 bytes and 16 for each of the two levels of 4 tiles and the nine of 512 waves
    assert_eq!(opening.len(), 2 * (176 + 11 * 16));

    let verify = |cards, n, opening: &str| {
        iog.offline(&format!(
            "pow verify {} {challenge} --n {n} --commit {commit} --opening {opening} -o json",
            walk(cards)
        ))
    };
    assert_eq!(json(&verify(1, 5, opening))["valid"], Value::Bool(true));
    let other = if opening.starts_with('0') { '1' } else { '0' };
    let forged = format!("{other}{}", &opening[1..]);
    for (refused, check) in [
        (verify(1, 5, &forged), "do not lead to the commit"),
        (verify(1, 4, opening), "do not lead to the commit"),
        (verify(2, 5, opening), "length"),
    ] {
        assert_eq!(refused.status.code(), Some(3));
        assert!(text(&refused.stderr).contains(check), "{refused:?}");
    }
    // The seed has the number of cards.
    assert_ne!(prove(2)["seed"], proved["seed"]);
}

#[test]
fn a_record_opens_without_another_walk() {
    let iog = Iog::new();
    let walk = walk(3);
    let proved = json(&iog.offline(&format!("pow prove {walk} --record walk.bin -o json")));
    assert_eq!(proved["record"], "walk.bin");
    // A magic and the seed, four numbers, and 16 bytes for each card and wave
    let record = std::fs::read(iog.path("walk.bin")).unwrap();
    assert_eq!(record.len(), 16 + 32 + 16 + 3 * 512 * 16);

    let ask = format!("--challenge {}", "33".repeat(32));
    let kept = format!("pow open --record walk.bin {ask} --all -o json");
    let kept = json(&iog.offline(&kept));
    let walked = json(&iog.offline(&format!("pow open {walk} {ask} --all -o json")));
    assert_eq!(kept, walked);
    let openings = kept.as_array().unwrap();
    assert_eq!(openings.len(), 8);
    let mut cards: Vec<u64> = Vec::new();
    for (n, opening) in openings.iter().enumerate() {
        assert_eq!(
            (&opening["n"], &opening["commit"]),
            (&json!(n), &proved["commit"])
        );
        cards.push(opening["card"].as_u64().unwrap());
        let verified = iog.offline(&format!(
            "pow verify {walk} {ask} --n {n} --commit {} --opening {} -o json",
            opening["commit"].as_str().unwrap(),
            opening["opening"].as_str().unwrap(),
        ));
        assert_eq!(json(&verified)["valid"], true, "{n}");
    }
    cards.sort_unstable();
    cards.dedup();
    assert_eq!(
        cards,
        [0, 1, 2],
        "eight draws of three cards, chosen so that each is drawn"
    );
    let one = json(&iog.offline(&format!("pow open --record walk.bin {ask} --n 6 -o json")));
    assert_eq!(one, openings[6]);

    // A walk that fails leaves no empty file behind.
    let failed = format!("pow prove {walk} --backend cuda --card 9999 --record other.bin");
    assert_eq!(iog.offline(&failed).status.code(), Some(2));
    assert!(!std::path::Path::new(&iog.path("other.bin")).exists());
    std::fs::write(iog.path("short.bin"), &record[..record.len() - 1]).unwrap();
    let short = iog.offline(&format!("pow open --record short.bin {ask} --all"));
    assert!(text(&short.stderr).contains("no record of a walk"));
}

#[test]
fn the_golden_vectors_are_proved_and_opened_from_the_command_line() {
    let iog = Iog::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/pow/vectors");
    let mut cards = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let vector: Value = serde_json::from_slice(&bytes).unwrap();
        cards.push(vector["cards"].as_u64().unwrap());
        is_proved_and_opened(&iog, &vector);
    }
    for count in [1, 2, 3, 8] {
        assert!(cards.contains(&count), "{cards:?}");
    }
}

fn is_proved_and_opened(iog: &Iog, vector: &Value) {
    let bytes = |name: &str| vector[name].as_str().unwrap();
    let walk = format!(
        "--slot-hash {} --device-key {} --epoch {} --class-id {} --rows {} --tiles {} --waves {} --cards {}",
        bytes("slot_hash"),
        bytes("device_key"),
        vector["epoch"].as_str().unwrap(),
        vector["class"],
        vector["rows"],
        vector["tiles"],
        vector["waves"],
        vector["cards"],
    );
    let proved = json(&iog.offline(&format!("pow prove {walk} -o json")));
    assert_eq!(proved["commit"], vector["commit"]);
    assert_eq!(proved["seed"], vector["seed"]);
    let ask = format!("--challenge {} --all", bytes("challenge"));
    let opened = json(&iog.offline(&format!("pow open {walk} {ask} -o json")));
    let expected = vector["openings"].as_array().unwrap();
    assert_eq!(expected.len(), 8);
    for (opened, expected) in opened.as_array().unwrap().iter().zip(expected) {
        assert_eq!(opened["opening"], expected["bytes"]);
        for index in ["wave", "card", "tile", "i", "j"] {
            assert_eq!(opened[index], expected[index], "{index}");
        }
    }
}

#[test]
fn a_card_that_is_not_there_is_replaced_only_when_told_to() {
    let iog = Iog::new();
    let absent = format!("pow prove {} --backend wgpu --card 9999", walk(1));
    assert_eq!(iog.offline(&absent).status.code(), Some(2));
    let told = iog.offline(&format!("{absent} --fallback -o json"));
    assert!(text(&told.stderr).contains("the CPU walks instead"));
    let cpu = iog.offline(&format!("pow prove {} -o json", walk(1)));
    assert_eq!(json(&told), json(&cpu));
}

#[test]
fn cards_are_listed_by_backend() {
    let iog = Iog::new();
    let cards = json(&iog.offline("pow cards --backend cpu -o json"));
    assert_eq!(
        (&cards[0]["backend"], &cards[0]["number"]),
        (&json!("cpu"), &json!(0))
    );
    assert!(cards[0]["name"].as_str().unwrap().starts_with("CPU, "));
    // Without a name all backends of cards are asked, and what is missing is no failure.
    let all = json(&iog.offline("pow cards --software -o json"));
    let all = all.as_array().unwrap();
    assert!(all.iter().all(|card| card["backend"] != "cpu"), "{all:?}");
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
