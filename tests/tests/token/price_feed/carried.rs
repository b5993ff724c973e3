//! What a carrier can do with signatures of others: bring them along, and nothing else.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::price_report::{self, SignedReport, ED25519_PROGRAM};
use iog_client::token::events::PriceReported;
use iog_client::token::instructions::ReportPrice;
use iog_client::token::{self, TokenError as E};
use iog_tests::world::{expect_code, signed, signed_for, PubkeyOf};
use iog_tests::Outcome;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::stage::{low_of, silent, stage, Stage, QUARTER, QUARTER_LOW};

/// An Ed25519 instruction of one signature over any bytes, whose three numbers of instructions are `inside`.
fn check_raw(key: &Keypair, message: &[u8], inside: [u16; 3]) -> Instruction {
    let signature: [u8; 64] = key.sign_message(message).into();
    let len = u16::try_from(message.len()).unwrap();
    let [signature_in, key_in, message_in] = inside;
    let mut data = vec![1, 0];
    for number in [16, signature_in, 80, key_in, 112, len, message_in] {
        data.extend(u16::to_le_bytes(number));
    }
    data.extend(signature);
    data.extend(key.pubkey_of().as_ref());
    data.extend(message);
    Instruction {
        program_id: ED25519_PROGRAM,
        accounts: Vec::new(),
        data,
    }
}

const HERE: u16 = u16::MAX;

fn send(stage: &mut Stage, instructions: &[Instruction]) -> Outcome {
    let anyone = stage.world.authority.insecure_clone();
    stage.world.send(instructions, &[&anyone])
}

/// Longer and shorter messages that a reporter did sign are no reports.
#[test]
fn a_report_is_48_bytes() {
    let mut stage = silent(5, 3);
    let feed = pda::token::price_feed();
    let mut message = price_report::message(&feed, QUARTER, stage.now()).to_vec();
    message.push(0);
    for (len, code) in [
        (47, Some(E::NotAReport)),
        (49, Some(E::NotAReport)),
        (48, None),
    ] {
        let check = check_raw(&stage.keys[0], &message[..len], [HERE; 3]);
        let outcome = send(&mut stage, &[check, ReportPrice {}.instruction()]);
        match code {
            Some(code) => expect_code(outcome, code),
            None => assert!(outcome.is_ok(), "{outcome:?}"),
        }
    }
}

/// The known attack on programs that read Ed25519 instructions: the bytes that are checked lie elsewhere than those that are read.
#[test]
fn bytes_that_are_checked_elsewhere_are_no_report() {
    let mut stage = silent(5, 3);
    let thief = stage.world.wallet();
    let feed = pda::token::price_feed();
    let lie = price_report::message(&feed, 1, stage.now());
    // What the thief signed lies in the third instruction, where its own program would ignore it.
    let honest = check_raw(&thief, &lie, [HERE; 3]);
    for inside in [[2, 2, 2], [HERE, 2, HERE], [2, HERE, 2], [2, 2, HERE]] {
        // Read in place the key is a reporter's.
        let mut forged = check_raw(&thief, &lie, inside);
        let key = stage.keys[0].pubkey_of();
        forged.data[80..112].copy_from_slice(key.as_ref());
        let take = ReportPrice {}.instruction();
        let all = [forged, take, honest.clone()];
        let outcome = send(&mut stage, &all);
        let failure = outcome.expect_err("a forged report was taken");
        // Where the key is looked for here the signature is already wrong.
        if inside[1] == HERE {
            assert_eq!(failure.program, ED25519_PROGRAM);
        } else {
            assert_eq!(failure.code(), E::NotAReport.into());
        }
    }
    assert_eq!(stage.world.price_feed().feed.reporters[0].price, 0);
}

/// Whoever holds no role carries five reporters' signatures, and what was taken is told.
#[test]
fn a_stranger_carries_five_at_once() {
    let mut stage = silent(5, 3);
    let now = stage.now();
    let prices = [20, 10, 50, 30, 40].map(|price: u64| price * 100_000_000);
    let reports: Vec<SignedReport> = (0..5)
        .map(|index: usize| stage.says_at(index, prices[index], now - index as i64))
        .collect();
    let stranger = stage.world.wallet();
    let carry = stage.world.carry_ixs(&reports);
    let meta = stage.world.send(&carry, &[&stranger]).unwrap();
    let told = PriceReported {
        reports: 5,
        feed_ts: now - 2,
        median: 3_000_000_000,
        median_ts: now,
    };
    let told = Event::Token(token::Event::PriceReported(told));
    assert_eq!(meta.events, [told]);
    let feed = stage.world.price_feed().feed;
    for (index, (reporter, price)) in (0..).zip(feed.reporters.iter().zip(prices)) {
        assert_eq!((reporter.price, reporter.ts), (price, now - index));
    }
    assert_eq!((feed.held_price, feed.held_ts), (3_000_000_000, now));
    assert_eq!(feed.feed_ts, now - 2);
}

