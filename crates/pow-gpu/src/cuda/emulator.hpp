// A card of one thread at a time: what the kernels need of CUDA, for a C++ compiler, so that they can be run, and compared with the golden
// vectors, on machines without a card. Only for tests.
//
// Each thread of a block is a fiber that runs until a barrier. A warp goes on when all of it has come to its barrier, a block when all of it has;
// threads that wait for different ones for ever are an error, as they are on a card.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>
#include <setjmp.h>
#include <ucontext.h>

#define IOG_EMULATED
#define __device__
#define __global__
#define __constant__ static const
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(...)

struct alignas(16) uint4 {
    uint32_t x, y, z, w;
};
struct uint2 {
    uint32_t x, y;
};
struct Index {
    uint32_t x;
};

static const int BLOCK = 128;
static Index threadIdx, blockIdx, gridDim;
static enum { RUNS, AT_WARP, AT_BLOCK, ENDED } where[BLOCK];

// A context is only made once for each fiber: swapping contexts asks the kernel each time, jumping does not.
static ucontext_t begun[BLOCK];
static jmp_buf scheduler, resumed[BLOCK];

static void wait_at(decltype(RUNS) place) {
    uint32_t self = threadIdx.x;
    where[self] = place;
    if (_setjmp(resumed[self]) == 0) _longjmp(scheduler, 1);
    threadIdx.x = self;
}
static void __syncthreads() {
    wait_at(AT_BLOCK);
}
static void __syncwarp() {
    wait_at(AT_WARP);
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
static uint4 __ldg(const uint4 *at) {
    return *at;
}
static void atomicXor(uint32_t *at, uint32_t x) {
    *at ^= x;
}

// What threads show each other.
static uint32_t shown[BLOCK][6];

static uint32_t __shfl_xor_sync(uint32_t, uint32_t x, int apart) {
    uint32_t t = threadIdx.x;
    shown[t][0] = x;
    __syncwarp();
    uint32_t other = shown[t ^ apart][0];
    __syncwarp();
    return other;
}

// The matrix instructions by their layouts in the PTX ISA ("Matrix Fragments for mma.m8n8k16" and "... mma.m16n8k32"): every
// thread shows its registers, and takes from the others' what its own sums need.

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
    __syncwarp();
    for (int i = 0; i < 2; i++) d[i] += sum_of(warp, (t & 31) / 4, (t & 3) * 2 + i, 16);
    __syncwarp();
}
static void mma_16x8(uint32_t (&low)[2], uint32_t (&high)[2], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
    uint32_t t = threadIdx.x, warp = t & ~31u;
    const uint32_t mine[6] = {a0, a1, a2, a3, b0, b1};
    memcpy(shown[t], mine, sizeof mine);
    __syncwarp();
    for (int i = 0; i < 2; i++) {
        low[i] += sum_of(warp, (t & 31) / 4, (t & 3) * 2 + i, 32);
        high[i] += sum_of(warp, (t & 31) / 4 + 8, (t & 3) * 2 + i, 32);
    }
    __syncwarp();
}

static void (*kernel)();

static void fiber(int thread) {
    threadIdx.x = (uint32_t)thread;
    kernel();
    where[thread] = ENDED;
    _longjmp(scheduler, 1);
}

// Runs a thread up to its next barrier or its end.
static void __attribute__((noinline)) resume(int thread, bool first) {
    if (_setjmp(scheduler) != 0) return;
    if (first) setcontext(&begun[thread]);
    _longjmp(resumed[thread], 1);
}

// Lets go on those of threads `from` to `end` that wait at `place`, if all that have not ended do.
static bool let_go(int from, int end, decltype(RUNS) place) {
    bool any = false;
    for (int t = from; t < end; t++) {
        if (where[t] == ENDED) continue;
        if (where[t] != place) return false;
        any = true;
    }
    for (int t = from; t < end; t++) {
        if (where[t] == place) where[t] = RUNS;
    }
    return any;
}

static void run_block() {
    static std::vector<std::vector<char>> stacks(BLOCK, std::vector<char>(64 << 10));
    for (int thread = 0; thread < BLOCK; thread++) {
        where[thread] = RUNS;
        getcontext(&begun[thread]);
        begun[thread].uc_stack.ss_sp = stacks[thread].data();
        begun[thread].uc_stack.ss_size = stacks[thread].size();
        begun[thread].uc_link = nullptr;
        makecontext(&begun[thread], (void (*)())fiber, 1, thread);
    }
    bool first = true, forward = (blockIdx.x & 1) == 0, running = true;
    while (running) {
        // Threads run in either order: one that lacks a barrier is found out by one of them.
        for (int i = 0; i < BLOCK; i++) {
            int thread = forward ? i : BLOCK - 1 - i;
            if (where[thread] == RUNS) resume(thread, first);
        }
        first = false;
        forward = !forward;
        running = false;
        for (int warp = 0; warp < BLOCK; warp += 32) running |= let_go(warp, warp + 32, AT_WARP);
        running = running || let_go(0, BLOCK, AT_BLOCK);
    }
    for (int thread = 0; thread < BLOCK; thread++) {
        if (where[thread] == ENDED) continue;
        fprintf(stderr, "thread %d waits for a barrier that not all come to\n", thread);
        abort();
    }
}

static void run(uint32_t blocks, void (*what)()) {
    kernel = what;
    gridDim.x = blocks;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) run_block();
}
