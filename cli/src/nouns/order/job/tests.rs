use super::*;
use crate::{args::Global, output::Format};
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    work: Work,
}

/// redteam link L9: one key for two orders would tell everybody that they are one renter's.
#[test]
fn each_order_has_keys_and_a_salt_of_its_own() {
    let context = Context::new(&Global {
        url: Some("http://127.0.0.1:8899".into()),
        keypair: Some("/nowhere/key.json".into()),
        config: None,
        network: None,
        commitment: None,
        output: Format::Json,
        dry_run: false,
        yes: true,
        verbose: false,
        no_color: true,
    })
    .unwrap();
    let line = Line::parse_from(["iog"]);
    let made = || Job::of(&context, &line.work).unwrap();
    let (first, second) = (made(), made());
    let mut seen: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|job| {
            [
                job.keys[0].to_bytes(),
                job.keys[1].to_bytes(),
                job.spec.salt.0,
            ]
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 6);
}
