//! The shader's text: what depends on the shape and the table, the rounds of SHA-256, and the kernels.

use super::plan::Plan;
use crate::shards::Shards;
use std::fmt::Write;

/// First binding of the table's shards.
pub(super) const TABLE: u32 = 7;

/// The kernels, and what they share.
const FILES: [&str; 4] = [
    include_str!("hash.wgsl"),
    include_str!("walk.wgsl"),
    include_str!("join.wgsl"),
    include_str!("read.wgsl"),
];

const ROUND: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The whole text for a plan and a table in these shards.
pub(super) fn text(plan: &Plan, shards: &Shards) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = constants(&mut text, plan, shards)
        .and_then(|()| table(&mut text, shards))
        .and_then(|()| rounds(&mut text));
    for file in FILES {
        text.push_str(file);
    }
    text
}

/// What never changes on a card: pipelines are made for one shape.
fn constants(text: &mut String, plan: &Plan, shards: &Shards) -> std::fmt::Result {
    for (name, value) in [
        ("CARD", plan.card),
        ("PANELS", shards.panels()),
        ("GROUP", plan.group_tiles),
        ("REDUCED", plan.reduced),
        ("LAST", plan.last),
    ] {
        writeln!(text, "const {name} = {value}u;")?;
    }
    Ok(())
}

/// A binding for each shard, and `load`, which picks one: WGSL has no arrays of buffers.
fn table(text: &mut String, shards: &Shards) -> std::fmt::Result {
    for shard in 0..shards.count() {
        let binding = TABLE.saturating_add(shard);
        writeln!(
            text,
            "@group(0) @binding({binding}) var<storage, read> table{shard}: array<vec4<u32>>;"
        )?;
    }
    let shift = shards.shift();
    writeln!(
        text,
        "fn load(panel: u32, vec: u32) -> vec4<u32> {{\n\
         let at = (panel & {}u) * 1024u + vec;\nswitch (panel >> {shift}u) {{",
        (1_u32 << shift).wrapping_sub(1)
    )?;
    for shard in 1..shards.count() {
        writeln!(text, "case {shard}u: {{ return table{shard}[at]; }}")?;
    }
    writeln!(text, "default: {{ return table0[at]; }}\n}}\n}}")
}

/// `rounds(state, block)`, unrolled: an array that is indexed at run time would leave the registers.
fn rounds(text: &mut String) -> std::fmt::Result {
    text.push_str(
        "fn rounds(s: Hash, b0: vec4<u32>, b1: vec4<u32>, b2: vec4<u32>, b3: vec4<u32>) -> Hash {\n",
    );
    for (word, lane) in (0..16).zip(["x", "y", "z", "w"].into_iter().cycle()) {
        writeln!(text, "var w{word} = b{}.{lane};", word / 4)?;
    }
    let mut names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for (name, from) in names.iter().zip(0..) {
        let half = if from < 4 { "a" } else { "b" };
        writeln!(text, "var {name} = s.{half}[{}];", from % 4)?;
    }
    text.push_str("var t = 0u;\n");
    let rotated = |name: &str, by: u32| format!("(({name} >> {by}u) | ({name} << {}u))", 32 - by);
    for (number, constant) in ROUND.iter().enumerate() {
        let word = number % 16;
        if number >= 16 {
            let early = format!("w{}", (number + 1) % 16);
            let late = format!("w{}", (number + 14) % 16);
            writeln!(
                text,
                "w{word} += ({} ^ {} ^ ({early} >> 3u)) + w{} + ({} ^ {} ^ ({late} >> 10u));",
                rotated(&early, 7),
                rotated(&early, 18),
                (number + 9) % 16,
                rotated(&late, 17),
                rotated(&late, 19),
            )?;
        }
        let [a, b, c, d, e, f, g, h] = names;
        writeln!(
            text,
            "t = {h} + ({} ^ {} ^ {}) + ({g} ^ ({e} & ({f} ^ {g}))) + {constant:#x}u + w{word};\n\
             {d} += t;\n\
             {h} = t + ({} ^ {} ^ {}) + (({a} & {b}) | ({c} & ({a} | {b})));",
            rotated(e, 6),
            rotated(e, 11),
            rotated(e, 25),
            rotated(a, 2),
            rotated(a, 13),
            rotated(a, 22),
        )?;
        // The names move on by one each round instead of the values.
        names.rotate_right(1);
    }
    text.push_str("return Hash(s.a + vec4(a, b, c, d), s.b + vec4(e, f, g, h));\n}\n");
    Ok(())
}
