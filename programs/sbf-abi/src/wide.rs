//! 128-bit arithmetic on 64-bit words.
//!
//! Nothing here multiplies, divides or shifts a whole `u128` by a variable amount: LLVM would turn that into a call of
//! the very function being defined. Sums wrap on purpose: the build checks overflow, these algorithms rely on it.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "the operators are what is implemented here; their callers check for zero as the compiler's do"
)]

const LOW: u64 = 0xffff_ffff;

#[inline(always)]
fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

#[inline(always)]
fn low(x: u128) -> u64 {
    x as u64
}

#[inline(always)]
fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

/// The full product of two words, as (high, low).
#[inline(always)]
fn mul_words(a: u64, b: u64) -> (u64, u64) {
    let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
    let low = a0.wrapping_mul(b0);
    // Neither sum can wrap: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
    let mid = a1.wrapping_mul(b0).wrapping_add(low >> 32);
    let mid2 = a0.wrapping_mul(b1).wrapping_add(mid & LOW);
    let high = a1
        .wrapping_mul(b1)
        .wrapping_add(mid >> 32)
        .wrapping_add(mid2 >> 32);
    (high, (mid2 << 32) | (low & LOW))
}

/// The product modulo 2^128, which is the same for signed and unsigned operands.
#[inline(always)]
pub fn mul(a: u128, b: u128) -> u128 {
    let (carry, product) = mul_words(low(a), low(b));
    let top = carry
        .wrapping_add(high(a).wrapping_mul(low(b)))
        .wrapping_add(low(a).wrapping_mul(high(b)));
    join(top, product)
}

/// Leading zeros of a word that is not zero. The machine has no such instruction and LLVM's expansion is longer.
#[inline(always)]
fn leading_zeros(mut x: u64) -> u32 {
    let mut n = 0;
    let mut width = 32u32;
    while width > 0 {
        if x >> (64u32.wrapping_sub(width)) == 0 {
            n |= width;
            x <<= width;
        }
        width >>= 1;
    }
    n
}

/// One 32-bit digit of a quotient (Knuth, TAOCP 2, 4.3.1 D) and what remains: `(top * 2^32 + digit) / d`, `d` with its
/// top bit set and `top < d`.
#[inline(always)]
fn divide_digit(top: u64, digit: u64, d: u64) -> (u64, u64) {
    let (d1, d0) = (d >> 32, d & LOW);
    let mut q = top / d1;
    let mut r = top.wrapping_sub(q.wrapping_mul(d1));
    // The estimate is at most two too large.
    while q > LOW || q.wrapping_mul(d0) > ((r << 32) | digit) {
        q = q.wrapping_sub(1);
        r = r.wrapping_add(d1);
        if r > LOW {
            break;
        }
    }
    let rest = ((top << 32) | digit).wrapping_sub(q.wrapping_mul(d));
    (q, rest)
}

/// Two words by one, `n1 < d`: most of our divisions are amounts times a price over a scale, and end here.
#[inline(always)]
fn divide_words(n1: u64, n0: u64, d: u64) -> (u64, u64) {
    if d <= LOW {
        // Every partial remainder fits 32 bits, so the machine's own division does each digit.
        let a = (n1 << 32) | (n0 >> 32);
        let q1 = a / d;
        let b = (a.wrapping_sub(q1.wrapping_mul(d)) << 32) | (n0 & LOW);
        let q0 = b / d;
        return ((q1 << 32) | q0, b.wrapping_sub(q0.wrapping_mul(d)));
    }
    let shift = leading_zeros(d);
    let d = d << shift;
    let n1 = if shift == 0 {
        n1
    } else {
        (n1 << shift) | (n0 >> (64u32.wrapping_sub(shift)))
    };
    let n0 = n0 << shift;
    let (q1, rest) = divide_digit(n1, n0 >> 32, d);
    let (q0, rest) = divide_digit(rest, n0 & LOW, d);
    ((q1 << 32) | q0, rest >> shift)
}

