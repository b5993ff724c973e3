// The walk on NVIDIA cards. NVRTC compiles this text for the card at hand; IOG_MATH says how tiles are multiplied:
//   0  dp4a                 compute capability 6.1
//   1  mma m8n8k16          compute capability 7.5
//   2  mma m16n8k32         compute capability 8.0
//
// Hashes and the table are kept in the words of SHA-256 (big endian), not in the definition's bytes: sums over k do not care
// in which order bytes lie in a word as long as both panels use the same. Tiles are bytes in the definition's order.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define THREADS 128
#define WARPS (THREADS / 32)
#define LANES 8       // lanes of a block: 8 lanes * 16 leaves give every thread a leaf to hash
#define STEPS 8
#define ROW_VECS 32   // uint4s of a row
#define NODE 5        // words of a node
#define LEAF 17       // words between two leaves of a tile: 16 and one against bank conflicts
#define STAGE 5       // uint4s between two staged rows: 4 and one against bank conflicts

struct Hash {
    u32 w[8];
};

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

// Absorbs the block w, which is used up.
static __device__ __forceinline__ void compress(Hash &s, u32 (&w)[16]) {
    u32 a = s.w[0], b = s.w[1], c = s.w[2], d = s.w[3], e = s.w[4], f = s.w[5], g = s.w[6], h = s.w[7];
    // Sixteen rounds unrolled keep w in registers; all 64 would not fit the instruction cache at every place of use.
#pragma unroll 1
    for (int round = 0; round < 64; round += 16) {
        if (round > 0) {
#pragma unroll
            for (int i = 0; i < 16; i++) {
                u32 early = w[(i + 1) & 15], late = w[(i + 14) & 15];
                w[i] += (rotr(early, 7) ^ rotr(early, 18) ^ (early >> 3)) + w[(i + 9) & 15]
                    + (rotr(late, 17) ^ rotr(late, 19) ^ (late >> 10));
            }
        }
#pragma unroll
        for (int i = 0; i < 16; i++) {
            u32 one = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + ROUND[round + i] + w[i];
            u32 two = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
            h = g;
            g = f;
            f = e;
            e = d + one;
            d = c;
            c = b;
            b = a;
            a = one + two;
        }
    }
    s.w[0] += a;
    s.w[1] += b;
    s.w[2] += c;
    s.w[3] += d;
    s.w[4] += e;
    s.w[5] += f;
    s.w[6] += g;
    s.w[7] += h;
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

static __device__ __forceinline__ Hash inner(const u32 *left, const u32 *right) {
    u32 w[16];
#pragma unroll
    for (int i = 0; i < NODE; i++) {
        w[i] = left[i];
        w[NODE + i] = right[i];
    }
    pad(w, 2 * NODE);
    Hash s = start();
    compress(s, w);
    return s;
}

#ifndef IOG_EMULATED
// d += a * b for a tile of 8 * 8 and k = 16 (PTX ISA, mma.m8n8k16, .u8).
static __device__ __forceinline__ void mma_8x8(u32 (&d)[2], u32 a, u32 b) {
#if IOG_MATH == 1
    asm("mma.sync.aligned.m8n8k16.row.col.s32.u8.u8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(d[0]), "+r"(d[1])
        : "r"(a), "r"(b));
#endif
}

// d += a * b for a tile of 16 * 8 and k = 32 (PTX ISA, mma.m16n8k32, .u8); `low` are its rows 0 to 7, `high` 8 to 15.
static __device__ __forceinline__ void mma_16x8(u32 (&low)[2], u32 (&high)[2], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) {
#if IOG_MATH == 2
    asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+r"(low[0]), "+r"(low[1]), "+r"(high[0]), "+r"(high[1])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
#endif
}
#endif

static __device__ __forceinline__ u32 fold(u32 c) {
    return (c ^ (c >> 8) ^ (c >> 16)) & 0xff;
}

// Where entry (row, column) of a tile lies: two rows are a leaf.
static __device__ __forceinline__ u32 entry(u32 row, u32 column) {
    return (row >> 1) * (4 * LEAF) + ((row & 1) << 5) + column;
}

// One warp multiplies two panels. Thread (g, q) reads 16 bytes of every eighth row, so that four threads read a run of 64.
static __device__ __forceinline__ void multiply(const uint4 *panel_a, const uint4 *panel_b, u8 *tile) {
    u32 g = (threadIdx.x & 31) >> 2, q = threadIdx.x & 3;
    const uint4 *a = panel_a + g * ROW_VECS + q, *b = panel_b + g * ROW_VECS + q;
#if IOG_MATH == 0
    __shared__ uint4 stage[WARPS][2][32 * STAGE];
    uint4(&staged)[2][32 * STAGE] = stage[threadIdx.x >> 5];
    u32 sums[4][8] = {};
#else
    u32 sums[4][4][2] = {};
#endif
#pragma unroll 2
    for (int chunk = 0; chunk < ROW_VECS; chunk += 4) {
        uint4 x[4], y[4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[i] = a[8 * i * ROW_VECS + chunk];
            y[i] = b[8 * i * ROW_VECS + chunk];
        }
#if IOG_MATH == 0
        __syncwarp();
#pragma unroll
        for (int i = 0; i < 4; i++) {
            staged[0][(g + 8 * i) * STAGE + q] = x[i];
            staged[1][(g + 8 * i) * STAGE + q] = y[i];
        }
        __syncwarp();
#pragma unroll
        for (int v = 0; v < 4; v++) {
#pragma unroll
            for (int i = 0; i < 4; i++) x[i] = staged[0][(g + 8 * i) * STAGE + v];
#pragma unroll
            for (int j = 0; j < 8; j++) {
                uint4 z = staged[1][(q + 4 * j) * STAGE + v];
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    u32 sum = __dp4a(x[i].x, z.x, sums[i][j]);
                    sum = __dp4a(x[i].y, z.y, sum);
                    sum = __dp4a(x[i].z, z.z, sum);
                    sums[i][j] = __dp4a(x[i].w, z.w, sum);
                }
            }
        }
#elif IOG_MATH == 1
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                mma_8x8(sums[i][j], x[i].x, y[j].x);
                mma_8x8(sums[i][j], x[i].y, y[j].y);
                mma_8x8(sums[i][j], x[i].z, y[j].z);
                mma_8x8(sums[i][j], x[i].w, y[j].w);
            }
        }
