//! Who supplies what: operators, hardware classes and devices, and the proof of work by which a device shows, every hour,
//! that it has the memory and bandwidth of its class. The proof's rules live in `iog-pow`; this program keeps the times.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::RegistryError;
pub use instructions::GovernanceError;
use instructions::*;
pub use state::*;

declare_id!("6WqdntecsQvLLcEjxZqn9sfX2HJi5mSvqWPYAaGWaYNB");

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_registry {
    use super::*;

    /// Creates the config and the ring of windows. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>, attestor: Address) -> Result<()> {
        instructions::initialize(ctx, attestor)
    }

    /// Adds a hardware class.
    pub fn add_class(ctx: &mut Context<AddClass>, args: ClassArgs) -> Result<()> {
        instructions::add_class(ctx, args)
    }

    /// Changes a class; its id stays.
    pub fn update_class(ctx: &mut Context<UpdateClass>, args: ClassArgs) -> Result<()> {
        instructions::update_class(ctx, args)
    }

    /// Registers the signer as an operator of devices.
    pub fn register_operator(ctx: &mut Context<RegisterOperator>, name: [u8; 32]) -> Result<()> {
        instructions::register_operator(ctx, name)
    }

    /// Registers a device. The device's own key signs too, so nobody can register a stranger's machine.
    pub fn register_device(ctx: &mut Context<RegisterDevice>, args: DeviceArgs) -> Result<()> {
        instructions::register_device(ctx, args)
    }

    /// Sets a device's connectivity tier (1 Low to 4 Ultra High, 0 none). Attestor only.
    pub fn set_connectivity(ctx: &mut Context<SetConnectivity>, tier: u8) -> Result<()> {
        instructions::set_connectivity(ctx, tier)
    }

    /// Pauses (1), resumes (0) or terminates (2, for good) a device. Its owner only.
    pub fn set_device_state(ctx: &mut Context<SetDeviceState>, state: u8) -> Result<()> {
        instructions::set_device_state(ctx, state)
    }

    /// Proof of time lock: the device's key says that it is serving in this ten-minute interval.
    pub fn heartbeat(ctx: &mut Context<Heartbeat>) -> Result<()> {
        instructions::heartbeat(ctx)
    }

    /// Opens this hour's window: fixes the slot hash that every proof of the hour is bound to. Anyone, once an hour.
    pub fn open_window(ctx: &mut Context<OpenWindow>) -> Result<()> {
        instructions::open_window(ctx)
    }

    /// Commits the roots of this hour's walk, one for each wave, before the class's deadline.
    pub fn commit(ctx: &mut Context<Commit>, roots: Vec<[u8; 20]>) -> Result<()> {
        instructions::commit(ctx, roots)
    }

    /// Draws the challenge from the first slot hash after the commit. Anyone.
    pub fn record_challenge(ctx: &mut Context<RecordChallenge>) -> Result<()> {
        instructions::record_challenge(ctx)
    }

    /// Proves opening `n` of the challenge. Any order; repeating one changes nothing.
    pub fn reveal(ctx: &mut Context<Reveal>, n: u8, opening: Vec<u8>) -> Result<()> {
        instructions::reveal(ctx, n, &opening)
    }

    /// Closes the proof: passed when every opening was proved, failed when the deadline went by. Anyone.
    pub fn finalize(ctx: &mut Context<Finalize>) -> Result<()> {
        instructions::finalize(ctx)
    }

    /// Names a successor of the authority, who must accept.
    pub fn propose_authority(ctx: &mut Context<Govern>, successor: Address) -> Result<()> {
        instructions::propose_authority(ctx, successor)
    }

    /// Takes the proposal of a successor back.
    pub fn cancel_authority(ctx: &mut Context<Govern>) -> Result<()> {
        instructions::cancel_authority(ctx)
    }

    /// Makes the signer, the proposed successor, the authority.
    pub fn accept_authority(ctx: &mut Context<GovernAs>) -> Result<()> {
        instructions::accept_authority(ctx)
    }

    /// Names the guardian, who may pause and nothing else; zeros for nobody.
    pub fn set_guardian(ctx: &mut Context<Govern>, guardian: Address) -> Result<()> {
        instructions::set_guardian(ctx, guardian)
    }

    /// Pauses actions, by their bits. The guardian or the authority may.
    pub fn pause(ctx: &mut Context<GovernAs>, actions: u8) -> Result<()> {
        instructions::pause(ctx, actions)
    }

    /// Resumes actions, by their bits.
    pub fn resume(ctx: &mut Context<Govern>, actions: u8) -> Result<()> {
        instructions::resume(ctx, actions)
    }
}
