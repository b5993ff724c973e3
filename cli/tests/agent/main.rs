//! The renter's client as processes, against a device of the test's making: the real agent, link and relay.

#[path = "../common/mod.rs"]
mod common;
mod files;
mod lines;
mod node;
mod rpc;
mod shell;
mod world;
