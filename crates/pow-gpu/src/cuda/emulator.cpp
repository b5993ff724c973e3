// A card of one thread at a time: walk.cu compiled for the processor, so that its kernels can be run, and compared with the
// golden vectors, on machines without a card. Only for tests.
//
// Each thread of a block is a fiber that runs until the next barrier. All threads of these kernels meet the same barriers, so
// going round once per barrier is a valid order, for a block's barriers and for a warp's.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>
#include <setjmp.h>
#include <ucontext.h>

#define IOG_EMULATED
#define __device__
#define __global__
#define __constant__ static const
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(threads)

struct uint4 {
    uint32_t x, y, z, w;
};
struct Index {
    uint32_t x;
};

static const int BLOCK = 128;
static Index threadIdx, blockIdx, gridDim;
static bool ended[BLOCK];

// A context is only made once for each fiber: swapping contexts asks the kernel each time, jumping does not.
static ucontext_t begun[BLOCK];
static jmp_buf scheduler, resumed[BLOCK];

static void barrier() {
    uint32_t self = threadIdx.x;
    if (_setjmp(resumed[self]) == 0) _longjmp(scheduler, 1);
    threadIdx.x = self;
}
static void __syncthreads() {
    barrier();
}
static void __syncwarp() {
    barrier();
}
static uint32_t __funnelshift_r(uint32_t low, uint32_t high, uint32_t n) {
    return (uint32_t)((((uint64_t)high << 32) | low) >> (n & 31));
}
static uint32_t __umulhi(uint32_t x, uint32_t y) {
    return (uint32_t)(((uint64_t)x * y) >> 32);
}
static uint32_t __byte_perm(uint32_t x, uint32_t, uint32_t selector) {
    uint32_t out = 0;
    for (int i = 0; i < 4; i++) out |= ((x >> (8 * ((selector >> (4 * i)) & 3))) & 0xff) << (8 * i);
    return out;
}
static uint32_t byte_of(uint32_t word, int at) {
    return (word >> (8 * at)) & 0xff;
}
static uint32_t __dp4a(uint32_t a, uint32_t b, uint32_t c) {
    for (int i = 0; i < 4; i++) c += byte_of(a, i) * byte_of(b, i);
    return c;
}

// The matrix instructions by their layouts in the PTX ISA ("Matrix Fragments for mma.m8n8k16" and "... mma.m16n8k32"): every
// thread shows its registers, and takes from the others' what its own sums need.
static uint32_t shown[BLOCK][6];

// Register of A that holds A[row][k], and register of B that holds B[k][column], of the warp whose first thread is `warp`.
static uint32_t a_at(uint32_t warp, int row, int k) {
    uint32_t thread = warp + (row % 8) * 4 + (k % 16) / 4;
    return byte_of(shown[thread][row / 8 + 2 * (k / 16)], k % 4);
}
static uint32_t b_at(uint32_t warp, int k, int column) {
    uint32_t thread = warp + column * 4 + (k % 16) / 4;
    return byte_of(shown[thread][4 + k / 16], k % 4);
}
static uint32_t sum_of(uint32_t warp, int row, int column, int depth) {
    uint32_t sum = 0;
    for (int k = 0; k < depth; k++) sum += a_at(warp, row, k) * b_at(warp, k, column);
    return sum;
}
static void mma_8x8(uint32_t (&d)[2], uint32_t a, uint32_t b) {
    uint32_t t = threadIdx.x, warp = t & ~31u;
    shown[t][0] = a;
    shown[t][4] = b;
    barrier();
    for (int i = 0; i < 2; i++) d[i] += sum_of(warp, (t & 31) / 4, (t & 3) * 2 + i, 16);
    barrier();
}
static void mma_16x8(uint32_t (&low)[2], uint32_t (&high)[2], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
    uint32_t t = threadIdx.x, warp = t & ~31u;
    const uint32_t mine[6] = {a0, a1, a2, a3, b0, b1};
    memcpy(shown[t], mine, sizeof mine);
    barrier();
    for (int i = 0; i < 2; i++) {
        low[i] += sum_of(warp, (t & 31) / 4, (t & 3) * 2 + i, 32);
        high[i] += sum_of(warp, (t & 31) / 4 + 8, (t & 3) * 2 + i, 32);
    }
    barrier();
}

#include "walk.cu"