/// Quotient and remainder. A zero divisor never comes: Rust checks before it calls.
#[inline(always)]
pub fn div_rem(n: u128, d: u128) -> (u128, u128) {
    if high(d) != 0 {
        return divide_wide(n, d);
    }
    let (n1, n0, d) = (high(n), low(n), low(d));
    if n1 == 0 {
        let q = n0 / d;
        return (q as u128, n0.wrapping_sub(q.wrapping_mul(d)) as u128);
    }
    if n1 < d {
        let (q, r) = divide_words(n1, n0, d);
        return (q as u128, r as u128);
    }
    let q1 = n1 / d;
    let (q0, r) = divide_words(n1.wrapping_sub(q1.wrapping_mul(d)), n0, d);
    (join(q1, q0), r as u128)
}

/// A divisor of more than 64 bits (Warren, Hacker's Delight, 9-5): estimate from the divisor's top word, which is at
/// most one too large, take one off and put it back if the remainder says so.
#[inline(always)]
fn divide_wide(n: u128, d: u128) -> (u128, u128) {
    if n < d {
        return (0, n);
    }
    let shift = leading_zeros(high(d));
    let top = if shift == 0 {
        high(d)
    } else {
        (high(d) << shift) | (low(d) >> (64u32.wrapping_sub(shift)))
    };
    let half = n >> 1;
    let (estimate, _) = divide_words(high(half), low(half), top);
    let mut q = (estimate >> (63u32.wrapping_sub(shift))).saturating_sub(1);
    let mut r = n.wrapping_sub(mul(d, q as u128));
    if r >= d {
        q = q.wrapping_add(1);
        r = r.wrapping_sub(d);
    }
    (q as u128, r)
}

/// Truncates towards zero; the remainder has the dividend's sign.
#[inline(always)]
pub fn signed_div_rem(n: i128, d: i128) -> (i128, i128) {
    let (q, r) = div_rem(n.unsigned_abs(), d.unsigned_abs());
    let signed = |x: u128, negative: bool| {
        if negative {
            (x as i128).wrapping_neg()
        } else {
            x as i128
        }
    };
    (signed(q, (n < 0) != (d < 0)), signed(r, n < 0))
}

/// The same for one word, by unsigned division.
#[inline(always)]
pub fn signed_words(n: i64, d: i64) -> (i64, i64) {
    let (magnitude, divisor) = (n.unsigned_abs(), d.unsigned_abs());
    let q = magnitude / divisor;
    let r = magnitude.wrapping_sub(q.wrapping_mul(divisor));
    let signed = |x: u64, negative: bool| {
        if negative {
            (x as i64).wrapping_neg()
        } else {
            x as i64
        }
    };
    (signed(q, (n < 0) != (d < 0)), signed(r, n < 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator (Steele, Lea and Flood, SplitMix64): the inputs need spread, not secrecy.
    struct Mix(u64);

    impl Mix {
        fn word(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        /// Every width alike, with runs of ones and zeros that reach the rare corrections.
        fn wide(&mut self) -> u128 {
            let x = join(self.word(), self.word()) >> (self.word() % 128);
            match self.word() % 4 {
                0 => x | (u128::MAX >> (self.word() % 128)),
                1 => x & !(u128::MAX >> (self.word() % 128)),
                _ => x,
            }
        }
    }

    #[test]
    fn agrees_with_the_hosts_arithmetic() {
        let mut mix = Mix(7);
        for _ in 0..2_000_000 {
            let (a, b) = (mix.wide(), mix.wide());
            assert_eq!(mul(a, b), a.wrapping_mul(b), "{a} * {b}");
            if b == 0 {
                continue;
            }
            assert_eq!(div_rem(a, b), (a / b, a % b), "{a} / {b}");
            let (n, d) = (a as i128, b as i128);
            let expected = (n.wrapping_div(d), n.wrapping_rem(d));
            assert_eq!(signed_div_rem(n, d), expected, "{n} / {d}");
            let (n, d) = (n as i64, d as i64);
            if d != 0 {
                let expected = (n.wrapping_div(d), n.wrapping_rem(d));
                assert_eq!(signed_words(n, d), expected, "{n} / {d}");
            }
        }
    }
}
