//! How a table is cut into buffers: a power of two of panels each, so that a panel is found by a shift.

use iog_pow::Shape;

/// Bytes of a panel: 32 rows of 512.
const PANEL_BYTES: u64 = 16_384;
/// Rows of a panel.
const PANEL_ROWS: u32 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shards {
    panels: u32,
    shift: u32,
}

impl Shards {
    /// Shards of at most `most_bytes`; nothing if not even a panel fits.
    pub(crate) fn new(shape: &Shape, most_bytes: u64) -> Option<Self> {
        let panels = shape.panels();
        let held = (most_bytes >> PANEL_BYTES.trailing_zeros()).checked_ilog2()?;
        // No larger than the table: the least power of two that holds all of it.
        let whole = panels.next_power_of_two().trailing_zeros();
        Some(Self {
            panels,
            shift: held.min(whole),
        })
    }

    /// Panels of the table.
    pub(crate) fn panels(&self) -> u32 {
        self.panels
    }

    /// Binary logarithm of a whole shard's panels.
    pub(crate) fn shift(&self) -> u32 {
        self.shift
    }

    pub(crate) fn count(&self) -> u32 {
        self.panels.div_ceil(1 << self.shift)
    }

    fn panels_of(&self, shard: u32) -> u32 {
        let before = shard.saturating_mul(1 << self.shift);
        self.panels.saturating_sub(before).min(1 << self.shift)
    }

    pub(crate) fn first_row(&self, shard: u32) -> u32 {
        shard
            .saturating_mul(1 << self.shift)
            .saturating_mul(PANEL_ROWS)
    }

    pub(crate) fn rows(&self, shard: u32) -> u32 {
        self.panels_of(shard).saturating_mul(PANEL_ROWS)
    }

    pub(crate) fn bytes(&self, shard: u32) -> u64 {
        u64::from(self.panels_of(shard)).saturating_mul(PANEL_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_hold_the_table_and_no_more() {
        for panels in [1, 2, 3, 5, 64, 100] {
            let shape = Shape::new(panels * 32, 1, 1, 1).unwrap();
            for limit in [16_384, 40_000, 65_536, 1 << 30] {
                let shards = Shards::new(&shape, limit).unwrap();
                let numbers = 0..shards.count();
                let bytes: u64 = numbers.clone().map(|shard| shards.bytes(shard)).sum();
                assert_eq!(bytes, shape.table_len());
                let mut row = 0;
                for shard in numbers {
                    assert_eq!(shards.first_row(shard), row);
                    assert!(shards.bytes(shard) <= limit && shards.bytes(shard) > 0);
                    row += shards.rows(shard);
                }
                assert_eq!(row, shape.rows());
            }
            assert_eq!(Shards::new(&shape, 16_383), None);
        }
    }

    #[test]
    fn the_largest_table_of_an_80_gb_card_takes_80_shards_of_a_gib() {
        let shape = Shape::new(80 << 21, 1, 1, 1).unwrap();
        assert_eq!(Shards::new(&shape, (1 << 31) - 1).unwrap().count(), 80);
    }
}
