//! Every instruction in every state of an order and of a lease, and what comes of it.

mod rows;
mod stage;
mod table;

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::PubkeyOf;
use iog_tests::Code;

use self::rows::rows;
use self::stage::{Stage, HOUR};
use self::table::{COLUMNS, LEGEND, TABLE};

/// A cell's outcome: the order's state behind it, `x` where the order is closed, `-` without a lease, or an error's letters.
fn cell(stage: &mut Stage, column: &str) -> String {
    let needs_lease = matches!(
        column,
        "accept"
            | "decline"
            | "skip"
            | "settle"
            | "timeout"
            | "leave"
            | "quit"
            | "dispute"
            | "answer"
            | "resolve"
            | "rule"
            | "close"
    );
    if needs_lease && !stage.has(&stage.one) {
        return "-".into();
    }
    match stage.run(column) {
        Ok(_) if stage.world.find(&stage.order).is_none() => "x".into(),
        Ok(_) => {
            stage.world.check_order_books(&stage.order);
            stage.world.order(&stage.order).state.to_string()
        }
        Err(failure) => {
            let known = LEGEND
                .iter()
                .find(|(_, error)| Code::from(*error) == failure.code());
            known.map_or_else(
                || format!("?{}", failure.code()),
                |(short, _)| (*short).into(),
            )
        }
    }
}

#[test]
fn every_instruction_in_every_state() {
    let stage = Stage::new();
    let columns: Vec<&str> = COLUMNS.split_whitespace().collect();
    let table: Vec<&str> = TABLE.trim().lines().collect();
    assert_eq!(table.len(), rows().count());
    let mut wrong = Vec::new();
    for ((name, prepare), line) in rows().zip(table) {
        let (title, cells) = line.split_once('|').expect("a title and cells");
        assert_eq!(title.trim(), name);
        let mut row = stage.copy();
        prepare(&mut row);
        row.world.check_order_books(&row.order);
        let found: Vec<String> = columns
            .iter()
            .map(|column| cell(&mut row.copy(), column))
            .collect();
        let expected: Vec<&str> = cells.split_whitespace().collect();
        if found != expected {
            wrong.push(format!("{name:<35}| {}", found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A lease is matched, accepted, settled, closed, in this order only; the device is free from its end on.
#[test]
fn a_lease_goes_through_its_states_once() {
    let mut stage = Stage::new();
    let lease = pda::market::lease(&stage.order, &stage.one.device);
    let look = |stage: &Stage| {
        let place = stage.world.occupancy(&stage.one);
        let state = stage.world.lease(&stage.order, &stage.one).state;
        (state, place.lease == lease)
    };
    stage.both_matched();
    assert_eq!(look(&stage), (0, true));
    stage.world.accept(&stage.order, &stage.one);
    stage.world.accept(&stage.order, &stage.two);
    assert_eq!(look(&stage), (1, true));
    stage.at(2 * HOUR);
    stage.settle();
    assert_eq!(look(&stage), (1, true));
    stage.at(3 * HOUR);
    stage.settle();
    assert_eq!(look(&stage), (2, false));
    stage.at(3 * HOUR + 1_800);
    stage.settle();
    let payer = stage.renter.wallet.pubkey_of();
    let before = stage.world.lamports(&payer);
    stage.world.close_lease(&stage.order, &stage.one);
    let back = stage.world.lamports(&payer) - before;
    assert_eq!(back, stage.world.rent(480) + 20_000);
    assert!(stage.world.find(&lease).is_none());
}

/// No two errors share letters, and every error of the table is one of the program's.
#[test]
fn the_legend_is_unambiguous() {
    for (n, (short, error)) in LEGEND.iter().enumerate() {
        let others = LEGEND.iter().skip(n + 1);
        assert!(others.clone().all(|(other, _)| other != short), "{short}");
        assert!(E::from_code(error.code()).is_some());
    }
}
