//! Reading and writing accounts.

use iog_client::{decode, encode, AccountData};
use solana_account::Account;
use solana_pubkey::Pubkey;

use super::World;

impl World {
    /// The account as it is; panics where there is none.
    pub fn account(&self, address: &Pubkey) -> Account {
        self.find(address)
            .unwrap_or_else(|| panic!("there is no account at {address}"))
    }

    /// The account, if there is one.
    pub fn find(&self, address: &Pubkey) -> Option<Account> {
        self.svm
            .get_account(address)
            .filter(|account| account.lamports > 0)
    }

    /// An account of one of our programs, after checking owner and kind.
    pub fn read<T: AccountData>(&self, address: &Pubkey) -> T {
        let account = self.account(address);
        assert_eq!(account.owner, T::OWNER, "owner of {} {address}", T::NAME);
        decode(&account.data).unwrap_or_else(|error| panic!("{address}: {error}"))
    }

    /// Changes an account of one of our programs behind its back, for states that would take years to reach.
    pub fn edit<T: AccountData>(&mut self, address: &Pubkey, change: impl FnOnce(&mut T)) {
        let mut content = self.read::<T>(address);
        change(&mut content);
        let mut account = self.account(address);
        account.data = encode(&content);
        self.set_account(address, account);
    }

    /// Writes an account, whole.
    pub fn set_account(&mut self, address: &Pubkey, account: Account) {
        self.svm
            .set_account(*address, account)
            .unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Copies an account's content to another address: a counterfeit that differs by its address alone.
    pub fn copy_account(&mut self, from: &Pubkey, to: &Pubkey) {
        let account = self.account(from);
        self.set_account(to, account);
    }

    /// The same bytes under another owner: what anyone's own program could make.
    pub fn counterfeit(&mut self, address: &Pubkey) -> Pubkey {
        let fake = self.address();
        let mut account = self.account(address);
        account.owner = self.address();
        self.set_account(&fake, account);
        fake
    }

    /// Adds lamports; creates a system account where there is none.
    pub fn fund(&mut self, address: &Pubkey, lamports: u64) {
        let mut account = self.find(address).unwrap_or_default();
        account.lamports += lamports;
        self.set_account(address, account);
    }

    pub fn lamports(&self, address: &Pubkey) -> u64 {
        self.find(address).map_or(0, |account| account.lamports)
    }

    /// Rent-exempt minimum.
    pub fn rent(&self, len: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(len)
    }
}
