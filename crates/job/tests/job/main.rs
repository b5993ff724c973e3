//! Jobs as people write them, and what is made of them.

mod archive;
mod convert;
mod examples;
mod file;
mod ray;
mod receipt;
mod templates;
mod validate;
mod vectors;