#else
#pragma unroll
        for (int i = 0; i < 4; i += 2) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                mma_16x8(sums[i][j], sums[i + 1][j], x[i].x, x[i + 1].x, x[i].y, x[i + 1].y, y[j].x, y[j].y);
                mma_16x8(sums[i][j], sums[i + 1][j], x[i].z, x[i + 1].z, x[i].w, x[i + 1].w, y[j].z, y[j].w);
            }
        }
#endif
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#if IOG_MATH == 0
#pragma unroll
        for (int j = 0; j < 8; j++) tile[entry(g + 8 * i, q + 4 * j)] = (u8)fold(sums[i][j]);
#else
#pragma unroll
        for (int j = 0; j < 4; j++) {
            u32 pair = fold(sums[i][j][0]) | fold(sums[i][j][1]) << 8;
            *(u16 *)(tile + entry(g + 8 * i, 8 * j + 2 * q)) = (u16)pair;
        }
#endif
    }
}

// Rows `first_row` and on of the table, `rows` of them, at row `at` of a shard. One thread a block of 32 bytes.
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
    compress(s, w);
#pragma unroll 1
    for (int again = 1; again < 8; again++) {
#pragma unroll
        for (int i = 0; i < 8; i++) w[i] = s.w[i];
        pad(w, 8);
        s = start();
        compress(s, w);
    }
    u32 *out = shard + ((u64)at * 16 + t) * 8;
#pragma unroll
    for (int i = 0; i < 8; i++) out[i] = s.w[i];
}

static __device__ __forceinline__ const uint4 *panel(const u64 *shards, u32 shift, u32 number) {
    u32 within = number & ((1u << shift) - 1);
    return (const uint4 *)shards[number >> shift] + (u64)within * (32 * ROW_VECS);
}

