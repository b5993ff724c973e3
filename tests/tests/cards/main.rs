//! One device key of eight cards that walk together, across all programs: what an hour costs it, what it earns, stakes and is rented for.

mod earning;
mod hour;
mod rent;
