//! The built programs, loaded as the upgradeable loader would keep them.

use std::path::{Path, PathBuf};

use iog_client::{pda, PROGRAMS};
use solana_pubkey::Pubkey;

use super::World;

/// Tag, slot and the byte that says whether there is an authority.
const AUTHORITY_AT: usize = 12;

impl World {
    /// Loads every program and makes `authority` its upgrade authority.
    pub(super) fn load_programs(&mut self, authority: &Pubkey) {
        for (name, id) in PROGRAMS {
            self.svm
                .add_program(*id, &so(name))
                .unwrap_or_else(|error| panic!("{name} cannot be loaded: {error}"));
            self.set_upgrade_authority(id, Some(authority));
        }
    }

    /// What `solana program set-upgrade-authority` would leave; `None` makes the program immutable.
    pub fn set_upgrade_authority(&mut self, program: &Pubkey, authority: Option<&Pubkey>) {
        let address = pda::program_data(program);
        let mut account = self.account(&address);
        let bytes = &mut account.data[AUTHORITY_AT..AUTHORITY_AT + 33];
        bytes.fill(0);
        if let Some(authority) = authority {
            bytes[0] = 1;
            bytes[1..].copy_from_slice(authority.as_ref());
        }
        self.set_account(&address, account);
    }
}

/// Where `cargo xtask build` leaves a program.
pub fn so_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/deploy")
        .join(format!("iog_{name}.so"))
}

fn so(name: &str) -> Vec<u8> {
    let path = so_path(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("iog_{name}.so ({error}): run cargo xtask build"))
}
