//! The renter's client as processes, against a device of the test's making: the real agent, link and relay.

mod check;
mod cluster;
#[path = "../common/mod.rs"]
mod common;
mod elsewhere;
mod endpoints;
mod files;
mod lines;
mod node;
mod rpc;
mod secrets;
mod shell;
mod world;
