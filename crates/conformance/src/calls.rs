//! How arguments and results travel: in registers, on the stack, through pointers.

use crate::{Operands, Results};

type Nine = fn(u64, u8, u128, &[u8], i32, u16, (u32, u64), bool, i128) -> u128;

#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "more than five is the case")]
fn nine(a: u64, b: u8, c: u128, d: &[u8], e: i32, f: u16, g: (u32, u64), h: bool, i: i128) -> u128 {
    let length = d.len() as u128;
    let sum = u128::from(a)
        .wrapping_add(u128::from(b) << 3)
        .wrapping_add(c)
        .wrapping_mul(length | 1)
        .wrapping_sub(e as u128)
        .wrapping_add(u128::from(f) * u128::from(g.0))
        .wrapping_add(u128::from(g.1));
    if h {
        sum ^ i as u128
    } else {
        sum.wrapping_add(i as u128)
    }
}

/// The same arguments in another use, so that a pointer has a choice.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "more than five is the case")]
fn nine_nested(
    a: u64,
    b: u8,
    c: u128,
    d: &[u8],
    e: i32,
    f: u16,
    g: (u32, u64),
    h: bool,
    i: i128,
) -> u128 {
    let first = nine(a ^ 1, b, c, d, e, f, g, !h, i);
    let second = nine(a, b ^ 1, first, d, e ^ 1, f, (g.0, g.1 ^ 1), h, i);
    nine(first as u64, b, second, d, e, f, g, h, first as i128)
}

#[inline(never)]
fn seven_words(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64) -> [u64; 3] {
    [
        a ^ g,
        b.wrapping_mul(f),
        c.wrapping_add(d).rotate_left(9) ^ e,
    ]
}

#[inline(never)]
pub fn many_arguments(operands: &mut Operands, results: &mut Results) {
    let text = operands.u64().to_le_bytes();
    let (a, b, c) = (operands.u64(), operands.u8(), operands.u128());
    let (e, f, g) = (
        operands.u32() as i32,
        operands.u16(),
        (operands.u32(), operands.u64()),
    );
    let (h, i) = (operands.u8() & 1 == 0, operands.u128() as i128);
    let d = text.get(..operands.below(9)).unwrap_or(&text);
    results.u128(nine(a, b, c, d, e, f, g, h, i));
    results.u128(nine_nested(a, b, c, d, e, f, g, h, i));
    let table: [Nine; 3] = [nine, nine_nested, nine];
    for _ in 0..3 {
        let chosen = table[operands.below(3)];
        results.u128(chosen(a, b, c, d, e, f, g, h, i));
    }
    for word in seven_words(
        a,
        operands.u64(),
        a ^ 5,
        operands.u64(),
        3,
        operands.u64(),
        g.1,
    ) {
        results.u64(word);
    }
}

/// 208 bytes: passed and returned through pointers.
#[derive(Clone, Copy, PartialEq)]
struct Large {
    words: [u64; 20],
    wide: u128,
    flags: [bool; 8],
    name: [u8; 24],
}

#[inline(never)]
fn make_large(operands: &mut Operands) -> Large {
    let mut large = Large {
        words: [0; 20],
        wide: operands.u128(),
        flags: [false; 8],
        name: [b'-'; 24],
    };
    for (index, word) in large.words.iter_mut().enumerate() {
        *word = operands.u64().wrapping_add(index as u64);
    }
    for flag in &mut large.flags {
        *flag = operands.u8() & 1 == 1;
    }
    large
}

#[inline(never)]
fn change(mut large: Large, by: u64) -> Large {
    large.words.reverse();
    large.wide = large.wide.wrapping_add(u128::from(by));
    large.words[3] ^= by;
    large
}

#[inline(never)]
fn refuse(large: Large, limit: u64) -> Result<Large, (u64, u8)> {
    if large.words[0] < limit {
        return Err((large.words[0], 3));
    }
    Ok(change(large, limit))
}

#[inline(never)]
fn small_pair(a: u64, b: u64) -> Option<(u64, u64)> {
    (a > b).then(|| (a - b, b))
}

#[inline(never)]
pub fn large_values(operands: &mut Operands, results: &mut Results) {
    let large = make_large(operands);
    let changed = change(change(large, operands.u64()), operands.u64());
    results.u64(
        changed
            .words
            .iter()
            .fold(0, |sum: u64, word| sum.rotate_left(5) ^ word),
    );
    results.u128(changed.wide);
    results.bytes(&changed.flags.map(u8::from));
    results.bytes(&[u8::from(changed == large)]);
    match refuse(changed, operands.u64()) {
        Ok(kept) => results.u64(kept.words[19]),
        Err((word, code)) => results.u64(word ^ u64::from(code)),
    }
    let (a, b) = small_pair(operands.u64(), operands.u64()).unwrap_or((1, 2));
    results.u64(a);
    results.u64(b);
    let boxed = Box::new(changed);
    results.bytes(&boxed.name[..4]);
}

trait Shape {
    fn area(&self, scale: u64) -> u128;
    fn name(&self) -> String {
        String::from("shape")
    }
}

struct Square(u32);
struct Rectangle(u32, u32);

impl Shape for Square {
    fn area(&self, scale: u64) -> u128 {
        u128::from(self.0) * u128::from(self.0) * u128::from(scale)
    }
}

impl Shape for Rectangle {
    fn area(&self, scale: u64) -> u128 {
        u128::from(self.0) * u128::from(self.1) * u128::from(scale >> 1)
    }

    fn name(&self) -> String {
        format!("{}x{}", self.0, self.1)
    }
}

#[inline(never)]
pub fn dynamic(operands: &mut Operands, results: &mut Results) {
    let shapes: Vec<Box<dyn Shape>> = (0..5)
        .map(|_| -> Box<dyn Shape> {
            if operands.u8() & 1 == 0 {
                Box::new(Square(operands.u32()))
            } else {
                Box::new(Rectangle(operands.u32(), operands.u32()))
            }
        })
        .collect();
    let scale = operands.u64();
    for shape in &shapes {
        results.u128(shape.area(scale));
        results.bytes(shape.name().as_bytes());
    }
    let add = operands.u64();
    let adder = move |x: u64| x.wrapping_add(add);
    let chain: [&dyn Fn(u64) -> u64; 2] = [&adder, &|x| x.swap_bytes()];
    results.u64(chain.iter().fold(scale, |x, step| step(x)));
}
