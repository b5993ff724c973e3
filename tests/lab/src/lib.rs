//! Real hosts, simulated: an "internet", homes behind their own NAT, lines that delay and lose, processes with users and folders of their own.
//!
//! Needs the right to make network namespaces. Nothing of it touches the machine's own network; addresses are of TEST-NET-3
//! (203.0.113.0/24) and private ranges. Whatever a lab has made goes with it, and a lab removes what a dead one has left.

mod capture;
mod line;
mod namespace;
mod nat;
mod power;
mod process;
mod product;
mod rpc;
mod world;

pub use capture::{Capture, Flow, Leak, Packets};
pub use line::Line;
pub use namespace::Namespace;
pub use nat::Nat;
pub use process::{wait_until, Process, Spawn};
pub use product::{program, ray, text, Fleet, Node, Product, Renter, PATIENCE};
pub use rpc::{Fault, RpcProxy};
pub use world::{Host, Lab, Shape};
