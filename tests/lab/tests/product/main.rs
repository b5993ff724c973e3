//! The product in the lab: renter and suppliers behind routers of their own, nothing between them but endpoints and relays.

mod checks;
mod container;
mod further;
mod rent;
mod ssh;
mod strangers;
mod trouble;
mod world;
