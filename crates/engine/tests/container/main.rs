//! The engine `container`: what a job sees, what it may use, and how it lives and ends. Needs root, Podman, conmon, runc and busybox; what
//! is of gVisor needs runsc.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod cards;
mod faults;
mod life;
mod runsc;
mod walls;
