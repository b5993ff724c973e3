//! Strings, formatting and parsing.

use crate::{Operands, Results};

#[derive(Debug)]
#[expect(dead_code, reason = "read by the derived formatting")]
enum State {
    Idle,
    Busy { since: i64, job: Option<u32> },
    Failed(String),
}

#[inline(never)]
fn state(operands: &mut Operands) -> State {
    match operands.u8() % 3 {
        0 => State::Idle,
        1 => State::Busy {
            since: operands.u64() as i64,
            job: (operands.u8() & 1 == 0).then(|| operands.u32()),
        },
        _ => State::Failed(format!("code {}", operands.u16())),
    }
}

#[inline(never)]
pub fn strings(operands: &mut Operands, results: &mut Results) {
    let (a, b, wide) = (operands.u64(), operands.u32() as i32, operands.u128());
    results.bytes(format!("{a:>24}|{b:<+12}|{wide:#x}|{wide}|{:?}", state(operands)).as_bytes());
    let letters: String = (0..20)
        .map(|_| char::from(b'a' + operands.u8() % 26))
        .collect();
    let words: Vec<&str> = letters.split(['a', 'e', 'i']).collect();
    results.bytes(words.join("-").to_uppercase().as_bytes());
    let digits = format!(
        "{}{}",
        if b < 0 { "-" } else { "" },
        a >> (wide as u32 % 60)
    );
    results.i64(digits.parse().unwrap_or(-1));
    results.u128(wide.to_string().parse().unwrap_or(0));
    results.bytes(&[u8::from(digits.parse::<u8>().is_ok())]);
    let raw: Vec<u8> = (0..6).map(|_| operands.u8()).collect();
    match std::str::from_utf8(&raw) {
        Ok(text) => results.u64(text.chars().map(u64::from).sum()),
        Err(error) => results.u64(error.valid_up_to() as u64),
    }
    results.bytes(String::from_utf8_lossy(&raw).as_bytes());
    results.u64(letters.find("zz").unwrap_or(letters.len()) as u64);
}
