//! Suppliers: an operator with a device, a tier and a stake.

use iog_client::registry::instructions::SetDeviceState;
use iog_client::registry::{accounts::Device, accounts::HardwareClass, DeviceArgs};
use iog_client::{emission, pda, registry, staking};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{Meta, PubkeyOf, World};

/// One IO in base units.
const IO: u64 = 100_000_000;
/// What a supplier's wallet is given.
const WALLET_IO: u64 = 20_000 * IO;
/// Stake of one GPU of multiplier 1.
const STAKE_PER_GPU: u64 = 200 * IO;

/// A supplier with one device, and every address that belongs to it.
pub struct Supplier {
    pub owner: Keypair,
    /// The owner's account for IO.
    pub owner_token: Pubkey,
    pub operator: Pubkey,
    pub device_key: Keypair,
    /// The device's account, not its key.
    pub device: Pubkey,
    pub class: Pubkey,
    pub class_id: u16,
    pub attestation: Pubkey,
    pub measurements: Pubkey,
    pub stake: Pubkey,
    pub rewards: Pubkey,
    pub occupancy: Pubkey,
}

impl Clone for Supplier {
    fn clone(&self) -> Self {
        Self {
            owner: self.owner.insecure_clone(),
            device_key: self.device_key.insecure_clone(),
            ..*self
        }
    }
}

impl World {
    /// Operator, device of one GPU in Germany, tier 2, the minimum stake, a rewards account; listed in the market at any price
    /// in every currency. A match asks for a sign of life and a proof, too: [`World::make_ready`].
    pub fn supplier(&mut self, class_id: u16) -> Supplier {
        self.cluster(class_id, 1)
    }

    /// The same with a machine of `quantity` GPUs, at most 100 of multiplier 1; more than eight only of [`super::CLASS_UNPROVED`].
    pub fn cluster(&mut self, class_id: u16, quantity: u32) -> Supplier {
        let supplier = self.registered(class_id, quantity);
        self.equip(&supplier, quantity);
        supplier
    }

    /// Another device of one GPU for the owner of one.
    pub fn sibling(&mut self, supplier: &Supplier) -> Supplier {
        let sibling = self.add_device(&supplier.owner, supplier.class_id, 1);
        self.equip(&sibling, 1);
        sibling
    }

    /// Tier, stake, rewards account and listing of a registered device.
    fn equip(&mut self, supplier: &Supplier, quantity: u32) {
        self.set_tier(supplier, 2);
        let class = self.read::<HardwareClass>(&supplier.class);
        let one = STAKE_PER_GPU * u64::from(class.stake_multiplier_x100.max(100)) / 100;
        self.stake(supplier, one * u64::from(quantity));
        self.open_rewards(supplier);
        self.open_earnings(supplier);
        self.list_device(supplier, 0);
    }

    /// Operator and device of `quantity` GPUs only; the wallet holds 20,000 IO.
    pub fn registered(&mut self, class_id: u16, quantity: u32) -> Supplier {
        let owner = self.wallet();
        self.register_operator(&owner);
        self.add_device(&owner, class_id, quantity)
    }

    /// Registers a wallet as operator.
    pub fn register_operator(&mut self, owner: &Keypair) -> Pubkey {
        let operator = pda::registry::operator(&owner.pubkey_of());
        let mut name = [0; 32];
        name[..8].copy_from_slice(b"operator");
        let instruction = registry::instructions::RegisterOperator {
            authority: owner.pubkey_of(),
            operator,
            name,
        };
        self.must(instruction.instruction(), &[owner]);
        operator
    }

    /// Adds a device with a new key to an operator, and 20,000 IO to its wallet.
    pub fn add_device(&mut self, owner: &Keypair, class_id: u16, quantity: u32) -> Supplier {
        let supplier = self.unregistered(owner, class_id);
        let instruction = self.register_device(&supplier, quantity);
        self.must(instruction, &[owner, &supplier.device_key]);
        supplier
    }

    /// The addresses of a device to come; its owner's wallet gets 20,000 IO.
    pub fn unregistered(&mut self, owner: &Keypair, class_id: u16) -> Supplier {
        let device_key = self.key();
        let device = pda::registry::device(&device_key.pubkey_of());
        Supplier {
            owner: owner.insecure_clone(),
            owner_token: self.give_io(&owner.pubkey_of(), WALLET_IO),
            operator: pda::registry::operator(&owner.pubkey_of()),
            device_key,
            device,
            class: pda::registry::class(class_id),
            class_id,
            attestation: pda::registry::attestation(&device),
            measurements: pda::registry::measurements(&device),
            stake: pda::staking::stake(&device),
            rewards: pda::emission::rewards(&device),
            occupancy: pda::market::occupancy(&device),
        }
    }

