// What all kernels share: SHA-256 on words, nodes, and what is bound. shader.rs puts in front of it the constants of the shape, the
// table (its bindings and `load`) and the rounds of SHA-256 (`rounds`).
//
// Hashes, nodes and the table are kept in the words of SHA-256 (big endian), not in the definition's bytes: sums over k do not care
// in which order bytes lie in a word as long as both panels use the same.

struct Call {
    // Seed of a fill.
    hash: array<vec4<u32>, 2>,
    // First row, group or draw.
    first: u32,
    count: u32,
    // Where the first row goes.
    at: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
// The walk between two waves; as `State` in kernels.rs.
@group(0) @binding(1) var<storage, read_write> state: array<u32>;
// Where nodes go.
@group(0) @binding(2) var<storage, read_write> nodes: array<vec4<u32>>;
// Nodes that are joined.
@group(0) @binding(3) var<storage, read> below: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> roots: array<vec4<u32>>;
// The part of the table that is filled or read.
@group(0) @binding(5) var<storage, read_write> shard: array<vec4<u32>>;
// Exclusive or of all words that were read.
@group(0) @binding(6) var<storage, read_write> seen: atomic<u32>;

const SEED = 0u;
const KEY = 8u;
const WAVE = 16u;
const COUNT = 17u;
const PEAKS = 18u;

fn state4(at: u32) -> vec4<u32> {
    return vec4(state[at], state[at + 1u], state[at + 2u], state[at + 3u]);
}

// A state or digest of SHA-256.
struct Hash {
    a: vec4<u32>,
    b: vec4<u32>,
}

fn start() -> Hash {
    return Hash(vec4(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au), vec4(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u));
}

// The digest of a message of one block, padded.
fn digest(w0: vec4<u32>, w1: vec4<u32>, w2: vec4<u32>, w3: vec4<u32>) -> Hash {
    return rounds(start(), w0, w1, w2, w3);
}

// The node above two others.
fn node_above(key: vec4<u32>, left: vec4<u32>, right: vec4<u32>) -> vec4<u32> {
    return digest(key, left, right, vec4(0x80000000u, 0u, 0u, 384u)).a;
}

fn swap(x: u32) -> u32 {
    return (x << 24u) | ((x & 0xff00u) << 8u) | ((x >> 8u) & 0xff00u) | (x >> 24u);
}

// The upper half of a 64-bit product, of halves of 16 bits.
fn multiply_high(x: u32, y: u32) -> u32 {
    let x0 = x & 0xffffu;
    let x1 = x >> 16u;
    let y0 = y & 0xffffu;
    let y1 = y >> 16u;
    let middle = x1 * y0 + ((x0 * y0) >> 16u);
    let carry = (middle & 0xffffu) + x0 * y1;
    return x1 * y1 + (middle >> 16u) + (carry >> 16u);
}
