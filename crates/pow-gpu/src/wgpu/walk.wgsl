// Filling the table, and the tiles of a wave.

const THREADS = 64u;
const ROW_VECS = 32u;     // vec4s of a row
const BLOCK_HASHES = 32u;

// Which workgroup it is: more than fit a row stand below each other.
fn place(id: vec3<u32>, grid: vec3<u32>) -> u32 {
    return id.y * grid.x + id.x;
}

// One thread a block of 32 bytes; `shard` is the table's part that is filled.
@compute @workgroup_size(64)
fn fill(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let t = place(id, grid) * THREADS + thread;
    if (t >= call.count * 16u) {
        return;
    }
    var h = digest(call.hash[0], call.hash[1], vec4(swap(call.first + (t >> 4u)), swap(t & 15u), 0x80000000u, 0u), vec4(0u, 0u, 0u, 320u));
    for (var again = 1u; again < BLOCK_HASHES; again++) {
        h = digest(h.a, h.b, vec4(0x80000000u, 0u, 0u, 0u), vec4(0u, 0u, 0u, 256u));
    }
    let at = (call.at * 16u + t) * 2u;
    shard[at] = h.a;
    shard[at + 1u] = h.b;
}

const ROUND_TILES = 8u;   // 8 tiles * 8 leaves give every thread a leaf to hash
const LEAF = 33u;         // words between two leaves: 32 and one against bank conflicts
const STAGE = 5u;         // vec4s between two staged rows: 4 and one against bank conflicts
const STAGE_B = 44u;      // vec4s between two staged runs of eight rows, likewise

var<workgroup> stage_a: array<vec4<u32>, 160>;
// Row r lies at r / 4 of run r % 4: the eight threads that read rows 4j + c at a time find them in one run.
var<workgroup> stage_b: array<vec4<u32>, 176>;
// Leaves of the tiles of a round, big endian.
var<workgroup> leaves: array<u32, 2112>;
// Nodes over the leaves of all tiles: 16 tiles of 8 leaves are one perfect tree.
var<workgroup> tree: array<vec4<u32>, 128>;
// The two panels of each tile.
var<workgroup> draws: array<vec2<u32>, 16>;

// The workgroup multiplies two panels into tile `slot` of the round. Thread (i, j) of 8 * 8 sums up four rows by four columns.
fn multiply(t: u32, a: u32, b: u32, slot: u32) {
    let i = t >> 3u;
    let j = t & 7u;
    // Of each chunk a thread fetches a vec4 of rows t / 4 and 16 more of both panels, a chunk ahead of the products.
    let row = t >> 2u;
    let near = row * ROW_VECS + (t & 3u);
    let far = near + 16u * ROW_VECS;
    let to_a = row * STAGE + (t & 3u);
    let to_b = (row & 3u) * STAGE_B + (row >> 2u) * STAGE + (t & 3u);
    var a0 = load(a, near);
    var a1 = load(a, far);
    var b0 = load(b, near);
    var b1 = load(b, far);
    // No array, and no loop over the rows: a driver that does not unroll it would keep an array in memory.
    var sum0 = vec4(0u);
    var sum1 = vec4(0u);
    var sum2 = vec4(0u);
    var sum3 = vec4(0u);
    for (var chunk = 4u; chunk <= ROW_VECS; chunk += 4u) {
        // Nobody may still read the chunk before.
        workgroupBarrier();
        stage_a[to_a] = a0;
        stage_a[to_a + 16u * STAGE] = a1;
        stage_b[to_b] = b0;
        stage_b[to_b + 4u * STAGE] = b1;
        workgroupBarrier();
        if (chunk < ROW_VECS) {
            a0 = load(a, near + chunk);
            a1 = load(a, far + chunk);
            b0 = load(b, near + chunk);
            b1 = load(b, far + chunk);
        }
        for (var v = 0u; v < 4u; v++) {
            let y = j * STAGE + v;
            let y0 = stage_b[y];
            let y1 = stage_b[y + STAGE_B];
            let y2 = stage_b[y + 2u * STAGE_B];
            let y3 = stage_b[y + 3u * STAGE_B];
            let x = 4u * i * STAGE + v;
            sum0 += dots(stage_a[x], y0, y1, y2, y3);
            sum1 += dots(stage_a[x + STAGE], y0, y1, y2, y3);
            sum2 += dots(stage_a[x + 2u * STAGE], y0, y1, y2, y3);
            sum3 += dots(stage_a[x + 3u * STAGE], y0, y1, y2, y3);
        }
    }
    // Rows 4i to 4i + 3 are leaf i, of eight words each; four columns are one.
    let to = (8u * slot + i) * LEAF + j;
    leaves[to] = folded(sum0);
    leaves[to + 8u] = folded(sum1);
    leaves[to + 16u] = folded(sum2);
    leaves[to + 24u] = folded(sum3);
}

