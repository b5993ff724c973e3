//! The product in the lab: renter and suppliers behind routers of their own, nothing between them but endpoints and relays.

mod rent;
mod trouble;
mod world;
