//! The engine `container`: what a job sees, what it may use, and how it lives and ends. Needs root, Podman, conmon, runc and busybox; what
//! is of gVisor needs runsc, what is of Docker dockerd and containerd.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod cards;
mod docker;
mod dockerd;
mod faults;
mod life;
mod pull;
mod runsc;
mod walls;
