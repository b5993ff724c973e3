// A wave: tiles, their trees, the nodes above, the root; and the key of the next wave, so that the host need not take part.

#define GROUP 16        // tiles of a block: with 8 leaves each every thread has a leaf to hash
#define JOINED 256      // nodes that a block of `reduce` joins to one
#define PEAKS 18
#define NO_CHAIN 0xffffffff

// kernels.rs, `State`.
struct State {
    Hash seed, key;
    u32 wave, roots;
    u32 peaks[PEAKS][4];
};

extern "C" __global__ void load_state(State *state, State from) {
    if (threadIdx.x == 0) *state = from;
}

// Joins `count` nodes at `from` to the one that the first thread gets; all threads of a block call it. A level takes half the room of the one
// below it, and levels take turns: `tree` has room for three quarters of `count`, at most JOINED.
static __device__ __forceinline__ Node join_all(const Node &key, const Node *from, u32 count, Node *tree) {
    u32 t = threadIdx.x, half = count >> 1;
    Node node = from[t < count ? t : 0];
    Node *above = tree;
#pragma unroll 1
    for (u32 width = half; width > 0; width >>= 1) {
        // What is left is the first warp's.
        if (width <= 32 && t >= 32) break;
        if (t < width) {
            node = join_nodes(key, from[2 * t], from[2 * t + 1]);
            above[t] = node;
        }
        if (width <= 32) {
            __syncwarp();
        } else {
            __syncthreads();
        }
        from = above;
        above = above == tree ? tree + half : tree;
    }
    return node;
}

// The panels that tile `tile` multiplies: sha256(key || card u16 || tile u32).
static __device__ __forceinline__ uint2 draw(const Hash &key, u32 card, u32 tile, u32 panels) {
    u32 w[16];
#pragma unroll
    for (int i = 0; i < 8; i++) w[i] = key.w[i];
    // Both little endian, and the tile's four bytes lie across two words.
    u32 number = swap(tile);
    w[8] = (swap(card) & 0xffff0000) | number >> 16;
    w[9] = number << 16 | 0x8000;
#pragma unroll
    for (int i = 10; i < 16; i++) w[i] = 0;
    w[15] = 38 * 8;
    Hash s = start();
    compress<false>(s, w);
    uint2 drawn = {__umulhi(swap(s.w[0]), panels), __umulhi(swap(s.w[1]), panels)};
    return drawn;
}

// The node of a leaf: sha256(k || 128 bytes), three blocks.
static __device__ __forceinline__ Node leaf_node(const Node &key, const u32 *leaf) {
    u32 w[16];
    Hash s = start();
#pragma unroll 1
    for (int block = 0; block < 3; block++) {
#pragma unroll
        for (int i = 0; i < 16; i++) {
            int at = block * 16 + i - 4;
            w[i] = at < 0 || at > 31 ? 0 : swap(leaf[at]);
        }
        if (block == 0) put(w, 0, key);
        if (block == 2) {
            w[4] = 0x80000000;
            w[15] = 144 * 8;
        }
        compress<false>(s, w);
    }
    return head(s);
}

// Groups `first` and on of a wave, one a block: 16 tiles each, or all of a wave that has fewer. Group g's node goes to groups[g].
// What is staged for dp4a leaves room for two blocks on a multiprocessor; else registers are what counts.
extern "C" __global__ void __launch_bounds__(THREADS, IOG_MATH == 0 ? 2 : 4)
walk(const u64 *shards, u32 shift, u32 panels, u32 card, u32 tiles, const State *state, u32 first, Node *groups) {
    __shared__ u32 leaves[GROUP * LEAVES * LEAF];
    __shared__ Node nodes[THREADS], tree[THREADS * 3 / 4];
    __shared__ uint2 drawn[GROUP];
    u32 t = threadIdx.x, group = first + blockIdx.x, held = tiles < GROUP ? tiles : GROUP;
    if (t < held) drawn[t] = draw(state->key, card, group * GROUP + t, panels);
    __syncthreads();
#pragma unroll 1
    for (u32 tile = t >> 5; tile < held; tile += WARPS) {
        multiply(panel(shards, shift, drawn[tile].x), panel(shards, shift, drawn[tile].y), (u8 *)(leaves + tile * LEAVES * LEAF));
    }
    __syncthreads();
    Node key = head(state->key);
    if (t < held * LEAVES) nodes[t] = leaf_node(key, leaves + t * LEAF);
    __syncthreads();
    Node node = join_all(key, nodes, held * LEAVES, tree);
    if (t == 0) groups[group] = node;
}

// Each block joins JOINED nodes of `below` to one.
extern "C" __global__ void __launch_bounds__(THREADS) reduce(const State *state, const Node *below, Node *above) {
    __shared__ Node tree[JOINED * 3 / 4];
    Node node = join_all(head(state->key), below + blockIdx.x * JOINED, JOINED, tree);
    if (threadIdx.x == 0) above[blockIdx.x] = node;
}

// Takes over the root of the state's wave and makes the next wave's key: Chain::push and Chain::key of iog-pow.
static __device__ __forceinline__ void advance(State &state, Node root, u32 *message) {
    Node z = head(state.seed);
    u32 wave = state.wave, level = 0;
    for (; wave >> level & 1; level++) {
        const u32 *peak = state.peaks[level];
        Node left = {peak[0], peak[1], peak[2], peak[3]};
        root = join_nodes(z, left, root);
    }
    u32 *peak = state.peaks[level];
    peak[0] = root.x;
    peak[1] = root.y;
    peak[2] = root.z;
    peak[3] = root.w;
    state.wave = ++wave;
    // seed || "w" || wave || peaks, topmost first: behind the tag all words lie across two.
    u32 words = 8, carry = 'w', next = swap(wave);
    for (int i = 0; i < 8; i++) message[i] = state.seed.w[i];
    message[words++] = __funnelshift_r(next, carry, 8);
    carry = next;
    for (int at = PEAKS - 1; at >= 0; at--) {
        if (wave >> at & 1) {
            for (int i = 0; i < 4; i++) {
                next = state.peaks[at][i];
                message[words++] = __funnelshift_r(next, carry, 8);
                carry = next;
            }
        }
    }
    u32 bytes = words * 4 + 1;
    message[words++] = __funnelshift_r(0x80000000, carry, 8);
    u32 blocks = (words + 2 + 15) / 16;
    while (words < blocks * 16 - 1) message[words++] = 0;
    message[words] = bytes * 8;
    Hash s = start();
    for (u32 block = 0; block < blocks; block++) {
        u32 w[16];
#pragma unroll
        for (int i = 0; i < 16; i++) w[i] = message[block * 16 + i];
        compress<false>(s, w);
    }
    state.key = s;
}

// One block: joins what is left of a wave, at most JOINED nodes, to its root, and goes on to the next wave.
extern "C" __global__ void __launch_bounds__(THREADS) finish(State *state, const Node *below, u32 count, Node *roots) {
    __shared__ Node tree[JOINED * 3 / 4];
    __shared__ State now;
    __shared__ u32 message[80];
    u32 t = threadIdx.x;
    if (t < sizeof(State) / 4) ((u32 *)&now)[t] = ((u32 *)state)[t];
    __syncthreads();
    Node root = join_all(head(now.key), below, count, tree);
    if (t == 0) {
        roots[now.roots++] = root;
        if (now.wave != NO_CHAIN) advance(now, root, message);
    }
    __syncthreads();
    if (t < sizeof(State) / 4) ((u32 *)state)[t] = ((u32 *)&now)[t];
}
