//! NVIDIA cards: kernels that NVRTC compiles for the card at hand, launched through the driver. Both libraries are looked for at run time.

mod card;
mod devices;
#[cfg(test)]
mod emulated;
mod memory;
mod nvrtc;

pub(crate) use devices::{cards, open};

/// The kernels' text.
const SOURCE: &str = concat!(
    include_str!("sha256.cu"),
    include_str!("products.cu"),
    include_str!("walk.cu")
);

/// How tiles are multiplied: what `products.cu` calls IOG_MATH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Math {
    Dp4a = 0,
    Mma8x8 = 1,
    Mma16x8 = 2,
}

/// What NVRTC compiles for: a virtual architecture, which the driver takes to this card and every later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    architecture: u32,
    math: Math,
}

impl Target {
    /// All of them, best first.
    const ALL: [Self; 5] = [
        Self::of(90, Math::Mma16x8),
        Self::of(80, Math::Mma16x8),
        Self::of(75, Math::Mma8x8),
        Self::of(70, Math::Dp4a),
        Self::of(61, Math::Dp4a),
    ];

    const fn of(architecture: u32, math: Math) -> Self {
        Self { architecture, math }
    }

    /// The best one that a card of this compute capability runs.
    fn for_card((major, minor): (i32, i32)) -> Option<Self> {
        let capability = u32::try_from(major.saturating_mul(10).saturating_add(minor)).ok()?;
        let mut fitting = Self::ALL.into_iter();
        fitting.find(|target| target.architecture <= capability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_gets_the_best_kernel_that_it_runs() {
        for (capability, expected) in [
            ((5, 2), None),
            ((6, 0), None),
            ((6, 1), Some((61, Math::Dp4a))),
            ((7, 0), Some((70, Math::Dp4a))),
            ((7, 5), Some((75, Math::Mma8x8))),
            ((8, 6), Some((80, Math::Mma16x8))),
            ((9, 0), Some((90, Math::Mma16x8))),
            ((12, 0), Some((90, Math::Mma16x8))),
        ] {
            let target = Target::for_card(capability);
            let target = target.map(|target| (target.architecture, target.math));
            assert_eq!(target, expected, "{capability:?}");
        }
    }
}
