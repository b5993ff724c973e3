//! Small files of JSON that are whole or not there.

use crate::error::EngineError;
use serde::{de::DeserializeOwned, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// None where there is no such file.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EngineError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EngineError::file(path)(error)),
    };
    let value = serde_json::from_slice(&text).map_err(io::Error::from);
    value.map(Some).map_err(EngineError::file(path))
}

/// Readable by its owner alone, and on the disk when this returns.
pub fn replace_json<T: Serialize>(path: &Path, value: &T) -> Result<(), EngineError> {
    let write = || -> io::Result<()> {
        let new = path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        path.parent()
            .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(EngineError::file(path))
}

/// A folder that only its owner enters.
pub fn private_dir(path: &Path) -> Result<(), EngineError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).map_err(EngineError::file(path))
}
