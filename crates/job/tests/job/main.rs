//! Jobs as people write them, and what is made of them.

mod archive;
mod convert;
mod examples;
mod file;
mod receipt;
mod validate;
mod vectors;
