//! Places of an order: in a cluster a lease's rank, and its address, follow from its place, and members that list leases in different ways
//! must not give one address twice.

use super::Order;
use crate::constants::NO_PLACE;

/// What a lease takes of its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat {
    pub part: u8,
    pub gpus: u32,
    pub place: u16,
}

impl Order {
    /// Takes the lowest free place; [`NO_PLACE`] where all that are counted are taken.
    pub(super) fn take_place(&mut self) -> u16 {
        let bytes = (0u16..).step_by(8).zip(&mut self.places);
        for (first, byte) in bytes {
            let bit = byte.trailing_ones();
            if let Some(mark) = 1u8.checked_shl(bit) {
                *byte |= mark;
                let bit = u16::try_from(bit).unwrap_or(0);
                return first.saturating_add(bit);
            }
        }
        NO_PLACE
    }

    pub(super) fn free_place(&mut self, place: u16) {
        let at = usize::from(place).checked_shr(3).unwrap_or(usize::MAX);
        if let Some(byte) = self.places.get_mut(at) {
            *byte &= !1u8.checked_shl(u32::from(place & 7)).unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    /// redteam link M3
    #[test]
    fn a_place_is_the_lowest_that_is_free() {
        let mut order = Order::zeroed();
        let places: Vec<u16> = (0..258).map(|_| order.take_place()).collect();
        let expected: Vec<u16> = (0..256).chain([65_535, 65_535]).collect();
        assert_eq!(places, expected);
        for place in [200, 7, 65_535, 8] {
            order.free_place(place);
        }
        let again = [(); 4].map(|()| order.take_place());
        assert_eq!(again, [7, 8, 200, 65_535]);
    }
}
