//! Branches and ways to fail.

use crate::{Operands, Results};

/// Enough arms, in no simple pattern, for a compiler to reach for a jump table, which cannot be relocated here.
#[inline(never)]
fn dispatch(code: u8, x: u64) -> u64 {
    match code {
        0 => x,
        1 => x.wrapping_add(17),
        2 => x.rotate_left(3),
        3 => x ^ 0xff,
        4 => x.wrapping_mul(31),
        5 => x >> 1,
        6 => x << 1,
        7 => x.swap_bytes(),
        8 => !x,
        9 => x / 10,
        10 => x % 1009,
        11 => x.count_ones().into(),
        12 => x.leading_zeros().into(),
        13 => x.wrapping_sub(5),
        14 => x & 0xff00,
        15 => x | 0x0ff0,
        16 => x.isqrt(),
        17 => x.reverse_bits(),
        18 => x.saturating_mul(3),
        19 => x.abs_diff(1 << 40),
        20 => x.trailing_zeros().into(),
        21 => x.wrapping_neg(),
        22 => x ^ (x >> 7),
        23 => x ^ (x << 9),
        30..=39 => x.wrapping_mul(u64::from(code)),
        40 | 50 | 60 => x.wrapping_add(u64::from(code)),
        200.. => x.rotate_right(u32::from(code)),
        _ => dispatch(code % 24, x ^ u64::from(code)),
    }
}

/// Returns strings by number: a table of constants, which needs relocations of its own.
#[inline(never)]
fn name(code: u8) -> &'static str {
    match code % 9 {
        0 => "open",
        1 => "matched",
        2 => "active",
        3 => "completed",
        4 => "ended",
        5 => "expired",
        6 => "disputed",
        7 => "closed",
        _ => "unknown",
    }
}

#[inline(never)]
pub fn many_arms(operands: &mut Operands, results: &mut Results) {
    let mut x = operands.u64();
    for _ in 0..40 {
        let code = operands.u8();
        x = dispatch(code, x);
        results.bytes(name(code).as_bytes());
    }
    results.u64(x);
}

#[inline(never)]
fn broken(code: u64) -> Result<u64, String> {
    if code.is_multiple_of(2) {
        Ok(code)
    } else {
        Err(format!("odd code {code}"))
    }
}

/// Every way to panic that does not depend on where the code lives.
#[inline(never)]
#[expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "failing is the case"
)]
pub fn panics(operands: &mut Operands, results: &mut Results) {
    let kind = operands.u8() % 8;
    let value = operands.u64();
    let list: Vec<u64> = (0..value % 7).collect();
    match kind {
        0 => panic!("plain message"),
        1 => panic!("value {value} of kind {kind:#04x}"),
        2 => results.u64(list[(value % 11) as usize]),
        3 => results.u64(list.iter().copied().find(|x| x % 5 == 4).unwrap()),
        4 => results.u64(broken(value).expect("a code")),
        5 => assert_eq!(value % 4, 1, "remainder of {value}"),
        6 => results.u64(list[..(value % 9) as usize].len() as u64),
        _ => results.u64(100 / (value % 3)),
    }
}
