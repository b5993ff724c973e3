//! Endpoints and relays in one process, over loopback. What waits waits for an event, and not for long.

mod admission;
mod common;
#[cfg(target_os = "linux")]
mod floods;
mod members;
mod networks;
mod relays;
mod streams;
mod tickets;
// All of 127.0.0.0/8 is local on Linux only.
#[cfg(target_os = "linux")]
mod wire;
