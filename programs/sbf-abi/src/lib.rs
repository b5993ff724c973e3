//! What a program links when `cargo xtask build` compiles it without Solana's platform-tools.
//!
//! Every program depends on this crate and names it once, or it would not be linked:
//!
//! ```text
//! use iog_sbf_abi as _;
//! ```
//!
//! LLVM 23 turns 128-bit multiplication and division into calls that return their result in registers, while rustc before
//! 1.99 returns a `u128` from a Rust function through a hidden pointer. A library function compiled the usual way would
//! write through whatever the first register holds. So the calls are defined here with the `unadjusted` ABI, which is
//! LLVM's own, and they replace the weak definitions of `solana-compiler-builtins` (whose memory functions are used as
//! they are). A link may hold one definition only, hence one crate for all programs.
//!
//! `cfg(iog_sbf_recipe)` is set by the recipe alone. `cargo build-sbf` has a compiler with another ABI and its own
//! library, and a host build needs neither: both see an empty crate.

#![no_std]
#![cfg_attr(iog_sbf_recipe, feature(abi_unadjusted))]
#![cfg_attr(iog_sbf_recipe, allow(internal_features))]

// The host test checks the same arithmetic that the recipe links.
#[cfg(any(iog_sbf_recipe, test))]
mod wide;

#[cfg(iog_sbf_recipe)]
mod calls;

#[cfg(iog_sbf_recipe)]
use solana_compiler_builtins as _;
