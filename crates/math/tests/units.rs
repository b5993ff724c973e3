//! Amounts and the basic divisions against exact arithmetic.

mod exact;

use exact::{big, ceil, fits, floor};
use iog_math::{
    units::{
        bps_ceil, bps_floor, mul_div_ceil, mul_div_floor, Io, Iosd, Usd6, CAP_IO, EMISSION_IO,
        GENESIS_IO, IO, USD6,
    },
    MathError,
};
use proptest::prelude::*;

#[test]
fn supply_is_literal() {
    assert_eq!(CAP_IO, 800_000_000 * IO);
    assert_eq!(GENESIS_IO, 500_000_000 * IO);
    assert_eq!(EMISSION_IO, 300_000_000 * IO);
    assert_eq!(GENESIS_IO + EMISSION_IO, CAP_IO);
}

#[test]
fn amounts_print_without_trailing_zeros() {
    for (value, text) in [
        (0, "0"),
        (1, "0.00000001"),
        (10, "0.0000001"),
        (IO, "1"),
        (IO + 1, "1.00000001"),
        (12 * IO + IO / 2, "12.5"),
        (100 * IO, "100"),
        (CAP_IO, "800000000"),
        (u64::MAX, "184467440737.09551615"),
    ] {
        assert_eq!(Io(value).to_string(), text);
        assert_eq!(Io::parse(text), Ok(Io(value)));
    }
    assert_eq!(Usd6(760_000).to_string(), "0.76");
    assert_eq!(Iosd(u64::MAX).to_string(), "18446744073709.551615");
    assert_eq!(format!("[{:>8}]", Usd6(USD6)), "[       1]");
    assert_eq!(format!("[{:.1}]", Usd6(1_250_000)), "[1.25]");
}

#[test]
fn text_that_is_no_amount_is_refused() {
    for text in [
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1e3",
        "1_000",
        "1,5",
        "1.2.3",
        "0x1",
        "1.000000000",
        "0.000000001",
        "١",
        "999999999999999999999999x",
    ] {
        assert_eq!(Io::parse(text), Err(MathError::OutOfRange), "{text:?}");
    }
    for text in [
        "184467440737.09551616",
        "184467440738",
        "99999999999999999999",
    ] {
        assert_eq!(Io::parse(text), Err(MathError::Overflow), "{text:?}");
    }
    assert_eq!("2.50".parse(), Ok(Usd6(2_500_000)));
    assert_eq!(Usd6::parse("0.0000001"), Err(MathError::OutOfRange));
    assert_eq!(Io::parse("007"), Ok(Io(7 * IO)));
}

#[test]
fn sums_are_checked() {
    assert_eq!(Io(1).checked_add(Io(2)), Ok(Io(3)));
    assert_eq!(Io(u64::MAX).checked_add(Io(1)), Err(MathError::Overflow));
    assert_eq!(Usd6(1).checked_sub(Usd6(2)), Err(MathError::Overflow));
    assert_eq!(Iosd(2).checked_sub(Iosd(2)), Ok(Iosd::ZERO));
}

#[test]
fn division_by_zero_is_an_error() {
    assert_eq!(mul_div_floor(1, 1, 0), Err(MathError::DivisionByZero));
    assert_eq!(mul_div_ceil(0, 0, 0), Err(MathError::DivisionByZero));
}

#[test]
fn directions_are_literal() {
    assert_eq!(mul_div_floor(7, 1, 2), Ok(3));
    assert_eq!(mul_div_ceil(7, 1, 2), Ok(4));
    assert_eq!(mul_div_ceil(8, 1, 2), Ok(4));
    assert_eq!(bps_floor(399, 25), Ok(0));
    assert_eq!(bps_ceil(399, 25), Ok(1));
    assert_eq!(bps_ceil(400, 25), Ok(1));
    assert_eq!(
        mul_div_ceil(u64::MAX, u64::MAX, 1),
        Err(MathError::Overflow)
    );
}

proptest! {
    #[test]
    fn mul_div_is_exact(a: u64, b: u64, c in 1..=u64::MAX) {
        let (product, divisor) = (big(a) * big(b), big(c));
        prop_assert_eq!(mul_div_floor(a, b, c), fits(floor(&product, &divisor)));
        prop_assert_eq!(mul_div_ceil(a, b, c), fits(ceil(&product, &divisor)));
    }

    #[test]
    fn shares_are_exact(amount: u64, bps: u16) {
        let (product, divisor) = (big(amount) * big(bps), big(10_000_u16));
        prop_assert_eq!(bps_floor(amount, bps), fits(floor(&product, &divisor)));
        prop_assert_eq!(bps_ceil(amount, bps), fits(ceil(&product, &divisor)));
    }

    #[test]
    fn text_round_trips(value: u64) {
        prop_assert_eq!(Io::parse(&Io(value).to_string()), Ok(Io(value)));
        prop_assert_eq!(Usd6::parse(&Usd6(value).to_string()), Ok(Usd6(value)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9.]{0,24}|\\PC{0,12}") {
        if let Ok(amount) = Io::parse(&text) {
            prop_assert_eq!(Io::parse(&amount.to_string()), Ok(amount));
        }
    }
}
