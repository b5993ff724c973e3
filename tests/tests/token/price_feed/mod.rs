//! The price that a quorum of reporters signs: who reports, what is taken, and what a minority, a majority and a carrier can do.

mod average;
mod carried;
mod minority;
mod naming;
mod redteam;
mod refusals;
mod stage;
mod wrong;

pub use refusals::cases;
