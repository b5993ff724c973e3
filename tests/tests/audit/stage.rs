//! What these tests begin with. Prices are dollars, so that amounts can be read: one GPU-hour costs 1 USD.

use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Outcome, Supplier, World};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// One GPU-hour, US dollars with 6 decimals.
pub const HOURLY: u64 = 1_000_000;
/// Fees of an hour in US dollars: 225 basis points on top and as many off.
pub const FEE: u64 = 22_500;
/// What an hour leaves the supplier.
pub const PAID: u64 = HOURLY - FEE;
pub const HOUR: i64 = 3_600;
pub const DAY: u32 = 86_400;

/// One supplier and one renter.
pub fn stage(dispute_secs: u32) -> (World, Supplier, Renter) {
    let mut world = World::with_disputes(dispute_secs);
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

/// So many suppliers of one GPU each.
pub fn suppliers(world: &mut World, count: usize) -> Vec<Supplier> {
    (0..count).map(|_| world.supplier(CLASS_TEST)).collect()
}

/// Books GPUs in US dollars.
pub fn book(world: &mut World, renter: &Renter, id: u64, gpus: u32, hours: u32) -> Pubkey {
    let args = order_args(id, gpus, hours);
    world.book_in(Currency::Usd, renter, CLASS_TEST, args)
}

/// An order in US dollars that runs on these devices.
pub fn run(world: &mut World, renter: &Renter, id: u64, hours: u32, on: &[&Supplier]) -> Pubkey {
    world.running_in(Currency::Usd, renter, id, hours, on)
}

/// Sends as anybody.
pub fn send(world: &mut World, instruction: Instruction) -> Outcome {
    let keeper = world.authority.insecure_clone();
    world.send(&[instruction], &[&keeper])
}

/// The keys that sign for a device: somebody pays, the device's key says so.
pub fn device_signs(world: &World, supplier: &Supplier) -> [Keypair; 2] {
    [
        world.authority.insecure_clone(),
        supplier.device_key.insecure_clone(),
    ]
}

/// What a supplier has earned in US dollars, withdrawn or not.
pub fn earned(world: &World, supplier: &Supplier) -> u64 {
    let earnings = world.earnings(supplier, Currency::Usd);
    earnings.due_units + earnings.withdrawn_units
}

/// The SPL Token program.
const TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");

/// An empty token account that is no associated one, of `owner`, for the US dollar.
pub fn own_account(world: &mut World, owner: &Pubkey) -> Pubkey {
    let address = world.address();
    let mut data = vec![0; 165];
    data[..32].copy_from_slice(world.usd.as_ref());
    data[32..64].copy_from_slice(owner.as_ref());
    data[108] = 1;
    let account = Account {
        lamports: 2_039_280,
        data,
        owner: TOKEN,
        ..Account::default()
    };
    world.set_account(&address, account);
    address
}

/// Hands a token account to somebody else, as SPL Token's SetAuthority does.
pub fn give_away(world: &mut World, account: &Pubkey, owner: &Keypair, new: &Pubkey) {
    let mut data = vec![6, 2, 1];
    data.extend_from_slice(new.as_ref());
    let accounts = vec![
        solana_instruction::AccountMeta::new(*account, false),
        solana_instruction::AccountMeta::new_readonly(owner.pubkey_of(), true),
    ];
    let give = Instruction {
        program_id: TOKEN,
        accounts,
        data,
    };
    world.must(give, &[owner]);
}
