//! The engine `sandbox`: what a job sees, and how it lives and ends.

#[path = "../support/mod.rs"]
mod support;

mod inside;
mod life;
