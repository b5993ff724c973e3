//! The size of a walk. A hardware class fixes it.

use crate::{LEAF_LEN, MAX_WAVES, PANEL_ROWS, ROOT_LEN, STEPS, TILE_LEVELS};
use core::fmt;

/// Bytes of an opening without the lane's path: eight tile roots, the leaf and its path.
const FIXED_LEN: usize = 8 * ROOT_LEN + LEAF_LEN + TILE_LEVELS * ROOT_LEN;
/// Bytes of the longest opening that a shape can have: 2^31 lanes.
pub const MAX_OPENING_LEN: usize = FIXED_LEN + 31 * ROOT_LEN;

const _: () = assert!(STEPS == 8, "FIXED_LEN counts eight tile roots");

/// Why a walk cannot have the size asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// Rows are not a positive multiple of 32.
    Rows,
    /// Lanes are not a power of two.
    Lanes,
    /// Waves are not 1 to 24.
    Waves,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "rows must be a positive multiple of 32",
            Self::Lanes => "lanes must be a power of two",
            Self::Waves => "waves must be 1 to 24",
        })
    }
}

impl core::error::Error for ShapeError {}

/// Size of a walk: rows of 512 bytes, parallel lanes, sequential waves. Only valid sizes exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    rows: u32,
    lanes: u32,
    waves: u32,
}

impl Shape {
    /// The class `test`: 1 MiB, any CPU in well under a second.
    pub const TEST: Self = Self {
        rows: 2048,
        lanes: 64,
        waves: 3,
    };

    /// A shape of `rows` rows (512 bytes each), `lanes` lanes and `waves` waves.
    ///
    /// # Errors
    /// [`ShapeError`] names the first size that does not fit. Every `u32` that passes is safe in the walk, whose
    /// products are formed in 64 bits and whose row numbers stay below `rows`.
    pub const fn new(rows: u32, lanes: u32, waves: u32) -> Result<Self, ShapeError> {
        // PANEL_ROWS is a power of two, so the mask is the remainder.
        if rows == 0 || rows & PANEL_ROWS.wrapping_sub(1) != 0 {
            return Err(ShapeError::Rows);
        }
        if !lanes.is_power_of_two() {
            return Err(ShapeError::Lanes);
        }
        if waves == 0 || waves > MAX_WAVES {
            return Err(ShapeError::Waves);
        }
        Ok(Self { rows, lanes, waves })
    }

    /// Rows of the table.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Lanes of a wave, a power of two.
    #[must_use]
    pub const fn lanes(&self) -> u32 {
        self.lanes
    }

    /// Waves, and so roots of a commit.
    #[must_use]
    pub const fn waves(&self) -> u32 {
        self.waves
    }

    /// Panels of 32 rows.
    #[must_use]
    pub const fn panels(&self) -> u32 {
        self.rows >> PANEL_ROWS.trailing_zeros()
    }

    /// Siblings between a lane and the root of its wave.
    #[must_use]
    pub const fn lane_levels(&self) -> u32 {
        self.lanes.trailing_zeros()
    }

    /// Bytes of an opening: 304 and 20 for each level of the lanes.
    #[must_use]
    pub fn opening_len(&self) -> usize {
        // At most 31 levels: the conversion holds everywhere and the sum is at most MAX_OPENING_LEN.
        let levels = usize::try_from(self.lane_levels()).unwrap_or(usize::MAX);
        levels.saturating_mul(ROOT_LEN).saturating_add(FIXED_LEN)
    }

    /// Bytes of the table.
    #[must_use]
    pub fn table_len(&self) -> u64 {
        // 2^32 rows of 2^9 bytes fit 64 bits.
        u64::from(self.rows) << 9
    }
}
