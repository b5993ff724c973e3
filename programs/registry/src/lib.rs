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
    pub fn initialize(
        ctx: &mut Context<Initialize>,
        attestor: Address,
        window_spread_secs: u64,
        quorum: u64,
    ) -> Result<()> {
        instructions::initialize(ctx, attestor, window_spread_secs, quorum)
    }

    /// Names the attestor of security or the catalogue's authority, 24 hours ahead; zeros remove the holder at once.
    pub fn set_role(ctx: &mut Context<Govern>, role: RegistryRole, key: Address) -> Result<()> {
        instructions::set_role(ctx, role, key)
    }

    /// Gives a role to who was named for it. Anyone.
    pub fn apply_role(ctx: &mut Context<ApplyParameter>, role: RegistryRole) -> Result<()> {
        instructions::apply_role(ctx, role)
    }

    /// Forgets who was named for a role. The guardian or the authority may.
    pub fn drop_role(ctx: &mut Context<GovernAs>, role: RegistryRole) -> Result<()> {
        instructions::drop_role(ctx, role)
    }

    /// Adds a hardware class.
    pub fn add_class(ctx: &mut Context<AddClass>, args: ClassArgs) -> Result<()> {
        instructions::add_class(ctx, args)
    }

    /// Moves a class's price within bounds, and opens or closes it for new devices: at once. The catalogue's authority or the
    /// config's.
    pub fn update_class(ctx: &mut Context<UpdateClass>, rates: ClassRates) -> Result<()> {
        instructions::update_class(ctx, rates)
    }

    /// Announces a class's new terms, its multiplier and its proof, 7 days ahead; the present terms drop what waits. A lower
    /// multiplier lowers the minimum stake at once.
    pub fn schedule_class(ctx: &mut Context<UpdateClass>, terms: ClassTerms) -> Result<()> {
        instructions::schedule_class(ctx, terms)
    }

    /// Applies the announced terms. Anyone; proofs under way keep theirs.
    pub fn apply_class(ctx: &mut Context<ApplyClass>) -> Result<()> {
        instructions::apply_class(ctx)
    }

    /// Drops the announced terms of a class. The guardian or the authority may.
    pub fn drop_class_terms(ctx: &mut Context<DropClassTerms>) -> Result<()> {
        instructions::drop_class_terms(ctx)
    }

    /// Registers the signer as an operator of devices.
    pub fn register_operator(ctx: &mut Context<RegisterOperator>, name: [u8; 32]) -> Result<()> {
        instructions::register_operator(ctx, name)
    }

    /// Changes the operator's name.
    pub fn update_operator(ctx: &mut Context<UpdateOperator>, name: [u8; 32]) -> Result<()> {
        instructions::update_operator(ctx, name)
    }

    /// Registers a device. The device's own key signs too, so nobody can register a stranger's machine.
    pub fn register_device(ctx: &mut Context<RegisterDevice>, args: DeviceArgs) -> Result<()> {
        instructions::register_device(ctx, args)
    }

    /// Names the measurer of a place, 0 to 8, 24 hours ahead; zeros remove it at once.
    pub fn set_measurer(ctx: &mut Context<Govern>, index: u8, key: Address) -> Result<()> {
        instructions::set_measurer(ctx, index, key)
    }

    /// Gives a place to the measurer that was named for it. Anyone.
    pub fn apply_measurer(ctx: &mut Context<ApplyParameter>, index: u8) -> Result<()> {
        instructions::apply_measurer(ctx, index)
    }

    /// Forgets who was named for a place. The guardian or the authority may.
    pub fn drop_measurer(ctx: &mut Context<GovernAs>, index: u8) -> Result<()> {
        instructions::drop_measurer(ctx, index)
    }

    /// Opens the account of a device's measurements. Anyone.
    pub fn open_measurements(ctx: &mut Context<OpenMeasurements>) -> Result<()> {
        instructions::open_measurements(ctx)
    }

    /// Takes a measurer's speed test of a device; its tier (1 Low to 4 Ultra High) follows from the medians of all that are fresh.
    pub fn measure(ctx: &mut Context<Measure>, test: SpeedTest) -> Result<()> {
        instructions::measure(ctx, test)
    }

    /// Reckons a device's tier anew, after a measurer was removed or with age. Anyone.
    pub fn refresh_tier(ctx: &mut Context<RefreshTier>) -> Result<()> {
        instructions::refresh_tier(ctx)
    }

    /// Says whether a device meets the security terms, by evidence that the attestor keeps. Attestor only.
    pub fn set_security(
        ctx: &mut Context<Attest>,
        secure: bool,
        evidence_hash: [u8; 32],
    ) -> Result<()> {
        instructions::set_security(ctx, secure, evidence_hash)
    }

    /// Pauses (1), resumes (0) or terminates (2, for good) a device. Its owner only.
    pub fn set_device_state(ctx: &mut Context<SetDeviceState>, state: u8) -> Result<()> {
        instructions::set_device_state(ctx, state)
    }

    /// Replaces the public key of the device's tunnel endpoint; zeros for none. Its owner only.
    pub fn set_tunnel_key(ctx: &mut Context<OwnDevice>, tunnel_key: Address) -> Result<()> {
        instructions::set_tunnel_key(ctx, tunnel_key)
    }

    /// Says what the machine runs on: 0 unknown, 1 linux/amd64, 2 linux/arm64. Its owner only.
    pub fn set_platform(ctx: &mut Context<OwnDevice>, platform: u8) -> Result<()> {
        instructions::set_platform(ctx, platform)
    }

    /// Gives the rent of a terminated device's proof account back to its owner.
    pub fn close_attestation(ctx: &mut Context<CloseAttestation>) -> Result<()> {
        instructions::close_attestation(ctx)
    }

    /// Proof of time lock: the device's key says that it is serving in this ten-minute interval.
    pub fn heartbeat(ctx: &mut Context<Heartbeat>) -> Result<()> {
        instructions::heartbeat(ctx)
    }

    /// The hour's first call draws, from the newest slot hash, when this hour's window opens. From then on a call opens it:
    /// fixes the slot hash that every proof of the hour is bound to. Anyone; both at once where the time has come already.
    pub fn open_window(ctx: &mut Context<OpenWindow>) -> Result<()> {
        instructions::open_window(ctx)
    }

    /// Commits the root of this hour's walk, of all cards and waves, before the class's deadline.
    pub fn commit(ctx: &mut Context<Commit>, root: [u8; 16]) -> Result<()> {
        instructions::commit(ctx, root)
    }

    /// Draws the challenge from the hashes of two slots after the commit, the second one chosen by the first. Anyone.
    pub fn record_challenge(ctx: &mut Context<RecordChallenge>) -> Result<()> {
        instructions::record_challenge(ctx)
    }

    /// Proves opening `n` of the challenge, in any order, each once. Anyone.
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

    /// Names the guardian, who may pause and drop what waits; zeros for nobody.
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

    /// Sets a parameter within its bounds, or schedules it where the change must wait.
    pub fn set_parameter(ctx: &mut Context<Govern>, id: ParameterId, value: u64) -> Result<()> {
        instructions::set_parameter(ctx, id, value)
    }

    /// Applies a scheduled parameter. Anyone.
    pub fn apply_parameter(ctx: &mut Context<ApplyParameter>, id: ParameterId) -> Result<()> {
        instructions::apply_parameter(ctx, id)
    }

    /// Drops a parameter's change that waits. The guardian or the authority may.
    pub fn drop_parameter(ctx: &mut Context<GovernAs>, id: ParameterId) -> Result<()> {
        instructions::drop_parameter(ctx, id)
    }
}
