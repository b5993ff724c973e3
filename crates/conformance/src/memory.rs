//! Copies, fills and comparisons, of lengths on both sides of where they become system calls (33 to 80 bytes).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::values::fold;
use crate::{Operands, Results};

const SIZE: usize = 256;

#[inline(never)]
fn filled(operands: &mut Operands) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    let start = operands.u8();
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = (index as u8).wrapping_mul(7) ^ start;
    }
    bytes
}

/// A range in the buffer, short and long ones alike.
fn range(operands: &mut Operands) -> (usize, usize) {
    let length = if operands.u8() & 1 == 0 {
        operands.below(100)
    } else {
        operands.below(SIZE)
    };
    (operands.below(SIZE - length + 1), length)
}

#[inline(never)]
pub fn overlaps(operands: &mut Operands, results: &mut Results) {
    let mut bytes = filled(operands);
    for _ in 0..8 {
        let (from, length) = range(operands);
        let to = operands.below(SIZE - length + 1);
        bytes.copy_within(from..from + length, to);
        // Close neighbours overlap in all but a few bytes.
        let near = (from + usize::from(operands.u8() % 9)).min(SIZE - length);
        bytes.copy_within(near..near + length, from);
        results.u64(fold(&bytes));
    }
}

#[inline(never)]
pub fn fills(operands: &mut Operands, results: &mut Results) {
    let mut bytes = filled(operands);
    let other = bytes;
    for _ in 0..6 {
        let (from, length) = range(operands);
        bytes[from..from + length].fill(operands.u8());
        let (at, length) = range(operands);
        let to = operands.below(SIZE - length + 1);
        bytes[to..to + length].copy_from_slice(&other[at..at + length]);
        let equal = bytes[at..at + length] == other[at..at + length];
        let order = bytes[at..at + length].cmp(&other[to..to + length]);
        results.bytes(&[u8::from(equal), order as i8 as u8]);
        let words = [u64::from(bytes[at % SIZE]); 5];
        results.u64(words.iter().sum::<u64>());
    }
    results.u64(fold(&bytes));
    let grown: Vec<u8> = bytes.iter().rev().chain(&other).copied().collect();
    results.u64(fold(&grown));
}

#[inline(never)]
pub fn atomics(operands: &mut Operands, results: &mut Results) {
    let counter = AtomicU64::new(operands.u64());
    let flag = AtomicBool::new(false);
    results.u64(counter.fetch_add(operands.u64(), Ordering::SeqCst));
    results.u64(counter.fetch_xor(operands.u64(), Ordering::AcqRel));
    results.u64(counter.fetch_max(operands.u64(), Ordering::Relaxed));
    let expected = if operands.u8() & 1 == 0 {
        counter.load(Ordering::Acquire)
    } else {
        operands.u64()
    };
    let exchanged = counter.compare_exchange(expected, 5, Ordering::SeqCst, Ordering::Relaxed);
    results.u64(exchanged.unwrap_or_else(|seen| seen ^ 1));
    results.bytes(&[
        u8::from(flag.swap(true, Ordering::SeqCst)),
        u8::from(flag.load(Ordering::SeqCst)),
    ]);
    results.u64(counter.into_inner());
}
