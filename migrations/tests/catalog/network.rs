//! The catalogue on the embedded network, with the built programs.

use iog_client::{decode, pda, registry::accounts::HardwareClass, AccountData};
use iog_migrations::{
    catalog,
    localnet::{up, Options, Running},
    run, Outcome, Plan,
};
use std::time::Duration;

fn class(running: &Running, id: u16) -> HardwareClass {
    let address = pda::registry::class(id);
    let account = running.net.get_account(&address).unwrap().unwrap();
    assert_eq!(account.owner, HardwareClass::OWNER);
    decode(&account.data).unwrap()
}

fn check_classes(running: &Running) {
    for wanted in &catalog().unwrap() {
        let stored = class(running, wanted.id);
        let name = String::from_utf8(stored.name.to_vec()).unwrap();
        assert_eq!(name.trim_end_matches('\0'), wanted.name);
        assert_eq!(
            (stored.multiplier_x100, stored.vram_gb, stored.enabled),
            (
                wanted.multiplier_x100,
                wanted.vram_gb,
                u8::from(wanted.enabled)
            ),
            "{name}"
        );
        assert_eq!(
            (stored.rows, stored.tiles, stored.waves, stored.max_cards),
            (wanted.rows, wanted.tiles, wanted.waves, wanted.max_cards),
            "{name}"
        );
        assert_eq!(
            (
                stored.commit_slots,
                stored.reveal_slots,
                stored.proof_valid_hours
            ),
            (
                wanted.commit_slots,
                wanted.reveal_slots,
                wanted.proof_valid_hours
            ),
            "{name}"
        );
        let book = running.net.get_account(&pda::market::price_book(wanted.id));
        assert!(book.unwrap().is_some(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_loads_all_of_it_in_batches_and_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::new(dir.path()).unwrap();
    options.programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into();
    options.block_interval = Duration::from_millis(20);
    options.plan.catalog = true;
    let plan = Plan {
        usdc_mint: None,
        ..options.plan.clone()
    };
    let running = up(options, |_| ()).await.unwrap();
    check_classes(&running);
    // Two classes of one batch and one of another are missing, as if the catalogue had grown: nothing else is sent.
    for id in [101, 103, 301] {
        let address = pda::registry::class(id);
        let mut account = running.net.get_account(&address).unwrap().unwrap();
        account.data.clear();
        account.lamports = 0;
        account.owner = solana_pubkey::Pubkey::default();
        running.net.set_account(&address, account).unwrap();
    }
    let mut sent = Vec::new();
    let authority = running.wallets.get("authority");
    let reports = run(&running.sender, authority, &plan, 0, false, |report| {
        if let Outcome::Done(_) = report.outcome {
            sent.push((report.number, report.step.clone()));
        }
    })
    .await
    .unwrap();
    let numbers: Vec<u32> = sent.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [10, 10], "{sent:?}");
    assert!(reports.len() > 10);
    for id in [101, 103, 301] {
        assert_eq!(class(&running, id).id, id);
    }
}