    /// The instruction that registers a supplier's device.
    pub fn register_device(
        &mut self,
        supplier: &Supplier,
        quantity: u32,
    ) -> solana_instruction::Instruction {
        let instruction = registry::instructions::RegisterDevice {
            authority: supplier.owner.pubkey_of(),
            device_key: supplier.device_key.pubkey_of(),
            operator: supplier.operator,
            class: supplier.class,
            device: supplier.device,
            attestation: supplier.attestation,
            args: DeviceArgs {
                tunnel_key: self.address(),
                quantity,
                country: *b"DE",
                platform: 0,
            },
        };
        instruction.instruction()
    }

    /// Gives a device a connectivity tier of now behind the program's back: what measurers do has tests of its own.
    pub fn set_tier(&mut self, supplier: &Supplier, tier: u8) {
        let now = self.now();
        self.edit::<Device>(&supplier.device, |device| {
            (device.tier, device.tier_ts) = (tier, now);
        });
    }

    /// Pauses (1), resumes (0) or terminates (2) a device.
    pub fn set_device_state(&mut self, supplier: &Supplier, state: u8) -> Meta {
        let set = set_state_ix(supplier, state);
        self.must(set, &[&supplier.owner])
    }

    /// Opens a device's stake out of its owner's IO.
    pub fn stake(&mut self, supplier: &Supplier, amount: u64) {
        let instruction = staking::instructions::Stake {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            owner_token: supplier.owner_token,
            io_mint: self.io,
            amount,
        };
        self.must(instruction.instruction(), &[&supplier.owner]);
    }

    /// Opens a device's rewards account.
    pub fn open_rewards(&mut self, supplier: &Supplier) {
        let instruction = emission::instructions::OpenRewards {
            payer: supplier.owner.pubkey_of(),
            device: supplier.device,
            rewards: supplier.rewards,
        };
        self.must(instruction.instruction(), &[&supplier.owner]);
    }

    /// Says that the device is serving in this ten-minute interval.
    pub fn heartbeat(&mut self, supplier: &Supplier) {
        let payer = self.authority.insecure_clone();
        let instruction = registry::instructions::Heartbeat {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
        };
        self.must(instruction.instruction(), &[&payer, &supplier.device_key]);
    }

    /// Books the running hour's proof as passed without walking: for tests of what follows from a proof.
    pub fn mark_passed(&mut self, supplier: &Supplier) {
        let epoch = u64::from(self.hour());
        self.edit::<Device>(&supplier.device, |device| {
            device.last_pass_epoch = epoch;
            device.beats_at_pass = device.beats_total;
            device.pass_streak += 1;
            device.proofs_passed += 1;
        });
    }

    /// Makes a device one that can be matched, where it is not: a pass in this hour and a sign of life a second ago, which marks no interval
    /// as served. Behind the program's back, for tests of what follows from a match.
    pub fn make_ready(&mut self, supplier: &Supplier) {
        let (now, slot) = (self.now(), self.slot());
        let device = self.device(supplier);
        let valid_hours = self
            .read::<HardwareClass>(&supplier.class)
            .proof_valid_hours;
        let age = u64::from(self.hour()).saturating_sub(device.last_pass_epoch);
        let fresh = device.last_pass_epoch > 0 && age <= u64::from(valid_hours);
        if valid_hours > 0 && !fresh {
            self.mark_passed(supplier);
        }
        if device.last_sign_ts / 3_600 + 1 < now / 3_600 {
            self.edit::<Device>(&supplier.device, |device| {
                (device.last_sign_ts, device.last_sign_slot) = (now - 1, slot);
            });
        }
    }

    pub fn device(&self, supplier: &Supplier) -> Device {
        self.read(&supplier.device)
    }
}

/// The instruction of [`World::set_device_state`].
pub fn set_state_ix(supplier: &Supplier, state: u8) -> solana_instruction::Instruction {
    SetDeviceState {
        owner: supplier.owner.pubkey_of(),
        operator: supplier.operator,
        class: supplier.class,
        device: supplier.device,
        state,
    }
    .instruction()
}
