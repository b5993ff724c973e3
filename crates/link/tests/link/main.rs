//! Endpoints and relays in one process, over loopback. What waits waits for an event, and not for long.

mod admission;
mod common;
mod floods;
mod networks;
mod relays;
mod streams;
mod tickets;
mod wire;
