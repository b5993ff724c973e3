// From the nodes of the groups to the wave's root, and from there to the next wave's key.

const JOINERS = 256u;         // threads
const NO_CHAIN = 0xffffffffu; // wave of a state that has a key and nothing else

var<workgroup> joined: array<vec4<u32>, 512>;

// The workgroup joins `width` nodes of `below` from `first` on, a power of two and at most 512, into `joined[0]`.
fn join_nodes(t: u32, first: u32, width: u32) {
    let key = state4(KEY);
    for (var n = t; n < width; n += JOINERS) {
        joined[n] = below[first + n];
    }
    workgroupBarrier();
    for (var half = width >> 1u; half > 0u; half >>= 1u) {
        var node = vec4(0u);
        if (t < half) {
            node = node_above(key, joined[2u * t], joined[2u * t + 1u]);
        }
        workgroupBarrier();
        if (t < half) {
            joined[t] = node;
        }
        workgroupBarrier();
    }
}

// Nine levels of a wave that has more groups than one workgroup joins.
@compute @workgroup_size(256)
fn reduce(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {
    join_nodes(t, id.x * REDUCED, REDUCED);
    if (t == 0u) {
        nodes[id.x] = joined[0];
    }
}

// The last levels; one workgroup.
@compute @workgroup_size(256)
fn join(@builtin(local_invocation_index) t: u32) {
    join_nodes(t, 0u, LAST);
    if (t == 0u) {
        push(joined[0]);
    }
    storageBarrier();
    if (t < 80u && state[WAVE] != NO_CHAIN) {
        message[t] = message_word(t);
    }
    workgroupBarrier();
    if (t == 0u && state[WAVE] != NO_CHAIN) {
        next_key();
    }
}

// Takes over the root of a wave: as `Chain::push`.
fn push(root: vec4<u32>) {
    roots[state[COUNT]] = root;
    state[COUNT] += 1u;
    let wave = state[WAVE];
    if (wave == NO_CHAIN) {
        return;
    }
    let key = state4(SEED);
    var node = root;
    var at = PEAKS;
    for (var left = wave; (left & 1u) == 1u; left >>= 1u) {
        node = node_above(key, state4(at), node);
        at += 4u;
    }
    for (var n = 0u; n < 4u; n++) {
        state[at + n] = node[n];
    }
    state[WAVE] = wave + 1u;
}

// What is hashed to the key of the next wave: 37 bytes and 16 a left sibling, of which there are up to 17.
var<workgroup> message: array<u32, 80>;

fn message_word(i: u32) -> u32 {
    if (i < 8u) {
        return state[SEED + i];
    }
    let wave = state[WAVE];
    // The "w" moves all that follows by a byte.
    var before = 0x77u;
    if (i > 8u) {
        before = word_after_tag(wave, i - 9u);
    }
    return (before << 24u) | (word_after_tag(wave, i - 8u) >> 8u);
}

// Word j of what follows the "w": the wave's number, its left siblings topmost first, the end.
fn word_after_tag(wave: u32, j: u32) -> u32 {
    if (j == 0u) {
        return swap(wave);
    }
    let end = 4u * countOneBits(wave);
    if (j > end) {
        return select(0u, 0x80000000u, j == end + 1u);
    }
    var left = wave;
    for (var higher = (j - 1u) >> 2u; higher > 0u; higher--) {
        left ^= 1u << firstLeadingBit(left);
    }
    return state[PEAKS + 4u * firstLeadingBit(left) + ((j - 1u) & 3u)];
}

fn message_vec(at: u32) -> vec4<u32> {
    return vec4(message[at], message[at + 1u], message[at + 2u], message[at + 3u]);
}

fn next_key() {
    let bytes = 37u + 16u * countOneBits(state[WAVE]);
    // A byte that ends the message and eight for its length.
    let words = ((bytes + 9u + 63u) >> 6u) * 16u;
    message[words - 1u] = 8u * bytes;
    var h = start();
    for (var at = 0u; at < words; at += 16u) {
        h = rounds(h, message_vec(at), message_vec(at + 4u), message_vec(at + 8u), message_vec(at + 12u));
    }
    for (var n = 0u; n < 4u; n++) {
        state[KEY + n] = h.a[n];
        state[KEY + 4u + n] = h.b[n];
    }
}