struct Launch {
    std::vector<u64> shards;
    u32 shift, panels, first, at, count;
    Hash hash;
    u32 *below, *above;
    void (*kernel)(const Launch &);
};
static Launch launch;

static void fiber(int thread) {
    threadIdx.x = (uint32_t)thread;
    launch.kernel(launch);
    ended[thread] = true;
    _longjmp(scheduler, 1);
}

// Runs a thread up to its next barrier or its end.
static void __attribute__((noinline)) advance(int thread, bool first) {
    if (_setjmp(scheduler) != 0) return;
    if (first) setcontext(&begun[thread]);
    _longjmp(resumed[thread], 1);
}

static void run(u32 blocks) {
    static std::vector<std::vector<char>> stacks(BLOCK, std::vector<char>(64 << 10));
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
        for (int thread = 0; thread < BLOCK; thread++) {
            ended[thread] = false;
            getcontext(&begun[thread]);
            begun[thread].uc_stack.ss_sp = stacks[thread].data();
            begun[thread].uc_stack.ss_size = stacks[thread].size();
            begun[thread].uc_link = nullptr;
            makecontext(&begun[thread], (void (*)())fiber, 1, thread);
        }
        bool first = true;
        for (bool running = true; running; first = false) {
            running = false;
            for (int thread = 0; thread < BLOCK; thread++) {
                if (ended[thread]) continue;
                running = true;
                advance(thread, first);
            }
        }
    }
}

static Hash words(const std::string &hex) {
    Hash hash;
    for (int i = 0; i < 8; i++) hash.w[i] = (u32)std::stoul(hex.substr(8 * i, 8), nullptr, 16);
    return hash;
}

// Requests are lines, answers are lines; src/cuda/emulated.rs is the other end.
int main() {
    std::vector<std::vector<uint4>> table;
    std::vector<u32> nodes[2];
    std::string line, what;
    while (std::getline(std::cin, line)) {
        std::istringstream in(line);
        in >> what;
        if (what == "allocate") {
            u32 lanes;
            in >> launch.panels >> launch.shift >> lanes;
            u32 per_shard = 1u << launch.shift;
            table.clear();
            launch.shards.clear();
            for (u32 done = 0; done < launch.panels; done += per_shard) {
                u32 held = launch.panels - done < per_shard ? launch.panels - done : per_shard;
                table.emplace_back((size_t)held * 32 * ROW_VECS);
            }
            for (auto &shard : table) launch.shards.push_back((u64)shard.data());
            for (auto &side : nodes) side.assign((size_t)lanes * NODE, 0);
        } else if (what == "fill") {
            u32 shard;
            std::string seed;
            in >> shard >> seed >> launch.first >> launch.at >> launch.count;
            launch.hash = words(seed);
            launch.above = (u32 *)table.at(shard).data();
            launch.kernel = [](const Launch &l) { fill(l.above, l.hash, l.first, l.at, l.count); };
            run((launch.count * 16 + THREADS - 1) / THREADS);
        } else if (what == "walk") {
            std::string key;
            in >> key >> launch.first >> launch.count >> launch.at;
            launch.hash = words(key);
            launch.above = nodes[0].data() + (size_t)launch.at * NODE;
            launch.kernel = [](const Launch &l) { walk(l.shards.data(), l.shift, l.panels, l.hash, l.first, l.count, l.above); };
            run((launch.count + LANES - 1) / LANES);
        } else if (what == "reduce") {
            u32 level;
            in >> level >> launch.count;
            launch.below = nodes[level & 1].data();
            launch.above = nodes[~level & 1].data();
            launch.kernel = [](const Launch &l) { reduce(l.below, l.above, l.count); };
            run((launch.count + THREADS - 1) / THREADS);
        } else if (what == "scan") {
            u32 shard;
            in >> shard;
            launch.below = (u32 *)table.at(shard).data();
            launch.first = (u32)table.at(shard).size();
            launch.above = nodes[0].data();
            launch.kernel = [](const Launch &l) { scan((const uint4 *)l.below, l.first, l.above); };
            run(2);
        } else if (what == "nodes") {
            u32 level, count;
            in >> level >> count;
            for (u32 i = 0; i < count * NODE; i++) printf("%08x", nodes[level & 1][i]);
        }
        printf("\n");
        fflush(stdout);
    }
}
