//! Are entries asked for, and panels drawn, alike? Whatever came up less often could be left out.

use crate::common::{draw, panels, pick, sha256, Pick, Sizes};
use iog_pow::walk::scale;

/// Are all entries asked for alike? Counts of 60,000 picks, each within four standard deviations of even, also where 100 waves and 3 cards do
/// not divide 2^32.
#[test]
fn picks_are_even() {
    let sizes = Sizes::new(64, 8, 100, 3);
    let picks: Vec<Pick> = (0..7500_u32)
        .flat_map(|round| {
            let challenge = sha256(&round.to_le_bytes());
            (0..8).map(move |number| pick(&challenge, number, &sizes))
        })
        .collect();
    let even = |what: &str, values: usize, value: &dyn Fn(&Pick) -> u32| {
        let mut counts = vec![0_u32; values];
        for at in &picks {
            counts[value(at) as usize] += 1;
        }
        let mean = picks.len() as f64 / values as f64;
        let chi: f64 = counts
            .iter()
            .map(|x| (f64::from(*x) - mean).powi(2) / mean)
            .sum();
        let freedom = values as f64 - 1.0;
        let off = (chi - freedom) / (2.0 * freedom).sqrt();
        assert!(off.abs() < 4.0, "{what}: {off:.1} sigma");
    };
    even("wave", 100, &|at| at.wave);
    even("card", 3, &|at| at.card);
    even("tile", 8, &|at| at.tile);
    even("entry", 1024, &|at| at.i * 32 + at.j);
    // And not tied to each other.
    even("wave and card", 300, &|at| at.wave * 3 + at.card);
    even("tile and row", 256, &|at| at.tile * 32 + at.i);
    even("wave and column", 3200, &|at| at.wave * 32 + at.j);
}

/// Are some panels drawn less often, so that one may leave them out? Of 2^32 words each panel has the same number or one more. At the
/// largest class, 11 million panels, the rarest tenth is drawn 0.026 % less often than a tenth.
#[test]
fn no_panel_is_rare() {
    let panels = 353_894_400 / 32;
    let least = u32::try_from((1_u64 << 32) / u64::from(panels)).unwrap();
    let first_word = |panel: u32| ((u64::from(panel) << 32).div_ceil(u64::from(panels))) as u32;
    for panel in (0..panels - 1).step_by(9973) {
        let (first, next) = (first_word(panel), first_word(panel + 1));
        assert_eq!(scale(first, panels), panel);
        assert_eq!(scale(next - 1, panels), panel);
        assert!([least, least + 1].contains(&(next - first)), "{panel}");
    }
    assert_eq!(scale(u32::MAX, panels), panels - 1);
    assert!(1.0 / f64::from(least) < 0.0027);
}

/// Are the two panels of a tile drawn apart, and those of neighbouring tiles, cards and waves? Joint counts are even.
#[test]
fn draws_are_even() {
    let sizes = Sizes::new(16 * 32, 1, 1, 1);
    let mut counts = [[0_u32; 256]; 4];
    for wave in 0..40_u32 {
        let g = sha256(&wave.to_le_bytes());
        let other = sha256(&[wave.to_le_bytes(), [1; 4]].concat());
        for tile in 0..500 {
            let drawn = |g, card, tile| panels(&draw(g, card, tile), &sizes);
            let [a, b] = drawn(&g, 0, tile);
            let seconds = [
                b,
                drawn(&g, 0, tile + 1)[0],
                drawn(&g, 1, tile)[0],
                drawn(&other, 0, tile)[0],
            ];
            for (counts, second) in counts.iter_mut().zip(seconds) {
                counts[(a * 16 + second) as usize] += 1;
            }
        }
    }
    for counts in counts {
        let mean = 20_000.0 / 256.0;
        let chi: f64 = counts
            .iter()
            .map(|x| (f64::from(*x) - mean).powi(2) / mean)
            .sum();
        let off = (chi - 255.0) / (2.0_f64 * 255.0).sqrt();
        assert!(off.abs() < 4.0, "{off:.1} sigma");
    }
}
