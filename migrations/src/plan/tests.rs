//! The shipped plans, and what is refused.

use super::*;

#[test]
fn the_shipped_plans_are_valid() {
    let local = Plan::local().unwrap();
    assert_eq!((local.classes.len(), local.catalog), (2, false));
    let devnet = Plan::devnet().unwrap();
    assert_eq!((devnet.classes.len(), devnet.catalog), (0, true));
    for plan in [&local, &devnet] {
        assert_eq!(plan.min_device_age_secs, 43_200);
        assert_eq!((plan.exempt_hours, plan.max_per_score_units), (72, 2_500));
        assert_eq!(plan.market.dispute_secs, 86_400);
        assert_eq!(plan.measurers_and_quorum().unwrap(), (Vec::new(), 3));
        // 500,000 IO an hour, and twice the first 24 hours.
        assert_eq!(plan.emission_cap().unwrap(), 50_000_000_000_000);
        let limits = plan.limits().unwrap();
        assert_eq!(limits.emission.floor, 21_917_808_219_168);
        // Pay of suppliers in IOSD: 24,000 IO a day whatever the supply.
        assert_eq!(limits.net_emission.floor, 2_400_000_000_000);
        let account = plan.price.source().unwrap().account.to_string();
        assert_eq!(account, "AKigHaXsD5wm3Za1aRkgPMKe8JrfqpwQbgKih7gZt9RD");
    }
    assert_eq!(
        (local.window_spread_secs, devnet.window_spread_secs),
        (0, 300)
    );
}

#[test]
fn a_wrong_value_is_named() {
    let text = include_str!("../../plans/local.toml");
    let cases = [
        (
            text.replace("\"0.76\"", "\"0,76\""),
            "classes.1.base_price_usd",
        ),
        (
            text.replace("\"500000\"", "\"-1\""),
            "emission_cap_per_hour",
        ),
        (format!("attestor = \"nobody\"\n{text}"), "attestor"),
        (
            text.replace("\"500000\"", "\"9132.42009131\""),
            "at least 9132.42009132 IO",
        ),
        (
            text.replace("\"219178.08219168\"", "\"219178\""),
            "breaker.emission.floor",
        ),
        (
            text.replace("limit = \"5000000\"", "limit = \"219178\""),
            "breaker.emission.limit",
        ),
        (
            text.replace("exempt_hours = 72", "exempt_hours = 23"),
            "exempt_hours is not valid: it must be 24 to 168",
        ),
        (
            text.replace("units = 2500", "units = 99"),
            "max_per_score_units",
        ),
        (
            text.replace("dispute_secs = 86400", "dispute_secs = 86401"),
            "market.dispute_secs",
        ),
        (
            text.replace("proof_valid_hours = 3", "proof_valid_hours = 0"),
            "classes.1.proof_valid_hours",
        ),
        (
            text.replace("usd_extra_bps = 200", "usd_extra_bps = 501"),
            "market.usd_extra_bps",
        ),
        (
            text.replace("peak_hours = []", "peak_hours = [24]"),
            "prices.peak_hours",
        ),
        (
            text.replace("peak_bps = 10000", "peak_bps = 20001"),
            "prices is not valid: the kink",
        ),
        (
            format!("{text}\n").replace("[market]\n", "[market]\nresolver = \"nobody\"\n"),
            "market.resolver",
        ),
        (
            text.replace("kind = \"pyth\"", "kind = \"chainlink\""),
            "pyth",
        ),
        (text.replace("kind = \"pyth\"\n", ""), "kind"),
        (text.replace("\"8259", "\"825"), "price.feed"),
        (
            text.replace("kind = \"pyth\"", "kind = \"pyth\"\naccount = \"none\""),
            "price.account",
        ),
        (
            text.replace("kind = \"pyth\"", "kind = \"pyth\"\nquorum = 3"),
            "quorum",
        ),
        (
            text.replace("\"test-community\"", &format!("\"{}\"", "x".repeat(33))),
            "classes.2.name",
        ),
    ];
    for (text, key) in cases {
        let error = Plan::parse(&text).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
    let with = |head: &str, tail: &str| Plan::parse(&format!("{head}\n{text}\n{tail}"));
    let mint = format!("io_mint = \"{}\"", Pubkey::new_unique());
    for (head, tail, says) in [
        (mint.as_str(), "", "vesting = []"),
        (
            "",
            "[beneficiaries]\nsomebody = \"x\"",
            "beneficiaries.somebody",
        ),
        ("", "[beneficiaries]\nseed = \"x\"", "beneficiaries.seed"),
    ] {
        let error = with(head, tail).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let handed_over = with(&format!("{mint}\nvesting = []"), "").unwrap();
    assert!(handed_over.schedules().unwrap().is_empty());
    let unknown = Plan::parse(&format!("colour = 1\n{text}"))
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("colour"), "{unknown}");
}

#[test]
fn a_price_may_come_from_a_quorum_of_the_networks_own() {
    let text = include_str!("../../plans/local.toml");
    let (head, tail) = text.split_once("kind = \"pyth\"\n").unwrap();
    let tail = tail.split_once("\n\n").unwrap().1;
    let plan = |more: &str| Plan::parse(&format!("{head}kind = \"quorum\"\n{more}\n\n{tail}"));
    let keys: Vec<String> = (0..5)
        .map(|_| format!("\"{}\"", Pubkey::new_unique()))
        .collect();
    let reporters = format!("reporters = [{}]", keys.join(", "));
    let named = plan(&reporters).unwrap().price.quorum().unwrap().unwrap();
    assert_eq!((named.0, named.1.len()), (3, 5));
    let four = plan(&format!("quorum = 4\n{reporters}")).unwrap();
    assert_eq!(four.price.quorum().unwrap().unwrap().0, 4);
    for (wrong, says) in [
        (format!("quorum = 2\n{reporters}"), "price.quorum"),
        (format!("quorum = 6\n{reporters}"), "price.quorum"),
        ("reporters = [\"me\"]".into(), "price.reporters"),
        ("reporters = []".into(), "price.quorum"),
        (String::new(), "reporters"),
    ] {
        let error = plan(&wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// redteam 12b
#[test]
fn more_than_half_of_the_measurers_give_a_tier() {
    let text = include_str!("../../plans/local.toml");
    let plan = |count: usize, quorum: Option<u8>| {
        let keys: Vec<String> = (0..count)
            .map(|_| format!("\"{}\"", Pubkey::new_unique()))
            .collect();
        let quorum = quorum.map_or(String::new(), |quorum| format!("quorum = {quorum}\n"));
        Plan::parse(&format!(
            "measurers = [{}]\n{quorum}{text}",
            keys.join(", ")
        ))
    };
    let set = |count, quorum| {
        let (named, quorum) = plan(count, quorum)?.measurers_and_quorum()?;
        assert_eq!(named.len(), count);
        Ok::<_, PlanError>(quorum)
    };
    for (count, least) in [(0, 3), (3, 3), (5, 3), (6, 4), (9, 5)] {
        assert_eq!(set(count, None).unwrap(), least, "{count}");
        assert!(set(count, Some(least - 1)).is_err(), "{count}");
        assert_eq!(set(count, Some(9)).unwrap(), 9);
    }
    assert!(set(3, Some(10)).is_err());
    assert!(set(10, None).unwrap_err().to_string().contains("measurers"));
    let twice = Pubkey::new_unique();
    let twice = format!("measurers = [\"{twice}\", \"{twice}\"]\n{text}");
    assert!(Plan::parse(&twice).is_err());
}
