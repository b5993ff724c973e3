// SHA-256 and the nodes of trees, on NVIDIA cards. NVRTC compiles this and the files beside it as one text (mod.rs).
//
// Hashes, nodes and the table are kept in the words of SHA-256 (big endian), not in the definition's bytes: sums over k do not care
// in which order bytes lie in a word as long as both panels use the same. Tiles are bytes in the definition's order.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define THREADS 128
#define WARPS (THREADS / 32)

struct Hash {
    u32 w[8];
};

// Four words: a node, or what keys nodes.
typedef uint4 Node;

__constant__ u32 ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static __device__ __forceinline__ u32 rotr(u32 x, u32 n) {
    return __funnelshift_r(x, x, n);
}

static __device__ __forceinline__ u32 swap(u32 x) {
    return __byte_perm(x, 0, 0x0123);
}

// Sixteen rounds; all but the first sixteen move the schedule on.
static __device__ __forceinline__ void rounds(u32 (&s)[8], u32 (&w)[16], int from) {
    if (from > 0) {
#pragma unroll
        for (int i = 0; i < 16; i++) {
            u32 early = w[(i + 1) & 15], late = w[(i + 14) & 15];
            w[i] += (rotr(early, 7) ^ rotr(early, 18) ^ (early >> 3)) + w[(i + 9) & 15]
                + (rotr(late, 17) ^ rotr(late, 19) ^ (late >> 10));
        }
    }
#pragma unroll
    for (int i = 0; i < 16; i++) {
        u32 a = s[0], b = s[1], c = s[2], e = s[4], f = s[5], g = s[6];
        u32 one = s[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + ROUND[from + i] + w[i];
        u32 two = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
        s[7] = g;
        s[6] = f;
        s[5] = e;
        s[4] = s[3] + one;
        s[3] = c;
        s[2] = b;
        s[1] = a;
        s[0] = one + two;
    }
}

// Absorbs the block w, which is used up. Sixteen rounds unrolled keep w in registers; all 64 (UNROLL) let what is constant in w vanish, but
// would not fit the instruction cache at every place of use.
template <bool UNROLL>
static __device__ __forceinline__ void compress(Hash &h, u32 (&w)[16]) {
    u32 s[8];
#pragma unroll
    for (int i = 0; i < 8; i++) s[i] = h.w[i];
    if (UNROLL) {
        rounds(s, w, 0);
        rounds(s, w, 16);
        rounds(s, w, 32);
        rounds(s, w, 48);
    } else {
#pragma unroll 1
        for (int from = 0; from < 64; from += 16) rounds(s, w, from);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) h.w[i] += s[i];
}

static __device__ __forceinline__ Hash start() {
    Hash s = {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
    return s;
}

// Pads a block whose message ends after `words` words.
static __device__ __forceinline__ void pad(u32 (&w)[16], int words) {
#pragma unroll
    for (int i = 0; i < 16; i++) {
        if (i >= words) w[i] = i == words ? 0x80000000 : 0;
    }
    w[15] = words * 32;
}

// The first four words of a hash.
static __device__ __forceinline__ Node head(const Hash &h) {
    Node node = {h.w[0], h.w[1], h.w[2], h.w[3]};
    return node;
}

static __device__ __forceinline__ void put(u32 (&w)[16], int at, const Node &node) {
    w[at] = node.x;
    w[at + 1] = node.y;
    w[at + 2] = node.z;
    w[at + 3] = node.w;
}

// The node above two others.
static __device__ __forceinline__ Node join_nodes(const Node &key, const Node &left, const Node &right) {
    u32 w[16];
    put(w, 0, key);
    put(w, 4, left);
    put(w, 8, right);
    pad(w, 12);
    Hash s = start();
    compress<false>(s, w);
    return head(s);
}

// Rows `first_row` and on of the table, `rows` of them, at row `at` of a shard. One thread a block of 32 bytes: the card's seed, row and block,
// hashed 32 times.
extern "C" __global__ void __launch_bounds__(THREADS) fill(u32 *shard, Hash seed, u32 first_row, u32 at, u32 rows) {
    u32 t = blockIdx.x * THREADS + threadIdx.x;
    if (t >= rows * 16) return;
    u32 w[16];
#pragma unroll
    for (int i = 0; i < 8; i++) w[i] = seed.w[i];
    w[8] = swap(first_row + (t >> 4));
    w[9] = swap(t & 15);
    pad(w, 10);
    Hash s = start();
    compress<false>(s, w);
#pragma unroll 1
    for (int again = 1; again < 32; again++) {
#pragma unroll
        for (int i = 0; i < 8; i++) w[i] = s.w[i];
        pad(w, 8);
        s = start();
        compress<true>(s, w);
    }
    uint4 *out = (uint4 *)shard + ((u64)at * 16 + t) * 2;
    out[0] = head(s);
    uint4 tail = {s.w[4], s.w[5], s.w[6], s.w[7]};
    out[1] = tail;
}
