//! Tables of situations and what is done in them.

mod crank;
mod node;
mod scheduler;
