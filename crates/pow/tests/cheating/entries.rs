//! Made-up entries, and tables of which something is missing.

use crate::common::{multiply, sha256, walk::Place, Panel, Sizes, Tile, Walk};
use crate::rates::{eight, passes_as_counted};

const ROUNDS: u32 = 1500;
/// 20 panels, 1,024 tiles.
const SIZES: Sizes = Sizes::new(640, 16, 64, 1);
const PANELS: u32 = 20;

fn seed() -> [u8; 32] {
    sha256(b"entries")
}

/// A number below 256 for each tile.
fn dice(place: &Place) -> u8 {
    sha256(format!("{} {}", place.wave, place.tile).as_bytes())[0]
}

/// A share of 1,024 tiles is within three standard deviations of what was meant.
fn is_meant(wrong: f64, meant: f64) {
    let sigma = (meant * (1.0 - meant) / 1024.0).sqrt();
    assert!((wrong - meant).abs() <= 3.0 * sigma, "{wrong} for {meant}");
}

#[test]
fn honest_work_always_passes() {
    let walk = Walk::honest(&seed(), SIZES);
    assert_eq!(passes_as_counted("honest", 500, &walk), 0.0);
}

/// The promise in round numbers: 43, 10 and 0.4 % at 10, 25 and 50 %.
#[test]
fn a_share_of_tiles_made_up_passes_by_its_eighth_power() {
    for (of_256, promise) in [(26, 0.43), (64, 0.10), (128, 0.004)] {
        let walk = Walk::by(&seed(), SIZES, |tables, place| {
            if dice(place) < of_256 {
                place.made_up()
            } else {
                place.honest(tables)
            }
        });
        let wrong = passes_as_counted("made-up tiles", ROUNDS, &walk);
        // A made-up entry is right by chance in one of 256.
        is_meant(wrong, f64::from(of_256) / 256.0 * 255.0 / 256.0);
        assert!((eight(wrong) - promise).abs() < 0.05, "{}", eight(wrong));
    }
}

/// Who leaves out a quarter of each tile's rows is caught as often as who leaves out a quarter of the tiles.
#[test]
fn a_share_of_each_tile_made_up_passes_by_its_eighth_power() {
    let walk = Walk::by(&seed(), SIZES, |tables, place| {
        let mut tile = place.honest(tables);
        tile[24 * 32..].fill(0);
        tile
    });
    let wrong = passes_as_counted("made-up rows", ROUNDS, &walk);
    is_meant(wrong, 0.25 * 255.0 / 256.0);
}

/// audit: proof L-2. Both panels of a tile are kept with s^2: eight openings pass with s^16, 19 % at nine tenths and 1 % at three quarters.
#[test]
fn a_share_of_the_table_passes_by_its_sixteenth_power() {
    for (kept, promise) in [(18, 0.185), (15, 0.010)] {
        let walk = Walk::by(&seed(), SIZES, |tables, place| {
            if place.panels.iter().all(|panel| *panel < kept) {
                place.honest(tables)
            } else {
                place.made_up()
            }
        });
        let wrong = passes_as_counted("missing panels", ROUNDS, &walk);
        let share = f64::from(kept) / f64::from(PANELS);
        is_meant(wrong, (1.0 - share * share) * 255.0 / 256.0);
        assert!((share.powi(16) - promise).abs() < 0.001);
    }
}

/// Multiplies panels of which something is missing.
fn without(missing: impl Fn(&mut Panel)) -> impl FnMut(&[Vec<Panel>], &Place) -> Tile {
    move |tables, place| {
        let [a, b] = place.panels.map(|panel| {
            let mut panel = tables[0][panel as usize].clone();
            missing(&mut panel);
            panel
        });
        multiply(&a, &b)
    }
}

/// Rows that are missing from every panel cost what missing panels cost: (30/32)^16.
#[test]
fn a_share_of_each_panels_rows_passes_by_its_sixteenth_power() {
    let lost = |panel: &mut Panel| panel[30..].iter_mut().for_each(|row| row.fill(0));
    let walk = Walk::by(&seed(), SIZES, without(lost));
    let wrong = passes_as_counted("missing rows", ROUNDS, &walk);
    is_meant(wrong, 1.0 - (30.0_f64 / 32.0).powi(2));
}

/// Less than a whole row is no row: with one block of sixteen, or the low bit of each byte, replaced by its mean, an entry is right about as often
/// as a guess. So nothing is saved by keeping less of everything.
#[test]
fn an_approximated_product_is_a_guess() {
    let block = |panel: &mut Panel| panel.iter_mut().for_each(|row| row[480..].fill(127));
    let bit = |row: &mut Vec<u8>| row.iter_mut().for_each(|x| *x |= 1);
    let bits = |panel: &mut Panel| panel.iter_mut().for_each(bit);
    let few = Sizes { waves: 8, ..SIZES };
    for walk in [
        Walk::by(&seed(), few, without(block)),
        Walk::by(&seed(), few, without(bits)),
    ] {
        let right = 1.0 - crate::rates::wrong_share(&walk);
        println!("right by approximation: {right:.4}, by chance 0.0039");
        assert!((0.003..0.0055).contains(&right), "{right}");
    }
}