/// Who needs a fresh price brings it along, in the transaction that uses it. redteam P5
#[test]
fn a_buyer_brings_the_price_with_its_act() {
    let mut stage = stage(3, 3);
    stage.world.advance(50);
    stage.burn_refused(E::PriceStale);
    let reports = [0, 1, 2].map(|index| stage.says(index, QUARTER));
    let [check, take] = stage.world.carry_ixs(&reports);
    stage.world.make_seen();
    let all = [check, take, stage.burn_ix()];
    let buyer = stage.buyer.insecure_clone();
    let meta = stage.world.send(&all, &[&buyer]).unwrap();
    assert_eq!(low_of(&meta.events), QUARTER_LOW);
}

/// Two who carry the same do not stop each other: what is known is passed over, as long as one is new.
#[test]
fn known_reports_are_passed_over() {
    let mut stage = silent(5, 3);
    let all: Vec<SignedReport> = (0..5).map(|index| stage.says(index, QUARTER)).collect();
    stage.carry(&all[..4]);
    let known = stage.world.price_feed();
    let meta = stage.world.carry(&all).unwrap();
    let taken = meta.events.iter().find_map(|event| match event {
        Event::Token(token::Event::PriceReported(told)) => Some(told.reports),
        _ => None,
    });
    assert_eq!(taken, Some(1));
    let after = stage.world.price_feed();
    assert_eq!(after.feed.reporters[..4], known.feed.reporters[..4]);
    expect_code(stage.world.carry(&all), E::NothingNewer);
}

/// A reporter that signs nonsense, or was just removed, stops nobody who carries its report beside others.
#[test]
fn a_bad_report_is_passed_over_beside_a_good_one() {
    let mut base = silent(5, 3);
    let (now, stranger) = (base.now(), base.world.wallet());
    let nobody = Pubkey::new_from_array([0; 32]);
    let remove = base.world.set_reporter_ix(4, &nobody).instruction();
    base.world.govern(remove);
    let bad = [
        (base.says(4, QUARTER), E::NotReporter),
        (signed(&stranger, QUARTER, now), E::NotReporter),
        (base.says(1, 0), E::ReportOutOfRange),
        (base.says(1, 1_000_000_000_000_001), E::ReportOutOfRange),
        (base.says_at(1, QUARTER, now + 6), E::ReportFromTheFuture),
        (base.says_at(1, QUARTER, now - 61), E::ReportStale),
    ];
    let good = base.says(0, QUARTER);
    for (report, code) in &bad {
        // Alone it is refused, and of several the first says why.
        let alone = std::slice::from_ref(report);
        expect_code(base.clone().world.carry(alone), *code);
        for (other, _) in &bad {
            let both = [report.clone(), other.clone()];
            expect_code(base.clone().world.carry(&both), *code);
        }
        for both in [
            [report.clone(), good.clone()],
            [good.clone(), report.clone()],
        ] {
            let mut stage = base.clone();
            let meta = stage.world.carry(&both).unwrap();
            let [Event::Token(token::Event::PriceReported(told))] = meta.events.as_slice() else {
                panic!("{:?}", meta.events);
            };
            assert_eq!(told.reports, 1);
            let said = stage.world.price_feed().feed.reporters.map(|r| r.price);
            assert_eq!(said, [QUARTER, 0, 0, 0, 0, 0, 0, 0, 0]);
            // What is known already is no good one.
            expect_code(stage.world.carry(&both), *code);
        }
    }
    // What is no report for this feed at all, the carrier has put in.
    let elsewhere = signed_for(&base.keys[0], &stranger.pubkey_of(), QUARTER, now);
    expect_code(base.world.carry(&[good, elsewhere]), E::NotAReport);
}

/// The newest of each reporter is kept, whatever comes in whatever order.
#[test]
fn the_newest_of_each_reporter_stays() {
    let mut stage = silent(5, 3);
    let now = stage.now();
    let key = stage.keys[0].insecure_clone();
    let three = [(10, now - 20), (30, now), (20, now - 10)];
    let reports = three.map(|(price, ts)| signed(&key, price, ts));
    stage.carry(&reports);
    let kept = |stage: &Stage| {
        let reporter = &stage.world.price_feed().feed.reporters[0];
        (reporter.price, reporter.ts)
    };
    assert_eq!(kept(&stage), (30, now));
    for old in &reports {
        let old = std::slice::from_ref(old);
        expect_code(stage.world.carry(old), E::NothingNewer);
    }
    assert_eq!(kept(&stage), (30, now));
    // Two prices for one second: the first that comes.
    stage.world.advance(1);
    let two = [signed(&key, 40, now + 1), signed(&key, 50, now + 1)];
    stage.carry(&two);
    assert_eq!(kept(&stage), (40, now + 1));
}
