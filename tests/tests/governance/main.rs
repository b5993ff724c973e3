//! What every config has: an authority, a guardian, pause bits and parameters; all programs from one table.

mod accounts;
mod authority;
mod exits;
mod fees;
mod granted;
mod guardian;
mod limits;
mod parameters;
mod pauses;
mod powers;
mod programs;
