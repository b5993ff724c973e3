//! What an idle hour of eight GPUs costs in fees, and whether it fits the chain: properties 7 and 8 of the proof of work.

use iog_tests::costs::hour::{self, Hour, CARDS};
use iog_tests::costs::{scale, Report};

/// One commit, one challenge, eight openings that the fee payer signs alone, the end and the check-in in one: twelve signatures of 5,000
/// lamports in all, and each of its transactions fits a packet with a limit and a price of its units.
#[test]
fn an_idle_hour_of_eight_cards_costs_sixty_thousand_lamports() {
    let hour = hour::idle();
    let said = hour.iter();
    let said = said.map(|(name, sent)| (name.as_str(), sent.times, sent.lamports));
    let expected = [
        ("commit", 1, 10_000),
        ("finalize + check_in", 1, 5_000),
        ("record_challenge", 1, 5_000),
        ("reveal", 8, 5_000),
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    let all = hour::lamports(&hour);
    assert_eq!(all, 60_000);
    assert!(all <= 70_000, "most of a device key");
    let a_gpu = all / u64::from(CARDS);
    assert_eq!(a_gpu, 7_500);
    assert!(a_gpu < 9_000, "most of a GPU");
    for (name, sent) in &hour {
        assert!(sent.bytes <= 1_232, "{name}: {sent:?}");
        assert!(sent.units <= 150_000, "{name}: {sent:?}");
    }
}

/// An opening of the largest shape costs at most 150,000 units; the snapshot has it.
#[test]
fn an_opening_of_the_largest_shape_keeps_its_target() {
    let units = Report::snapshot().unwrap().instructions["registry.reveal"];
    assert!(units <= 150_000, "{units}");
}

fn measured() -> Hour {
    Report::snapshot().unwrap().hour
}

/// 42,000 device keys prove within a tenth of every block; 100,000 GPUs at eight a key, 12,500 keys, within 3 %. Commits and challenges fall
/// into few slots of the hour, and take no more of those.
#[test]
fn the_proofs_of_42_000_device_keys_fit_the_chain() {
    let hour = measured();
    scale::check(&hour).unwrap();
    assert!(scale::most_keys(&hour).unwrap() >= 42_000);
    let [commits, challenges, openings, _] = scale::loads(&hour, 12_500).unwrap();
    assert!(openings.block_bps() <= 300, "{openings:?}");
    for load in [commits, challenges] {
        assert!(load.block_bps() <= 200, "{load:?}");
    }
    assert_eq!(openings.transactions, 12_500 * 9);
    assert_eq!(openings.transactions_a_slot(), 17);
    assert_eq!(commits.transactions_a_slot(), 209);
}

/// The comparison refuses units that rise too far, whichever transaction they rise in.
#[test]
fn an_hour_that_became_too_dear_is_refused() {
    let hour = measured();
    for (name, factor) in [
        ("reveal", 2),
        ("finalize + check_in", 30),
        ("commit", 2),
        ("record_challenge", 4),
    ] {
        let mut dearer = hour.clone();
        dearer.get_mut(name).unwrap().block_units *= factor;
        scale::check(&dearer).expect_err(name);
    }
}
