//! One end-to-end run of the loop on the embedded network.

use iog_demo::{run, Options};

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_holds_every_law() {
    let options = Options {
        programs: concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into(),
        narrate: false,
    };
    let summary = run(options).await.unwrap();
    assert_eq!(summary.broken(), Vec::<String>::new());
    assert!(summary.holds());
    assert!(summary.laws.len() >= 43);
    assert_eq!(summary.programs.len(), 6);
    // 0.76 USD at 0.25 USD less twice the confidence of 0.0001 USD, rounded up, for 8 GPUs and 2 hours; 25 basis points on top.
    let io = &summary.order;
    assert_eq!(io.price_per_gpu_hour, "304243395");
    assert_eq!(io.gpus, 8);
    assert_eq!(io.deposited, "4880064056");
    // All slots are paid; each hour's fee on top is rounded down, and the deposit had their sum rounded up.
    assert_eq!((io.slots_paid, io.slots), (12, 12));
    assert_eq!(io.held, "4867894320");
    assert_eq!(
        (io.paid.as_str(), io.refunded.as_str()),
        ("4855724584", "2")
    );
    // 10 IO at 0.2498 USD each
    assert_eq!(summary.credit.io_burned, "1000000000");
    assert_eq!(summary.credit.iosd_made, "2498000");
    // 0.20 USD an hour in IOSD; in USDC 200 basis points more, rounded up.
    let [iosd, usdc] = [&summary.order_in_iosd, &summary.order_in_usdc];
    assert_eq!((iosd.slots_paid, iosd.slots), (6, 6));
    assert_eq!(
        (iosd.deposited.as_str(), iosd.paid.as_str()),
        ("200500", "199500")
    );
    // Two slots of six without a heartbeat: a third of the rent back at once, and what of the fee was on it at the end.
    assert_eq!((usdc.slots_paid, usdc.slots), (4, 6));
    assert_eq!(usdc.held, "133333");
    assert_eq!(
        (usdc.deposited.as_str(), usdc.paid.as_str()),
        ("204500", "130333")
    );
    assert_eq!(
        (usdc.fees.as_str(), usdc.refunded.as_str()),
        ("5999", "68168")
    );
    // 0.1995 USD at 0.25 USD and twice the confidence of 0.0001 USD.
    assert_eq!(summary.credit.io_claimed, "79736211");
    assert_ne!(summary.credit.io_paid, "0");
    // Twelve signatures an hour, for one card and for eight.
    let idle = summary.laws.iter();
    let idle = idle.filter(|law| law.law.contains("costs its keeper 60000 lamports"));
    assert_eq!(idle.count(), 2);
    // 200 IO of multiplier 5, for each of eight cards; the least for one.
    let stakes = summary.devices.iter().map(|device| device.stake.as_str());
    assert_eq!(stakes.collect::<Vec<_>>(), ["800000000000", "20000000000"]);
    assert_eq!(summary.emission_per_hour[0].scheduled, "456621004566");
    for device in &summary.devices {
        assert_eq!(device.claimed, device.expected_reward);
        // So few scores get the most that a point may get, 2,500 units an hour.
        let scores: u64 = device.hours.values().sum();
        assert_eq!(device.hours.len(), 3);
        assert_eq!(device.claimed, (scores * 2_500).to_string());
    }
}
