//! The size of a walk. A hardware class fixes it, and a device's number of cards.

use crate::{
    GROUP_TILES, LEAF_LEN, MAX_CARDS, MAX_TILES, MAX_WAVES, NODE_LEN, PANEL_ROWS, TILE_LEVELS,
};
use core::fmt;

/// Bytes of an opening without the paths of tile, card and wave: the leaf and its siblings.
const FIXED_LEN: usize = LEAF_LEN + TILE_LEVELS * NODE_LEN;
/// Most siblings above a tile's root: 2^20 tiles, 8 cards, 2^17 waves.
const MAX_LEVELS: usize = 20 + 3 + 17;
/// Bytes of the longest opening that a shape can have.
pub const MAX_OPENING_LEN: usize = FIXED_LEN + MAX_LEVELS * NODE_LEN;

const _: () = assert!(
    MAX_TILES.ilog2() + MAX_CARDS.ilog2() + MAX_WAVES.ilog2() == 40,
    "MAX_LEVELS counts them"
);

/// Why a walk cannot have the size asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// Rows are not a positive multiple of 32.
    Rows,
    /// Tiles are not a power of two up to 2^20.
    Tiles,
    /// Waves are not 1 to 2^17.
    Waves,
    /// Cards are not 1 to 8.
    Cards,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "rows must be a positive multiple of 32",
            Self::Tiles => "tiles must be a power of two, at most 1048576",
            Self::Waves => "waves must be 1 to 131072",
            Self::Cards => "cards must be 1 to 8",
        })
    }
}

impl core::error::Error for ShapeError {}

/// Size of a walk: rows of 512 bytes of each card's table, tiles of a wave, sequential waves, and cards that walk together. Only
/// valid sizes exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    rows: u32,
    tiles: u32,
    waves: u32,
    cards: u32,
}

impl Shape {
    /// The class `test` with one card: 512 KiB, any CPU in well under a second.
    pub const TEST: Self = Self {
        rows: 1024,
        tiles: 4,
        waves: 512,
        cards: 1,
    };

    /// A shape of `rows` rows (512 bytes each) on each of `cards` cards, `tiles` tiles of a card in each of `waves` waves.
    ///
    /// # Errors
    /// [`ShapeError`] names the first size that does not fit. Every `u32` that passes is safe in the walk, whose
    /// products are formed in 64 bits and whose row numbers stay below `rows`.
    pub const fn new(rows: u32, tiles: u32, waves: u32, cards: u32) -> Result<Self, ShapeError> {
        // PANEL_ROWS is a power of two, so the mask is the remainder.
        if rows == 0 || rows & PANEL_ROWS.wrapping_sub(1) != 0 {
            return Err(ShapeError::Rows);
        }
        if !tiles.is_power_of_two() || tiles > MAX_TILES {
            return Err(ShapeError::Tiles);
        }
        if waves == 0 || waves > MAX_WAVES {
            return Err(ShapeError::Waves);
        }
        if cards == 0 || cards > MAX_CARDS {
            return Err(ShapeError::Cards);
        }
        Ok(Self {
            rows,
            tiles,
            waves,
            cards,
        })
    }

    /// The same walk on another number of cards.
    ///
    /// # Errors
    /// [`ShapeError::Cards`].
    pub const fn with_cards(self, cards: u32) -> Result<Self, ShapeError> {
        Self::new(self.rows, self.tiles, self.waves, cards)
    }

    /// Rows of a card's table.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Tiles that a card makes in a wave, a power of two.
    #[must_use]
    pub const fn tiles(&self) -> u32 {
        self.tiles
    }

    /// Waves, one after another.
    #[must_use]
    pub const fn waves(&self) -> u32 {
        self.waves
    }

    /// Cards that walk together.
    #[must_use]
    pub const fn cards(&self) -> u32 {
        self.cards
    }

    /// Panels of 32 rows of a card's table.
    #[must_use]
    pub const fn panels(&self) -> u32 {
        self.rows >> PANEL_ROWS.trailing_zeros()
    }

    /// Runs of [`GROUP_TILES`] tiles of a wave; fewer tiles are one group.
    #[must_use]
    pub const fn groups(&self) -> u32 {
        self.tiles.div_ceil(GROUP_TILES)
    }

    /// Siblings between a tile's root and its card's.
    #[must_use]
    pub const fn tile_levels(&self) -> u32 {
        self.tiles.trailing_zeros()
    }

    /// Siblings between a card's root and the wave's: cards are filled up to a power of two.
    #[must_use]
    pub const fn card_levels(&self) -> u32 {
        self.cards.next_power_of_two().trailing_zeros()
    }

    /// Siblings between a wave's root and the commit: waves are filled up to a power of two.
    #[must_use]
    pub const fn wave_levels(&self) -> u32 {
        self.waves.next_power_of_two().trailing_zeros()
    }

    /// Bytes of an opening: 176 and 16 for each level of tiles, cards and waves.
    #[must_use]
    pub fn opening_len(&self) -> usize {
        let levels = self
            .tile_levels()
            .wrapping_add(self.card_levels())
            .wrapping_add(self.wave_levels());
        // At most 40 levels: the conversion holds everywhere and the sum is at most MAX_OPENING_LEN.
        let levels = usize::try_from(levels).unwrap_or(usize::MAX);
        levels.saturating_mul(NODE_LEN).saturating_add(FIXED_LEN)
    }

    /// Bytes of one card's table.
    #[must_use]
    pub fn table_len(&self) -> u64 {
        // 2^32 rows of 2^9 bytes fit 64 bits.
        u64::from(self.rows) << 9
    }
}
