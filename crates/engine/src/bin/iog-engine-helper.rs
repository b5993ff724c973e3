//! The engine's helper by itself, for tests: nodes have it as `iog-keeper engine-helper`.

fn main() {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    std::process::exit(iog_engine::helper_main(&args));
}