// Lanes `first` and on of a wave, `count` of them; their nodes go to `nodes`.
extern "C" __global__ void __launch_bounds__(THREADS) walk(const u64 *shards, u32 shift, u32 panels, Hash key, u32 first, u32 count, u32 *nodes) {
    __shared__ u32 tiles[LANES * 16 * LEAF];
    __shared__ u32 tree[LANES * 16 * NODE];
    __shared__ Hash states[LANES], draws[LANES];
    u32 t = threadIdx.x, base = blockIdx.x * LANES;
    u32 w[16];
    if (t < LANES) {
#pragma unroll
        for (int i = 0; i < 8; i++) w[i] = key.w[i];
        w[8] = swap(first + base + t);
        pad(w, 9);
        Hash s = start();
        compress(s, w);
        states[t] = s;
    }
#pragma unroll 1
    for (int step = 0; step < STEPS; step++) {
        // What draws the panels of this step.
        if (t < LANES) {
#pragma unroll
            for (int i = 0; i < 8; i++) w[i] = key.w[i];
            w[8] = swap(first + base + t);
            w[9] = swap(step);
            pad(w, 10);
            Hash s = start();
            compress(s, w);
            draws[t] = s;
        }
        __syncthreads();
#pragma unroll 1
        for (u32 lane = t >> 5; lane < LANES; lane += WARPS) {
            u32 a = __umulhi(swap(draws[lane].w[0]), panels), b = __umulhi(swap(draws[lane].w[1]), panels);
            multiply(panel(shards, shift, a), panel(shards, shift, b), (u8 *)(tiles + lane * 16 * LEAF));
        }
        __syncthreads();
        Hash s = start();
#pragma unroll
        for (int i = 0; i < 16; i++) w[i] = swap(tiles[t * LEAF + i]);
#pragma unroll 1
        for (int block = 0; block < 2; block++) {
            compress(s, w);
            // A leaf is a block of its own: the padding is the second one.
#pragma unroll
            for (int i = 0; i < 16; i++) w[i] = i == 0 ? 0x80000000 : i == 15 ? 512 : 0;
        }
#pragma unroll
        for (int i = 0; i < NODE; i++) tree[t * NODE + i] = s.w[i];
        __syncthreads();
#pragma unroll 1
        for (u32 width = 8; width > 0; width >>= 1) {
            // Thread t makes node t % width of lane t / width.
            u32 number = t & (width - 1), lane = t / width;
            if (lane < LANES) {
                const u32 *pair = tree + (lane * 16 + 2 * number) * NODE;
                s = inner(pair, pair + NODE);
            }
            __syncthreads();
            if (lane < LANES) {
#pragma unroll
                for (int i = 0; i < NODE; i++) tree[(lane * 16 + number) * NODE + i] = s.w[i];
            }
            __syncthreads();
        }
        if (t < LANES) {
#pragma unroll
            for (int i = 0; i < 8; i++) w[i] = states[t].w[i];
#pragma unroll
            for (int i = 0; i < NODE; i++) w[8 + i] = tree[t * 16 * NODE + i];
            pad(w, 8 + NODE);
            s = start();
            compress(s, w);
            states[t] = s;
        }
        __syncthreads();
    }
    if (t < LANES && base + t < count) {
#pragma unroll
        for (int i = 0; i < NODE; i++) nodes[(u64)(base + t) * NODE + i] = states[t].w[i];
    }
}

// The level above `count` pairs of nodes.
extern "C" __global__ void __launch_bounds__(THREADS) reduce(const u32 *below, u32 *above, u32 count) {
    u32 t = blockIdx.x * THREADS + threadIdx.x;
    if (t >= count) return;
    const u32 *pair = below + (u64)t * (2 * NODE);
    Hash s = inner(pair, pair + NODE);
#pragma unroll
    for (int i = 0; i < NODE; i++) above[(u64)t * NODE + i] = s.w[i];
}

// Reads a shard. The comparison keeps the compiler from leaving the reads out.
extern "C" __global__ void __launch_bounds__(THREADS) scan(const uint4 *shard, u64 vecs, u32 *out) {
    u32 sum = 0;
    for (u64 i = (u64)blockIdx.x * THREADS + threadIdx.x; i < vecs; i += (u64)gridDim.x * THREADS) {
        uint4 x = shard[i];
        sum ^= x.x ^ x.y ^ x.z ^ x.w;
    }
    if (sum == 0x9e3779b9) out[0] = sum;
}
