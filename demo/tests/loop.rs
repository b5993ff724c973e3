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
    assert!(summary.laws.len() >= 24);
    assert_eq!(summary.programs.len(), 6);
    // 0.76 USD at 0.25 USD less twice the confidence of 0.0001 USD, rounded up, for 2 hours; 25 basis points on top.
    assert_eq!(summary.order.price_per_gpu_hour, "304243395");
    assert_eq!(summary.order.deposited, "610008007");
    assert_eq!(summary.order.refunded, "0");
    // 10 IO at 0.2498 USD each
    assert_eq!(summary.credit.io_burned, "1000000000");
    assert_eq!(summary.credit.iosd_made, "2498000");
    // 0.20 USD an hour in IOSD; in USDC 200 basis points more, rounded up.
    let [iosd, usdc] = [&summary.order_in_iosd, &summary.order_in_usdc];
    assert_eq!(
        (iosd.deposited.as_str(), iosd.paid.as_str()),
        ("200500", "199500")
    );
    assert_eq!(
        (usdc.deposited.as_str(), usdc.paid.as_str()),
        ("204500", "195500")
    );
    // 0.1995 USD at 0.25 USD and twice the confidence of 0.0001 USD.
    assert_eq!(summary.credit.io_claimed, "79736211");
    assert_ne!(summary.credit.io_paid, "0");
    assert_eq!(summary.emission_per_hour[0].emitted, "456621004566");
    assert!(summary
        .devices
        .iter()
        .all(|device| device.claimed == device.expected_reward && device.claimed != "0"));
}
