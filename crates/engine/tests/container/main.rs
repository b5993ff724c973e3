//! The engine `container`: what a job sees, what it may use, and how it lives and ends. Needs root, Podman, conmon, runc and busybox.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod cards;
mod life;
mod walls;
