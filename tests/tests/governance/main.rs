//! What every config has: an authority, a guardian, pause bits and parameters; all programs from one table.

mod accounts;
mod authority;
mod case;
mod exits;
mod fees;
mod granted;
mod guarded;
mod guardian;
mod limits;
mod oracles;
mod parameters;
mod pauses;
mod powers;
mod programs;
mod successor;
mod table;
