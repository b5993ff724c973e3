//! For tests.

use super::folder::{private_folder, Folder};
use iog_job::{Binding, Key};
use std::path::Path;

pub fn binding(number: u8) -> Binding {
    Binding {
        genesis: Key([1; 32]),
        program: Key([2; 32]),
        order: Key([3; 32]),
        created_ts: 4,
        lease: Key([number; 32]),
        matched_ts: 5,
        device: Key([6; 32]),
    }
}

pub fn folder(home: &Path) -> Folder {
    let path = home.join("order");
    private_folder(&path).unwrap();
    Folder::at(path)
}
