//! Encrypted connections between renters and devices, by key.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]
