// Reading panels and multiplying them. IOG_MATH says how:
//   0  dp4a                 compute capability 6.1
//   1  mma m8n8k16          compute capability 7.5
//   2  mma m16n8k32         compute capability 8.0

#define ROW_VECS 32     // uint4s of a row
#define PANEL_VECS 1024 // uint4s of a panel
#define LEAVES 8        // leaves of a tile: four rows each
#define LEAF 33         // words between two leaves of a tile: 32 and one against bank conflicts
#define STAGE 5         // uint4s between two staged rows: 4 and one against bank conflicts

// Reads 16 bytes of the table, which nothing writes meanwhile. Nobody reads them again; their neighbours in the row are read next.
static __device__ __forceinline__ uint4 load(const uint4 *at) {
#if IOG_MATH == 2 && !defined(IOG_EMULATED)
    uint4 x;
    asm("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
        : "l"(at));
    return x;
#else
    return __ldg(at);
#endif
}

static __device__ __forceinline__ const uint4 *panel(const u64 *shards, u32 shift, u32 number) {
    u32 within = number & ((1u << shift) - 1);
    return (const uint4 *)shards[number >> shift] + (u64)within * PANEL_VECS;
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

// Where entry (row, column) of a tile lies: four rows are a leaf.
static __device__ __forceinline__ u32 entry(u32 row, u32 column) {
    return (row >> 2) * (4 * LEAF) + ((row & 3) << 5) + column;
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
            x[i] = load(a + 8 * i * ROW_VECS + chunk);
            y[i] = load(b + 8 * i * ROW_VECS + chunk);
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

// Joins what the threads of a block have read, so that it is not left out: one `atomicXor` a warp.
static __device__ __forceinline__ void keep(u32 *sum, u32 x) {
#pragma unroll
    for (int apart = 16; apart > 0; apart >>= 1) x ^= __shfl_xor_sync(0xffffffff, x, apart);
    if ((threadIdx.x & 31) == 0) atomicXor(sum, x);
}

static __device__ __forceinline__ u32 mixed(const uint4 &x) {
    return x.x ^ x.y ^ x.z ^ x.w;
}

// Reads a shard from end to end.
extern "C" __global__ void __launch_bounds__(THREADS) scan(const uint4 *shard, u64 vecs, u32 *sum) {
    u32 x = 0;
#pragma unroll 4
    for (u64 i = (u64)blockIdx.x * THREADS + threadIdx.x; i < vecs; i += (u64)gridDim.x * THREADS) x ^= mixed(load(shard + i));
    keep(sum, x);
}

// Reads panels as `multiply` does, each warp one after another: numbers `first` and on, mixed (kernels.rs, `gathered`).
extern "C" __global__ void __launch_bounds__(THREADS) gather(const u64 *shards, u32 shift, u32 panels, u32 first, u32 count, u32 *sum) {
    u32 x = 0, at = ((threadIdx.x & 31) >> 2) * ROW_VECS + (threadIdx.x & 3);
    for (u32 i = blockIdx.x * WARPS + (threadIdx.x >> 5); i < count; i += gridDim.x * WARPS) {
        u32 number = first + i;
        number = (number ^ (number >> 16)) * 0x7feb352d;
        number = (number ^ (number >> 15)) * 0x846ca68b;
        number ^= number >> 16;
        const uint4 *from = panel(shards, shift, __umulhi(number, panels)) + at;
#pragma unroll 2
        for (int chunk = 0; chunk < ROW_VECS; chunk += 4) {
#pragma unroll
            for (int row = 0; row < 32; row += 8) x ^= mixed(load(from + row * ROW_VECS + chunk));
        }
    }
    keep(sum, x);
}
