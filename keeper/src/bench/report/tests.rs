use super::*;
use crate::bench::measure::Timed;
use clap::Parser;
use iog_pow::Shape;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    pow: PowArgs,
}

/// Two cards of a made-up class of 4 GiB, 4,096 tiles and 1,000 waves: the table filled in 4 s, 100 waves walked in 1 s.
fn measured() -> Measured {
    let card = |number, gather| {
        let info = CardInfo {
            number,
            uuid: Some(format!("GPU-{number}")),
            bus: None,
            name: "Card".into(),
            memory_bytes: Some(8 << 30),
            driver: "1.2".into(),
        };
        let second = |amount| Timed {
            amount,
            micros: 1_000_000,
        };
        let stream = second(16 << 30);
        let gather = second(gather);
        (info, Reading { stream, gather })
    };
    Measured {
        cards: vec![card(0, 15 << 30), card(1, 12 << 30)],
        ready: Timed {
            amount: 1,
            micros: 2_500_000,
        },
        fill: Timed {
            amount: 4 << 30,
            micros: 4_000_000,
        },
        walk: Timed {
            amount: 100,
            micros: 1_000_000,
        },
        distinct: 7_000,
    }
}

fn target(commit_slots: Option<u32>) -> Target {
    Target {
        name: "made-up".into(),
        shape: Shape::new(1 << 23, 4_096, 1_000, 2).unwrap(),
        commit_slots,
    }
}

#[test]
fn figures_are_of_one_card_and_of_all_waves() {
    let args = Args::parse_from(["bench", "--cards", "2"]).pow;
    let (target, measured) = (target(Some(50)), measured());
    let json = Report::new(&args, &target, &measured).json();
    // 4,096 tiles of 32 KiB are 128 MiB a wave, 100 waves a second 12.5 GiB/s of 16
    assert_eq!(json["wave_bytes_drawn"], 134_217_728);
    assert_eq!(json["wave_bytes_distinct"], 7_000 * 16_384);
    assert_eq!(json["walk_bytes_per_sec"], 13_421_772_800_u64);
    assert_eq!(json["bandwidth_share_bps"], 7_812);
    assert_eq!(json["devices"][1]["gather_share_bps"], 7_500);
    assert_eq!(json["devices"][0]["uuid"], "GPU-0");
    // 4 s and 10 s are 35 slots; 50 slots are 20 s, 1.42 times as long
    assert_eq!(json["projected_walk_millis"], 10_000);
    assert_eq!(json["projected_slots"], 35);
    assert_eq!(json["deadline_x100"], 142);
}

#[test]
fn what_is_too_slow_or_too_lax_is_said() {
    let args = Args::parse_from(["bench", "--cards", "2"]).pow;
    let measured = measured();
    let text = |slots| Report::new(&args, &target(slots), &measured).text();
    assert!(text(Some(34)).contains("the class gives 34, 0.97 times as long: TOO SLOW"));
    assert!(text(Some(52)).contains("gives 52, 1.48 times as long\n"));
    assert!(text(Some(53)).contains("MORE THAN 1.5 TIMES"));
    assert!(!text(None).contains("gives"));
    // The second card's panels come at three quarters of its bandwidth.
    assert_eq!(text(None).matches("LESS THAN 80 %").count(), 1);
}
