// The kernels on the processor, for src/cuda/emulated.rs: requests are lines, answers are lines.

#include "emulator.hpp"

#include <iostream>
#include <sstream>
#include <string>

#include "sha256.cu"
#include "products.cu"
#include "walk.cu"

// What a card holds.
static std::vector<std::vector<uint4>> table;
static std::vector<u64> shards;
static u32 panels, shift, card, tiles, groups;
static State state;
static std::vector<Node> nodes, joined, roots;
// What a launch is given.
static State from;
static Hash seed;
static u32 shard, first, at, count, sum;
static const Node *below;

static Hash words(const std::string &hex) {
    Hash hash;
    for (int i = 0; i < 8; i++) hash.w[i] = (u32)std::stoul(hex.substr(8 * i, 8), nullptr, 16);
    return hash;
}

static void print(const std::vector<Node> &from, u32 count) {
    for (u32 i = 0; i < count; i++) printf("%08x%08x%08x%08x", from.at(i).x, from.at(i).y, from.at(i).z, from.at(i).w);
}

static void allocate(std::istream &in) {
    in >> panels >> shift >> card >> tiles >> groups;
    u32 most = 1u << shift;
    table.clear();
    shards.clear();
    for (u32 done = 0; done < panels; done += most) {
        u32 held = panels - done < most ? panels - done : most;
        table.emplace_back((size_t)held * PANEL_VECS);
    }
    for (auto &part : table) shards.push_back((u64)part.data());
    nodes.assign(groups, Node());
    joined.assign(groups / JOINED + 1, Node());
    roots.assign(256, Node());
}

// As Card::join in card.rs.
static void join() {
    below = nodes.data();
    count = groups;
    if (count > JOINED) {
        run(count / JOINED, [] { reduce(&state, nodes.data(), joined.data()); });
        below = joined.data();
        count /= JOINED;
    }
    run(1, [] { finish(&state, below, count, roots.data()); });
}

static void answer(const std::string &what, std::istream &in) {
    std::string hex;
    sum = 0;
    if (what == "allocate") {
        allocate(in);
    } else if (what == "fill") {
        in >> shard >> hex >> first >> at >> count;
        seed = words(hex);
        run((count * 16 + THREADS - 1) / THREADS, [] { fill((u32 *)table.at(shard).data(), seed, first, at, count); });
    } else if (what == "load") {
        u32 *to = (u32 *)&from;
        in >> hex;
        for (size_t i = 0; i < sizeof from / 4; i++) to[i] = (u32)std::stoul(hex.substr(8 * i, 8), nullptr, 16);
        run(1, [] { load_state(&state, from); });
    } else if (what == "walk") {
        in >> first >> count;
        run(count, [] { walk(shards.data(), shift, panels, card, tiles, &state, first, nodes.data()); });
    } else if (what == "put") {
        in >> hex;
        for (size_t i = 0; i < nodes.size() * 4; i++) ((u32 *)nodes.data())[i] = (u32)std::stoul(hex.substr(8 * i, 8), nullptr, 16);
    } else if (what == "join") {
        join();
    } else if (what == "scan") {
        in >> shard;
        run(2, [] { scan(table.at(shard).data(), table.at(shard).size(), &sum); });
        printf("%08x", sum);
    } else if (what == "gather") {
        in >> first >> count;
        run(2, [] { gather(shards.data(), shift, panels, first, count, &sum); });
        printf("%08x", sum);
    } else if (what == "groups") {
        print(nodes, groups);
    } else if (what == "roots") {
        in >> count;
        print(roots, count);
    }
}

int main() {
    std::string line, what;
    while (std::getline(std::cin, line)) {
        std::istringstream in(line);
        in >> what;
        answer(what, in);
        printf("\n");
        fflush(stdout);
    }
}
