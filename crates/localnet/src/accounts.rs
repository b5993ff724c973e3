//! Accounts and programs, written straight into the state.

use crate::{error::LocalNetError, net::LocalNet, pyth::PriceAccount, time::close_block};
use solana_account::Account;
use solana_pubkey::Pubkey;
use solana_rent::Rent;
use solana_sdk_ids::bpf_loader_upgradeable;
use surfpool_core::surfnet::svm::SurfnetSvm;

/// The loader's tags of its account kinds, a u32 in bincode.
const PROGRAM_TAG: [u8; 4] = 2u32.to_le_bytes();
const PROGRAM_DATA_TAG: [u8; 4] = 3u32.to_le_bytes();
/// Tag, slot, whether there is an authority, authority: the code follows at the same place with and without one.
const PROGRAM_DATA_HEADER_LEN: usize = 4 + 8 + 1 + 32;

/// Where the upgradeable loader keeps a program's code and upgrade authority.
pub fn program_data_address(program_id: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program_id.as_ref()], &bpf_loader_upgradeable::ID).0
}

impl LocalNet {
    /// Adds `lamports` to an account, creating a system account where there is none. An account write, not a transaction.
    pub fn fund(&self, address: &Pubkey, lamports: u64) -> Result<(), LocalNetError> {
        let address = *address;
        self.worker.run(move |svm| {
            let mut account = read(svm, &address)?.unwrap_or_default();
            account.lamports =
                account
                    .lamports
                    .checked_add(lamports)
                    .ok_or_else(|| LocalNetError::Account {
                        address,
                        reason: "its balance would overflow".into(),
                    })?;
            write(svm, &address, account)
        })?
    }

    /// Replaces an account. Subscribers are told.
    pub fn set_account(&self, address: &Pubkey, account: Account) -> Result<(), LocalNetError> {
        let address = *address;
        self.worker.run(move |svm| write(svm, &address, account))?
    }

    /// The account, or `None` where there is none.
    pub fn get_account(&self, address: &Pubkey) -> Result<Option<Account>, LocalNetError> {
        let address = *address;
        self.worker.run(move |svm| read(svm, &address))?
    }

    /// Writes a Pyth price update at `address`; see [`PriceAccount`].
    pub fn set_price(&self, address: &Pubkey, price: &PriceAccount) -> Result<(), LocalNetError> {
        self.set_account(address, price.to_account())
    }

    /// The network's rent parameters.
    pub fn rent(&self) -> Result<Rent, LocalNetError> {
        self.worker.run(|svm| svm.inner.get_sysvar::<Rent>())
    }

    /// Deploys or upgrades a program as `solana program deploy` would leave it: a Program account and its ProgramData with the
    /// upgrade authority (`None`: final), both owned by the upgradeable loader. It can be called from the next block on, which
    /// this call makes.
    pub fn deploy_program(
        &self,
        program_id: &Pubkey,
        so_bytes: &[u8],
        upgrade_authority: Option<&Pubkey>,
    ) -> Result<(), LocalNetError> {
        let program_id = *program_id;
        let upgrade_authority = upgrade_authority.copied();
        let so_bytes = so_bytes.to_vec();
        self.worker.run(move |svm| {
            let deployed = deploy(svm, &program_id, &so_bytes, upgrade_authority);
            deployed.map_err(|reason| LocalNetError::Deploy { program_id, reason })?;
            close_block(svm)
        })?
    }
}

fn deploy(
    svm: &mut SurfnetSvm,
    program_id: &Pubkey,
    so_bytes: &[u8],
    upgrade_authority: Option<Pubkey>,
) -> Result<(), String> {
    if !so_bytes.starts_with(b"\x7fELF") {
        return Err("it is not an ELF file".into());
    }
    let data_address = program_data_address(program_id);
    let data = program_data(svm.get_latest_absolute_slot(), upgrade_authority, so_bytes);
    let data_account = loader_account(svm, data, false);
    let program = loader_account(
        svm,
        [PROGRAM_TAG.as_slice(), data_address.as_ref()].concat(),
        true,
    );
    // The loader verifies the code when the Program account is written, so the code has to be there first.
    let before = svm.get_account(&data_address).map_err(|e| e.to_string())?;
    svm.set_account(&data_address, data_account)
        .map_err(|e| e.to_string())?;
    if let Err(error) = svm.set_account(program_id, program) {
        // A refused program leaves the old one, or nothing, in place.
        svm.set_account(&data_address, before.unwrap_or_default())
            .map_err(|e| e.to_string())?;
        return Err(error.to_string());
    }
    Ok(())
}

fn program_data(slot: u64, upgrade_authority: Option<Pubkey>, so_bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(PROGRAM_DATA_HEADER_LEN + so_bytes.len());
    data.extend_from_slice(&PROGRAM_DATA_TAG);
    data.extend_from_slice(&slot.to_le_bytes());
    data.push(u8::from(upgrade_authority.is_some()));
    data.extend_from_slice(upgrade_authority.unwrap_or_default().as_ref());
    data.extend_from_slice(so_bytes);
    data
}

fn loader_account(svm: &SurfnetSvm, data: Vec<u8>, executable: bool) -> Account {
    let lamports = svm.inner.minimum_balance_for_rent_exemption(data.len());
    Account {
        lamports,
        data,
        owner: bpf_loader_upgradeable::ID,
        executable,
        rent_epoch: u64::MAX,
    }
}

fn read(svm: &SurfnetSvm, address: &Pubkey) -> Result<Option<Account>, LocalNetError> {
    svm.get_account(address)
        .map_err(|e| LocalNetError::Account {
            address: *address,
            reason: e.to_string(),
        })
}

fn write(svm: &mut SurfnetSvm, address: &Pubkey, account: Account) -> Result<(), LocalNetError> {
    svm.set_account(address, account)
        .map_err(|e| LocalNetError::Account {
            address: *address,
            reason: e.to_string(),
        })
}
