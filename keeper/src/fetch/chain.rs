//! Reading accounts, typed and owner-checked.

use crate::error::{KeeperError, Result};
use iog_client::{decode, AccountData};
use iog_tx::Sender;
use solana_account_decoder_client_types::{UiAccount, UiAccountEncoding, UiDataSliceConfig};
use solana_client::{
    rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig},
    rpc_filter::{Memcmp, RpcFilterType},
};
use solana_pubkey::Pubkey;
use std::{collections::BTreeMap, str::FromStr};

/// Addresses that one `getMultipleAccounts` takes.
const AT_ONCE: usize = 100;

/// An account's owner, lamports and data.
pub(super) struct Raw {
    pub owner: Pubkey,
    pub lamports: u64,
    pub data: Vec<u8>,
}

pub(super) struct Chain<'a> {
    sender: &'a Sender,
}

impl<'a> Chain<'a> {
    pub fn new(sender: &'a Sender) -> Self {
        Self { sender }
    }

    fn config(&self, data_slice: Option<UiDataSliceConfig>) -> RpcAccountInfoConfig {
        RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            data_slice,
            commitment: Some(self.sender.commitment()),
            min_context_slot: None,
        }
    }

    /// The accounts at these addresses, in order.
    pub async fn raw(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Raw>>> {
        let accounts = self.ui(addresses, None).await?;
        let raw = accounts.into_iter().map(|account| raw(account?));
        Ok(raw.collect())
    }

    /// Which of these addresses have an account.
    pub async fn exist(&self, addresses: &[Pubkey]) -> Result<Vec<bool>> {
        let nothing = UiDataSliceConfig {
            offset: 0,
            length: 0,
        };
        let accounts = self.ui(addresses, Some(nothing)).await?;
        Ok(accounts.iter().map(Option::is_some).collect())
    }

    /// Whose the token accounts at these addresses are, of either token program.
    pub async fn token_owners(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Pubkey>>> {
        let owner = UiDataSliceConfig {
            offset: 32,
            length: 32,
        };
        let accounts = self.ui(addresses, Some(owner)).await?;
        let owners = accounts.into_iter().map(|account| {
            let data = account?.data.decode()?;
            Pubkey::try_from(data).ok()
        });
        Ok(owners.collect())
    }

    async fn ui(
        &self,
        addresses: &[Pubkey],
        data_slice: Option<UiDataSliceConfig>,
    ) -> Result<Vec<Option<UiAccount>>> {
        let mut accounts = Vec::with_capacity(addresses.len());
        for part in addresses.chunks(AT_ONCE) {
            let rpc = self.sender.rpc();
            let answer = rpc
                .get_multiple_ui_accounts_with_config(part, self.config(data_slice))
                .await;
            accounts.extend(answer.map_err(KeeperError::rpc("reading accounts"))?.value);
        }
        Ok(accounts)
    }

    /// The accounts of one kind at these addresses; others are left out.
    pub async fn some<T: AccountData>(
        &self,
        addresses: impl IntoIterator<Item = Pubkey>,
    ) -> Result<BTreeMap<Pubkey, T>> {
        let addresses: Vec<Pubkey> = addresses.into_iter().collect();
        let accounts = self.raw(&addresses).await?;
        let found = addresses.into_iter().zip(accounts);
        Ok(found
            .filter_map(|(address, raw)| Some((address, typed(raw.as_ref()?)?)))
            .collect())
    }

    /// Every account of one kind.
    pub async fn all<T: AccountData>(&self, size: usize) -> Result<BTreeMap<Pubkey, T>> {
        self.listed(size, None).await
    }

    /// Those of them that have this address at this place.
    pub async fn naming<T: AccountData>(
        &self,
        size: usize,
        at: usize,
        address: &Pubkey,
    ) -> Result<BTreeMap<Pubkey, T>> {
        let named = Memcmp::new_base58_encoded(at, address.as_ref());
        self.listed(size, Some(RpcFilterType::Memcmp(named))).await
    }

    async fn listed<T: AccountData>(
        &self,
        size: usize,
        further: Option<RpcFilterType>,
    ) -> Result<BTreeMap<Pubkey, T>> {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let kind = Memcmp::new_base58_encoded(0, &T::DISCRIMINATOR);
        let filters = [RpcFilterType::DataSize(size), RpcFilterType::Memcmp(kind)];
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.into_iter().chain(further).collect()),
            account_config: self.config(None),
            ..Default::default()
        };
        let rpc = self.sender.rpc();
        let accounts = rpc
            .get_program_ui_accounts_with_config(&T::OWNER, config)
            .await
            .map_err(KeeperError::rpc("listing a program's accounts"))?;
        let typed = accounts
            .into_iter()
            .filter_map(|(address, account)| Some((address, typed(&raw(account)?)?)));
        Ok(typed.collect())
    }
}

fn raw(account: UiAccount) -> Option<Raw> {
    Some(Raw {
        owner: Pubkey::from_str(&account.owner).ok()?,
        lamports: account.lamports,
        data: account.data.decode()?,
    })
}

/// Anybody may put bytes at an address of their own: only the program's accounts count.
pub(super) fn typed<T: AccountData>(raw: &Raw) -> Option<T> {
    (raw.owner == T::OWNER)
        .then(|| decode(&raw.data).ok())
        .flatten()
}

/// An account without which there is no network.
pub(super) fn needed<T: AccountData>(address: Pubkey, raw: Option<&Raw>) -> Result<T> {
    let missing = |reason: &str| KeeperError::Account {
        address,
        what: T::NAME,
        reason: reason.into(),
    };
    let raw = raw.ok_or_else(|| missing("does not exist"))?;
    typed(raw).ok_or_else(|| missing("cannot be read"))
}
