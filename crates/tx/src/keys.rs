//! Keypair files, read only when nobody else can.

use solana_keypair::Keypair;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The bits of a mode that let group or others at a file.
const NOT_OURS: u32 = 0o077;
/// 64 numbers of up to three digits, commas and spaces fit many times over.
const MAX_LEN: u64 = 4_096;

/// Why a keypair file was not used. Never holds what was in the file.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read the keypair file {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the keypair file {path} can be read or changed by others (mode {mode:o}); run: chmod 600 {path}")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{path} is not a keypair file; make one with solana-keygen new -o {path}")]
    Malformed { path: PathBuf },
}

/// Reads a keypair in the format of `solana-keygen`: a JSON array of 64 bytes.
///
/// # Errors
/// [`KeyError::Exposed`] if group or others have any right to the file.
pub fn read_keypair_file(path: impl AsRef<Path>) -> Result<Keypair, KeyError> {
    let path = path.as_ref();
    let read = |source| KeyError::Read {
        path: path.into(),
        source,
    };
    // The mode is asked of the open file, so that it cannot be swapped in between.
    let file = File::open(path).map_err(read)?;
    refuse_exposed(path, &file.metadata().map_err(read)?)?;
    let mut text = String::new();
    file.take(MAX_LEN).read_to_string(&mut text).map_err(read)?;
    let malformed = || KeyError::Malformed { path: path.into() };
    let bytes: Vec<u8> = serde_json::from_str(&text).map_err(|_| malformed())?;
    Keypair::try_from(bytes.as_slice()).map_err(|_| malformed())
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    let mode = metadata.mode() & 0o777;
    if mode & NOT_OURS == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.into(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use solana_signer::Signer;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn file(mode: u32, text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("id.json");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (dir, path)
    }

    #[test]
    fn reads_a_private_file() {
        let keypair = Keypair::new();
        let (_dir, path) = file(
            0o600,
            &serde_json::to_string(&keypair.to_bytes().to_vec()).unwrap(),
        );
        assert_eq!(read_keypair_file(path).unwrap().pubkey(), keypair.pubkey());
    }

    #[test]
    fn refuses_a_file_others_can_read() {
        for mode in [0o640, 0o604, 0o660, 0o644] {
            let (_dir, path) = file(mode, "[]");
            let error = read_keypair_file(&path).unwrap_err();
            assert!(matches!(error, KeyError::Exposed { mode: found, .. } if found == mode));
            assert!(error
                .to_string()
                .ends_with(&format!("run: chmod 600 {}", path.display())));
        }
    }

    #[test]
    fn refuses_other_contents_without_repeating_them() {
        let (_dir, path) = file(0o600, "[1, 2, 3]");
        let error = read_keypair_file(path).unwrap_err();
        assert!(matches!(error, KeyError::Malformed { .. }));
        assert!(!error.to_string().contains("1, 2"));
    }
}
