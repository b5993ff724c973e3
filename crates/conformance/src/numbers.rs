//! Integers: 128 bits are library calls, signed division is a rewritten instruction.

use crate::{Operands, Results};

#[inline(never)]
pub fn unsigned_wide(operands: &mut Operands, results: &mut Results) {
    // A random shift makes every width of operand alike.
    let a = operands.u128() >> (operands.u8() % 128);
    let b = operands.u128() >> (operands.u8() % 128);
    let shift = u32::from(operands.u8());
    results.u128(a.wrapping_mul(b));
    results.option(a.checked_mul(b));
    results.option(a.checked_add(b));
    results.option(a.checked_sub(b));
    results.option(a.checked_div(b));
    results.option(a.checked_rem(b));
    results.option(a.checked_shl(shift));
    results.option(a.checked_shr(shift));
    results.u128(a.wrapping_shl(shift));
    results.u128(a.rotate_left(shift));
    results.u128(a.saturating_mul(b));
    results.u128(a.isqrt());
    results.option(a.checked_pow(shift % 5));
    results.u64(u64::from(a.leading_zeros()) << 32 | u64::from(b.trailing_zeros()));
    results.u64(u64::from(a.count_ones()));
    results.u128(a.abs_diff(b));
    results.bytes(&[u8::from(a < b), u8::from(a == b)]);
}

#[inline(never)]
pub fn signed_wide(operands: &mut Operands, results: &mut Results) {
    let a = operands.u128() as i128 >> (operands.u8() % 128);
    let b = operands.u128() as i128 >> (operands.u8() % 128);
    let shift = u32::from(operands.u8());
    let bits = |value: Option<i128>| value.map(|value| value as u128);
    results.i128(a.wrapping_mul(b));
    results.option(bits(a.checked_mul(b)));
    results.option(bits(a.checked_add(b)));
    results.option(bits(a.checked_sub(b)));
    results.option(bits(a.checked_div(b)));
    results.option(bits(a.checked_rem(b)));
    results.option(bits(a.checked_div_euclid(b)));
    results.option(bits(a.checked_rem_euclid(b)));
    results.option(bits(a.checked_neg()));
    results.i128(a.wrapping_shl(shift));
    results.i128(a.wrapping_shr(shift));
    results.i128(a.saturating_mul(b));
    results.u128(a.unsigned_abs());
    results.bytes(&[u8::from(a < b), a.signum() as u8]);
}

/// Amount times price over scale: what the programs do most.
#[inline(never)]
pub fn divide_by_word(operands: &mut Operands, results: &mut Results) {
    for _ in 0..6 {
        let amount = operands.u64();
        let price = operands.u64();
        let scale = u128::from(operands.u64() >> (operands.u8() % 64)).max(1);
        let product = u128::from(amount) * u128::from(price);
        results.u128(product / scale);
        results.u128(product % scale);
        results.u128(product.div_ceil(scale));
    }
}

#[inline(never)]
pub fn words(operands: &mut Operands, results: &mut Results) {
    let a = operands.u64() >> (operands.u8() % 64);
    let b = operands.u64() >> (operands.u8() % 64);
    let (signed_a, signed_b) = (a as i64, b.wrapping_neg() as i64);
    let shift = u32::from(operands.u8());
    results.u64(a.wrapping_mul(b));
    results.u64(a.checked_div(b).unwrap_or(7));
    results.u64(a.checked_rem(b).unwrap_or(7));
    results.u64(a.swap_bytes() ^ b.reverse_bits());
    results.u64(a.rotate_right(shift) ^ a.wrapping_shr(shift));
    results.u64(u64::from(a.leading_zeros() * 100 + b.count_ones()));
    results.u64(a.saturating_sub(b));
    results.u64(a.isqrt());
    for (n, d) in [(signed_a, signed_b), (signed_b, signed_a), (signed_b, 3600)] {
        results.i64(n.checked_div(d).unwrap_or(7));
        results.i64(n.checked_rem(d).unwrap_or(7));
        results.i64(n.checked_div_euclid(d).unwrap_or(7));
        results.i64(n.checked_rem_euclid(d).unwrap_or(7));
    }
    // A constant divisor, and one that is a power of two.
    results.i64(signed_a / 86_400 + signed_b / 4096 + signed_b % 1000);
    results.i64(signed_b.wrapping_shr(shift));
    results.i64(i64::from(signed_a as i32) ^ i64::from(signed_b as i16) ^ i64::from(a as i8));
}

#[inline(never)]
pub fn narrow(operands: &mut Operands, results: &mut Results) {
    for _ in 0..4 {
        let (a, b) = (operands.u32() as i32, operands.u32() as i32);
        let (c, d) = (operands.u16() as i16, operands.u16() as i16);
        let (e, f) = (operands.u8() as i8, operands.u8() as i8);
        results.i64(i64::from(a.checked_div(b).unwrap_or(7)));
        results.i64(i64::from(a.checked_rem(b).unwrap_or(7)));
        results.i64(i64::from(c.checked_div(d).unwrap_or(7)));
        results.i64(i64::from(c.checked_rem(d).unwrap_or(7)));
        results.i64(i64::from(e.checked_div(f).unwrap_or(7)));
        results.i64(i64::from(e.checked_rem(f).unwrap_or(7)));
        results.i64(i64::from(a.saturating_add(b)) ^ i64::from(c.wrapping_mul(d)));
        results.i64(i64::from(a.rotate_left(u32::from(e as u8))) + i64::from(a / 7));
        results.u64(u64::from(
            (a as u32).wrapping_mul(b as u32) >> (f as u8 % 32),
        ));
    }
}

/// Plain operators, which must panic exactly when native code with overflow checks does.
#[inline(never)]
pub fn unchecked(operands: &mut Operands, results: &mut Results) {
    let kind = operands.u8() % 8;
    let (a, b) = (operands.u64(), operands.u64());
    let (wide, wider) = (operands.u128(), operands.u128() >> (operands.u8() % 128));
    match kind {
        0 => results.u64(a + b),
        1 => results.u64(a - b),
        2 => results.u64(a * (b >> 40)),
        3 => results.u128(wide * wider),
        4 => results.u128(wide / (wider & 1)),
        5 => results.i64(a as i64 * (b as i64 >> 50)),
        6 => results.i128(wide as i128 * wider as i128),
        _ => results.i64((a as i64 | i64::MIN) / (b as i64 | -2)),
    }
}
