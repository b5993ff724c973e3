//! Against real HTTP servers on this machine.

mod hermes;
mod looks;
mod server;
mod sources;
