//! The price that a quorum of reporters signs: who reports, what is taken, and what a minority, a majority and a carrier can do.

mod carried;
mod minority;
mod naming;
mod redteam;
mod refusals;
mod stage;

pub use refusals::cases;
