// The walk for any card that wgpu drives. shader.rs puts in front of it what depends on the table (its bindings and `load`)
// and the rounds of SHA-256 (`rounds`).
//
// Hashes and the table are kept in the words of SHA-256 (big endian), not in the definition's bytes: sums over k do not care
// in which order bytes lie in a word as long as both panels use the same. Tiles are bytes in the definition's order.

const THREADS = 64u;
const LANES = 4u;      // lanes of a workgroup: 4 lanes * 16 leaves give every thread a leaf to hash
const STEPS = 8u;
const ROW_VECS = 32u;  // vec4s of a row
const NODE = 5u;       // words of a node
const STAGE = 5u;      // vec4s between two staged rows: 4 and one against bank conflicts

struct Call {
    // Seed of a fill, key of a wave.
    hash: array<vec4<u32>, 2>,
    panels: u32,
    // First row or lane.
    first: u32,
    count: u32,
    // Where the first row, or the first lane's node, goes.
    at: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read_write> nodes: array<u32>;
@group(0) @binding(2) var<storage, read_write> shard: array<vec4<u32>>;

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

fn swap(x: u32) -> u32 {
    return (x << 24u) | ((x & 0xff00u) << 8u) | ((x >> 8u) & 0xff00u) | (x >> 24u);
}

fn swap4(x: vec4<u32>) -> vec4<u32> {
    return vec4(swap(x.x), swap(x.y), swap(x.z), swap(x.w));
}

fn inner(l: array<u32, 5>, r: array<u32, 5>) -> Hash {
    return digest(vec4(l[0], l[1], l[2], l[3]), vec4(l[4], r[0], r[1], r[2]), vec4(r[3], r[4], 0x80000000u, 0u), vec4(0u, 0u, 0u, 320u));
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

fn fold(c: u32) -> u32 {
    return (c ^ (c >> 8u) ^ (c >> 16u)) & 0xffu;
}

// One thread a block of 32 bytes; `shard` is the table's part that is filled.
@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    let t = id.x;
    if (t >= call.count * 16u) {
        return;
    }
    var h = digest(call.hash[0], call.hash[1], vec4(swap(call.first + (t >> 4u)), swap(t & 15u), 0x80000000u, 0u), vec4(0u, 0u, 0u, 320u));
    for (var again = 1u; again < 8u; again++) {
        h = digest(h.a, h.b, vec4(0x80000000u, 0u, 0u, 0u), vec4(0u, 0u, 0u, 256u));
    }
    let at = (call.at * 16u + t) * 2u;
    shard[at] = h.a;
    shard[at + 1u] = h.b;
}

var<workgroup> stage_a: array<vec4<u32>, 160>;
var<workgroup> stage_b: array<vec4<u32>, 160>;
var<workgroup> tiles: array<u32, 1024>;
var<workgroup> tree: array<array<u32, 5>, 64>;
var<workgroup> states: array<Hash, 4>;
// What draws the panels of each lane's step.
var<workgroup> draws: array<Hash, 4>;

// The workgroup multiplies two panels into the tile of a lane. Thread (i, j) of 8 * 8 sums up four rows by four columns.
fn multiply(t: u32, a: u32, b: u32, lane: u32) {
    let i = t >> 3u;
    let j = t & 7u;
    var sums = array<vec4<u32>, 4>();
    for (var chunk = 0u; chunk < ROW_VECS; chunk += 4u) {
        // Nobody may still read the chunk before.
        workgroupBarrier();
        for (var n = t; n < 128u; n += THREADS) {
            let from_vec = (n >> 2u) * ROW_VECS + chunk + (n & 3u);
            let to = (n >> 2u) * STAGE + (n & 3u);
            stage_a[to] = load(a, from_vec);
            stage_b[to] = load(b, from_vec);
        }
        workgroupBarrier();
        for (var v = 0u; v < 4u; v++) {
            let y0 = stage_b[(4u * j) * STAGE + v];
            let y1 = stage_b[(4u * j + 1u) * STAGE + v];
            let y2 = stage_b[(4u * j + 2u) * STAGE + v];
            let y3 = stage_b[(4u * j + 3u) * STAGE + v];
            for (var row = 0u; row < 4u; row++) {
                let x = stage_a[(4u * i + row) * STAGE + v];
                sums[row] += vec4(dot16(x, y0), dot16(x, y1), dot16(x, y2), dot16(x, y3));
            }
        }
    }
    for (var row = 0u; row < 4u; row++) {
        let c = sums[row];
        // Row 4i + row has eight words; four columns are one.
        tiles[lane * 256u + (4u * i + row) * 8u + j] = fold(c.x) | (fold(c.y) << 8u) | (fold(c.z) << 16u) | (fold(c.w) << 24u);
    }
}

fn dot16(x: vec4<u32>, y: vec4<u32>) -> u32 {
    return dot4U8Packed(x.x, y.x) + dot4U8Packed(x.y, y.y) + dot4U8Packed(x.z, y.z) + dot4U8Packed(x.w, y.w);
}

fn tile_words(at: u32) -> vec4<u32> {
    return swap4(vec4(tiles[at], tiles[at + 1u], tiles[at + 2u], tiles[at + 3u]));
}

fn node_of(h: Hash) -> array<u32, 5> {
    return array<u32, 5>(h.a.x, h.a.y, h.a.z, h.a.w, h.b.x);
}

@compute @workgroup_size(64)
fn walk(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
    let base = group.x * LANES;
    if (t < LANES) {
        states[t] = digest(call.hash[0], call.hash[1], vec4(swap(call.first + base + t), 0x80000000u, 0u, 0u), vec4(0u, 0u, 0u, 288u));
    }
    for (var step = 0u; step < STEPS; step++) {
        if (t < LANES) {
            draws[t] = digest(call.hash[0], call.hash[1], vec4(swap(call.first + base + t), swap(step), 0x80000000u, 0u), vec4(0u, 0u, 0u, 320u));
        }
        for (var lane = 0u; lane < LANES; lane++) {
            let drawn = workgroupUniformLoad(&draws[lane]);
            let a = multiply_high(swap(drawn.a.x), call.panels);
            let b = multiply_high(swap(drawn.a.y), call.panels);
            multiply(t, a, b, lane);
        }
        workgroupBarrier();
        // Thread t hashes leaf t % 16 of lane t / 16; the padding is the second block.
        let leaf = t * 16u;
        var h = rounds(start(), tile_words(leaf), tile_words(leaf + 4u), tile_words(leaf + 8u), tile_words(leaf + 12u));
        h = rounds(h, vec4(0x80000000u, 0u, 0u, 0u), vec4(0u), vec4(0u), vec4(0u, 0u, 0u, 512u));
        tree[t] = node_of(h);
        workgroupBarrier();
        for (var level = 4u; level > 0u; level--) {
            // Thread t makes node t % width of lane t / width.
            let width = 1u << (level - 1u);
            let number = t & (width - 1u);
            let lane = t >> (level - 1u);
            var node = array<u32, 5>();
            if (lane < LANES) {
                let pair = lane * 16u + 2u * number;
                node = node_of(inner(tree[pair], tree[pair + 1u]));
            }
            workgroupBarrier();
            if (lane < LANES) {
                tree[lane * 16u + number] = node;
            }
            workgroupBarrier();
        }
        if (t < LANES) {
            let root = tree[t * 16u];
            let state = states[t];
            states[t] = digest(state.a, state.b, vec4(root[0], root[1], root[2], root[3]), vec4(root[4], 0x80000000u, 0u, 416u));
        }
    }
    if (t < LANES && base + t < call.count) {
        let node = node_of(states[t]);
        let at = (call.at + base + t) * NODE;
        for (var n = 0u; n < NODE; n++) {
            nodes[at + n] = node[n];
        }
    }
}

@group(0) @binding(3) var<storage, read> below: array<u32>;

// The level above `count` pairs of nodes.
@compute @workgroup_size(64)
fn reduce(@builtin(global_invocation_id) id: vec3<u32>) {
    let t = id.x;
    if (t >= call.count) {
        return;
    }
    let l = t * 2u * NODE;
    let r = l + NODE;
    let node = node_of(inner(
        array<u32, 5>(below[l], below[l + 1u], below[l + 2u], below[l + 3u], below[l + 4u]),
        array<u32, 5>(below[r], below[r + 1u], below[r + 2u], below[r + 3u], below[r + 4u]),
    ));
    for (var n = 0u; n < NODE; n++) {
        nodes[t * NODE + n] = node[n];
    }
}

// Reads `count` vec4s of a shard. The comparison keeps the compiler from leaving the reads out.
@compute @workgroup_size(64)
fn scan(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    var sum = vec4(0u);
    for (var i = id.x; i < call.count; i += groups.x * THREADS) {
        sum ^= shard[i];
    }
    if ((sum.x ^ sum.y ^ sum.z ^ sum.w) == 0x9e3779b9u) {
        nodes[0] = sum.x;
    }
}
