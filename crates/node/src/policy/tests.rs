use super::*;
use iog_job::{Hash, Kind};

const RENTER: Key = Key([1; 32]);
const NOW: i64 = 1_000_000;
const HOUR: i64 = 3_600;

fn policy(text: &str) -> Policy {
    toml::from_str(text).unwrap()
}

fn offer(change: impl FnOnce(&mut Offer)) -> Offer {
    let mut offer = Offer {
        kind: Kind::Batch,
        image: Some(Hash([0xab; 32])),
        reference: Some("registry.example.com/team/train".into()),
        platform: None,
        egress: false,
        ports: Vec::new(),
        resources: Resources::default(),
        input_bytes: 100,
    };
    change(&mut offer);
    offer
}

fn asked(offer: Option<&Offer>) -> Asked<'_> {
    Asked {
        renter: RENTER,
        matched_ts: NOW - 29,
        now: NOW,
        hours: 2,
        until_ts: NOW + 2 * HOUR,
        usd6_per_gpu_hour: 760_000,
        has_job: true,
        offer,
        lapses: 0,
        draining: false,
    }
}

fn able() -> Ability {
    Ability {
        ready: true,
        strangers: true,
        ..Ability::default()
    }
}

/// What is said with a policy, of the plain match but for `change`: `Err` with a part of the reason.
fn says(text: &str, change: impl FnOnce(&mut Asked<'_>)) -> Verdict {
    let offer = offer(|_| ());
    let mut asked = asked(Some(&offer));
    change(&mut asked);
    policy(text).on_match(&asked, &able())
}

fn refuses(verdict: Verdict, why: &str) {
    let Verdict::Refuse(reason) = verdict else {
        panic!("{verdict:?}: {why}");
    };
    assert!(reason.contains(why), "{reason}");
}

/// audit: operations M14
#[test]
fn orders_are_taken_by_the_operators_rules() {
    let other = Key([2; 32]);
    assert_eq!(says("", |_| ()), Verdict::Take);
    let allow = format!("[renters]\nallow = ['{other}']");
    refuses(says(&allow, |_| ()), "does not serve this renter");
    assert_eq!(says(&allow, |asked| asked.renter = other), Verdict::Take);
    let deny = format!("[renters]\ndeny = ['{RENTER}']");
    refuses(says(&deny, |_| ()), "does not serve this renter");
    assert_eq!(says(&deny, |asked| asked.renter = other), Verdict::Take);

    assert_eq!(says("max_hours = 2", |_| ()), Verdict::Take);
    refuses(says("max_hours = 1", |_| ()), "longer");
    assert_eq!(
        says("min_usd6_per_gpu_hour = 760000", |_| ()),
        Verdict::Take
    );
    refuses(says("min_usd6_per_gpu_hour = 760001", |_| ()), "pays less");
    refuses(says("", |asked| asked.draining = true), "drained");
    // 1,000,000 is 13:46:40 on the 12th of January 1970.
    let later = "[[maintenance]]\nfrom = '1970-01-12T15:46:40Z'\nhours = 1";
    assert_eq!(says(later, |_| ()), Verdict::Take);
    refuses(says(later, |asked| asked.until_ts += 1), "maintenance");
    assert!(!policy(later).maintains(NOW + 2 * HOUR - 1));
    assert!(policy(later).maintains(NOW + 2 * HOUR));
    assert!(!policy(later).maintains(NOW + 3 * HOUR));
}

/// redteam O1
#[test]
fn three_lapsed_orders_in_a_day_are_enough() {
    assert_eq!(says("", |asked| asked.lapses = 2), Verdict::Take);
    refuses(says("", |asked| asked.lapses = 3), "lapsed");
}

/// redteam K2, E7
#[test]
fn what_the_engine_cannot_take_is_declined() {
    let answers = |text: &str, ability: Ability| {
        policy(text).on_match(&asked(Some(&offer(|_| ()))), &ability)
    };
    let broken = Ability {
        trouble: Some("podman does not answer".into()),
        ..Ability::default()
    };
    refuses(answers("", broken), "podman does not answer");
    refuses(answers("", Ability::default()), "the engine");
    let open = Ability {
        strangers: false,
        ..able()
    };
    refuses(answers("", open.clone()), "own_renters");
    let own = format!("own_renters = ['{RENTER}']");
    assert_eq!(answers(&own, open), Verdict::Take);
    // An engine that isolates serves everybody.
    assert_eq!(answers(&own, able()), Verdict::Take);
    refuses(answers(&own, Ability::default()), "the engine");
}

/// redteam K4: what the engine never takes is declined, not accepted and failed.
#[test]
fn what_the_engine_does_not_run_is_declined() {
    let answers = |takes: Takes, offer: &Offer| {
        let ability = Ability { takes, ..able() };
        policy("").on_match(&asked(Some(offer)), &ability)
    };
    let commands = || Takes {
        images: false,
        ..Takes::default()
    };
    let images = || Takes {
        no_image: false,
        registries: Some(vec!["ghcr.io".into()]),
        ..Takes::default()
    };
    let none = offer(|offer| (offer.image, offer.reference) = (None, None));
    let archive = offer(|offer| offer.reference = None);
    let pulled = |from: &str| offer(|offer| offer.reference = Some(format!("{from}/team/job")));
    assert_eq!(answers(commands(), &none), Verdict::Take);
    refuses(answers(commands(), &archive), "no images");
    refuses(answers(images(), &none), "names none");
    assert_eq!(answers(images(), &archive), Verdict::Take);
    assert_eq!(answers(images(), &pulled("ghcr.io")), Verdict::Take);
    refuses(answers(images(), &pulled("docker.io")), "`docker.io`");
    // A shell has no offer.
    let mut session = asked(None);
    session.has_job = false;
    let ability = Ability {
        takes: images(),
        ..able()
    };
    refuses(policy("").on_match(&session, &ability), "names none");
}

/// redteam K4
#[test]
fn a_job_without_an_offer_goes_by_the_rule_for_unknown_ones() {
    let answers = |text: &str, now: i64, has_job: bool| {
        let mut asked = asked(None);
        (asked.now, asked.has_job) = (now, has_job);
        policy(text).on_match(&asked, &able())
    };
    let some = "[images]\nallow = ['registry.example.com/team/*']";
    for text in ["unknown_jobs = 'decline'", some] {
        assert_eq!(answers(text, NOW, true), Verdict::Wait, "{text}");
        refuses(answers(text, NOW + 1, true), "knows nothing of");
        // A session is no job.
        assert_eq!(answers(text, NOW + 1, false), Verdict::Take, "{text}");
    }
    assert_eq!(answers("", NOW + 1, true), Verdict::Take);
    let both = format!("unknown_jobs = 'accept'\n{some}");
    assert_eq!(answers(&both, NOW + 1, true), Verdict::Take);
}

#[test]
fn offers_are_held_to_the_operators_rules() {
    let says = |text: &str, offer: &Offer| policy(text).refuses_offer(offer).unwrap_or_default();
    let plain = offer(|_| ());
    let digest = "ab".repeat(32);
    for allowed in [
        format!("sha256:{digest}"),
        "registry.example.com/team/train".into(),
        "registry.example.com/*".into(),
    ] {
        assert_eq!(
            says(&format!("[images]\nallow = ['{allowed}']"), &plain),
            ""
        );
        let denied = says(&format!("[images]\ndeny = ['{allowed}']"), &plain);
        assert!(denied.contains(&digest), "{denied}");
    }
    let other = "[images]\nallow = ['registry.example.com/team/tra']";
    assert!(says(other, &plain).contains("the image"));
    // An archive comes from nowhere: only its digest names it.
    let archive = offer(|offer| offer.reference = None);
    assert!(says("[images]\nallow = ['registry.example.com/*']", &archive).contains("the image"));
    assert_eq!(says(other, &offer(|offer| offer.image = None)), "");

    let online = offer(|offer| offer.egress = true);
    assert!(says("", &online).contains("internet"));
    assert_eq!(says("egress = true", &online), "");
    let port = |port| Port { port, name: None };
    let open = offer(|offer| offer.ports = vec![port(80), port(22)]);
    assert_eq!(says("", &open), "");
    assert_eq!(says("ports = [22, 80]", &open), "");
    assert!(says("ports = [80]", &open).contains("port 22"));
    assert_eq!(says("max_input_bytes = 100", &plain), "");
    assert!(says("max_input_bytes = 99", &plain).contains("larger"));
    let text = "max_input_bytes = 99\nunknown_jobs = 'decline'";
    let small = offer(|offer| offer.input_bytes = 99);
    assert_eq!(
        policy(text).on_match(&asked(Some(&small)), &able()),
        Verdict::Take
    );
    refuses(
        policy(text).on_match(&asked(Some(&plain)), &able()),
        "larger",
    );
}

#[test]
fn a_job_stays_within_its_leases_share() {
    let share = Share {
        cpu_millis: 2_000,
        memory_bytes: 100,
        disk_bytes: 50,
    };
    let whole = Resources {
        cpu_millis: 2_000,
        memory_bytes: 100,
        disk_bytes: 50,
        shm_bytes: 100,
        pids: 9,
    };
    assert_eq!(share.refuses(&whole), None);
    assert_eq!(share.refuses(&Resources::default()), None);
    let more = [
        (
            "cpu_millis",
            Resources {
                cpu_millis: 2_001,
                ..whole
            },
        ),
        (
            "memory_bytes",
            Resources {
                memory_bytes: 101,
                ..whole
            },
        ),
        (
            "disk_bytes",
            Resources {
                disk_bytes: 51,
                ..whole
            },
        ),
        (
            "shm_bytes",
            Resources {
                shm_bytes: 101,
                ..whole
            },
        ),
    ];
    for (field, asked) in more {
        assert!(share.refuses(&asked).unwrap().contains(field), "{field}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (text, says) in [
        ("max_hour = 3", "unknown field `max_hour`"),
        ("own_renters = ['abc']", "is no key"),
        ("[images]\nallow = ['sha256:ABC']", "no SHA-256"),
        ("[images]\nallow = ['*']", "names no image"),
        ("[[maintenance]]\nfrom = '2026-12-01'\nhours = 1", "in UTC"),
        ("unknown_jobs = 'ask'", "unknown variant `ask`"),
    ] {
        let error = toml::from_str::<Policy>(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
