//! Provers on GPUs: engines over CUDA and over wgpu (Vulkan, Metal, DX12), and the choice between them and the CPU.
//!
//! The definition is `iog-pow`; the kernels are tested against it and against its golden vectors.
#![cfg_attr(
    not(test),
    deny(
        missing_docs,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod cards;
#[cfg(feature = "cuda")]
mod cuda;
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod gpu;
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod kernels;
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod pace;
mod settings;
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod shards;
#[cfg(feature = "wgpu")]
mod wgpu;

pub use cards::{CardInfo, CardName};
pub use settings::{AnyProver, Backend, Settings};
