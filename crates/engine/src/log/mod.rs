//! The log of a lease: what its jobs wrote to standard output and error, the last so many bytes of it.
//!
//! It is a folder of segments beside the job's disk, not on it: a job can neither fill nor touch it. One process appends, any number read.
//! Every byte has an offset that never changes; where bytes were thrown away, a reader gets a mark instead. A job is never stopped by its
//! log: what comes faster than it is kept, or while the host's disk is full, is cut. redteam J10

mod reader;
mod segment;
mod throttle;
mod writer;

pub use reader::{read, Reader};
pub(crate) use throttle::Throttle;
pub use writer::{Writer, BYTES_PER_SEC};

#[cfg(test)]
mod tests;
