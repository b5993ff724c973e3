//! The names that LLVM calls, with LLVM's ABI.

use crate::wide;

#[unsafe(no_mangle)]
extern "unadjusted" fn __multi3(a: u128, b: u128) -> u128 {
    wide::mul(a, b)
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __udivti3(n: u128, d: u128) -> u128 {
    wide::div_rem(n, d).0
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __umodti3(n: u128, d: u128) -> u128 {
    wide::div_rem(n, d).1
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __divti3(n: i128, d: i128) -> i128 {
    wide::signed_div_rem(n, d).0
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __modti3(n: i128, d: i128) -> i128 {
    wide::signed_div_rem(n, d).1
}

// SBPF v3 has no signed division, and neither has LLVM's BPF before cpu v4: toolchain/link.sh turns every one of up to
// 64 bits into a call of these.

#[unsafe(no_mangle)]
extern "C" fn __iog_sdiv(n: i64, d: i64) -> i64 {
    wide::signed_words(n, d).0
}

#[unsafe(no_mangle)]
extern "C" fn __iog_srem(n: i64, d: i64) -> i64 {
    wide::signed_words(n, d).1
}
