//! The process that fetches by itself, for tests: nodes have it as `iog-keeper node-fetch`.

fn main() {
    std::process::exit(iog_node::fetch::main());
}
