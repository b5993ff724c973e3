//! Compiling to SBF. `platform_tools` is Solana's own toolchain; everything else is the recipe for machines that reach
//! only Debian's and Rust's registries (toolchain/README.md says why each part is there).

pub mod cache;
pub mod debian;
mod linker;
mod llvm;
mod mirror;
pub mod platform_tools;
mod recipe;
mod rust;

pub use recipe::Recipe;
