//! Several machines of one order behind several routers: the mesh between their jobs, and Ray over it.

mod churn;
mod cluster;
mod mesh;
mod ray;

/// Whether the long forms run, too: `cargo xtask test --full`.
fn full() -> bool {
    std::env::var_os("IOG_FULL").is_some()
}