fn dots(x: vec4<u32>, y0: vec4<u32>, y1: vec4<u32>, y2: vec4<u32>, y3: vec4<u32>) -> vec4<u32> {
    return vec4(dot16(x, y0), dot16(x, y1), dot16(x, y2), dot16(x, y3));
}

fn dot16(x: vec4<u32>, y: vec4<u32>) -> u32 {
    return dot4U8Packed(x.x, y.x) + dot4U8Packed(x.y, y.y) + dot4U8Packed(x.z, y.z) + dot4U8Packed(x.w, y.w);
}

// Four entries of a tile, big endian.
fn folded(sums: vec4<u32>) -> u32 {
    let c = (sums ^ (sums >> vec4(8u)) ^ (sums >> vec4(16u))) & vec4(0xffu);
    return (c.x << 24u) | (c.y << 16u) | (c.z << 8u) | c.w;
}

// vec4 n of the padded message of a leaf: the key, the leaf, the end.
fn leaf_vec(key: vec4<u32>, leaf: u32, n: u32) -> vec4<u32> {
    if (n == 0u) {
        return key;
    }
    if (n > 8u) {
        return vec4(select(0u, 0x80000000u, n == 9u), 0u, 0u, select(0u, 1152u, n == 11u));
    }
    let at = leaf * LEAF + 4u * (n - 1u);
    return vec4(leaves[at], leaves[at + 1u], leaves[at + 2u], leaves[at + 3u]);
}

// A workgroup makes the tiles of a group and joins them.
@compute @workgroup_size(64)
fn walk(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
    let at = place(id, grid);
    if (at >= call.count) {
        return;
    }
    let group = call.first + at;
    let key = state4(KEY);
    if (t < GROUP) {
        // The card has 16 bits, the tile 32: six bytes, then the padding.
        let tile = group * GROUP + t;
        let numbers = vec4(swap(CARD | (tile << 16u)), swap((tile >> 16u) | 0x800000u), 0u, 0u);
        let drawn = digest(key, state4(KEY + 4u), numbers, vec4(0u, 0u, 0u, 304u));
        draws[t] = vec2(multiply_high(swap(drawn.a.x), PANELS), multiply_high(swap(drawn.a.y), PANELS));
    }
    for (var base = 0u; base < GROUP; base += ROUND_TILES) {
        let slots = min(ROUND_TILES, GROUP - base);
        for (var slot = 0u; slot < slots; slot++) {
            let drawn = workgroupUniformLoad(&draws[base + slot]);
            multiply(t, drawn.x, drawn.y, slot);
        }
        workgroupBarrier();
        if (t < 8u * slots) {
            var h = start();
            for (var n = 0u; n < 12u; n += 4u) {
                h = rounds(h, leaf_vec(key, t, n), leaf_vec(key, t, n + 1u), leaf_vec(key, t, n + 2u), leaf_vec(key, t, n + 3u));
            }
            tree[8u * base + t] = h.a;
        }
    }
    for (var width = 4u * GROUP; width > 0u; width >>= 1u) {
        workgroupBarrier();
        var node = vec4(0u);
        if (t < width) {
            node = node_above(key, tree[2u * t], tree[2u * t + 1u]);
        }
        workgroupBarrier();
        if (t < width) {
            tree[t] = node;
        }
    }
    // Thread 0 wrote it itself.
    if (t == 0u) {
        nodes[group] = tree[0];
    }
}
