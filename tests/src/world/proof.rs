//! Proofs of work, walked for real on the CPU.

use iog_client::pda;
use iog_client::registry::accounts::{Attestation, Device, HardwareClass, Windows};
use iog_client::registry::instructions::{Commit, Finalize, OpenWindow, RecordChallenge, Reveal};
use iog_client::registry::Window;
use iog_pow::{CpuProver, Node, Shape, K_OPENINGS};

use super::{Meta, Outcome, PubkeyOf, Supplier, World};

/// After so many slots both slots of any challenge are recorded: the second is at most the 63rd after the commit.
pub const CHALLENGE_SLOTS: u64 = 66;

impl World {
    /// Opens the running hour's window if it is not open.
    pub fn open_window(&mut self) {
        if self.window().is_none_or(|window| window.slot == 0) {
            self.govern(OpenWindow {}.instruction());
        }
    }

    /// The running hour's window, anchored or open.
    pub fn window(&self) -> Option<Window> {
        let epoch = u64::from(self.hour());
        let windows = self.read::<Windows>(&pda::registry::windows());
        windows
            .ring
            .into_iter()
            .find(|window| window.epoch == epoch)
    }

    /// Proves a device's hour from the window to the end, and returns the prover.
    pub fn prove(&mut self, supplier: &Supplier) -> CpuProver {
        let mut prover = self.commit(supplier);
        self.challenge(supplier);
        for n in 0..K_OPENINGS {
            self.reveal(supplier, &mut prover, n);
        }
        self.finalize(supplier);
        prover
    }

    /// Opens the window, walks, and commits; the prover can open any entry of what was committed.
    pub fn commit(&mut self, supplier: &Supplier) -> CpuProver {
        self.open_window();
        let (prover, root) = prover(self, supplier);
        try_commit(self, supplier, root).unwrap_or_else(|failure| panic!("{failure:?}"));
        prover
    }

    /// Lets the challenge's slots be recorded and draws it from them.
    pub fn challenge(&mut self, supplier: &Supplier) -> Meta {
        self.advance_slots(CHALLENGE_SLOTS);
        self.govern(self.record_challenge_ix(supplier))
    }

    /// Proves opening `n`.
    pub fn reveal(&mut self, supplier: &Supplier, prover: &mut CpuProver, n: u32) -> Meta {
        let bytes = opening(self, supplier, prover, n);
        let reveal = reveal_ix(supplier, n, bytes);
        self.govern(reveal)
    }

    /// Closes the proof.
    pub fn finalize(&mut self, supplier: &Supplier) -> Meta {
        self.govern(finalize_ix(supplier))
    }

    pub fn record_challenge_ix(&self, supplier: &Supplier) -> solana_instruction::Instruction {
        RecordChallenge {
            attestation: supplier.attestation,
        }
        .instruction()
    }
}

pub fn reveal_ix(supplier: &Supplier, n: u32, opening: Vec<u8>) -> solana_instruction::Instruction {
    Reveal {
        attestation: supplier.attestation,
        n: u8::try_from(n).expect("an opening's number"),
        opening,
    }
    .instruction()
}

pub fn finalize_ix(supplier: &Supplier) -> solana_instruction::Instruction {
    Finalize {
        class: supplier.class,
        device: supplier.device,
        attestation: supplier.attestation,
    }
    .instruction()
}

/// A walked prover of the device's running hour, and what it commits.
pub fn prover(world: &World, supplier: &Supplier) -> (CpuProver, Node) {
    let (seed, shape) = (seed(world, supplier), shape(world, supplier));
    let mut prover = CpuProver::new(seed, shape, 1);
    let root = prover.commit().expect("the test shape fits the memory");
    (prover, root)
}

/// The seed of the device's running hour.
pub fn seed(world: &World, supplier: &Supplier) -> [u8; 32] {
    let window = world.window().expect("this hour's window is open");
    let device = world.read::<Device>(&supplier.device);
    iog_pow::seed(
        &window.slot_hash,
        &supplier.device_key.pubkey_of().to_bytes(),
        u64::from(world.hour()),
        supplier.class_id,
        u16::try_from(device.quantity).expect("at most 8 cards"),
    )
}

/// Commits any root.
pub fn try_commit(world: &mut World, supplier: &Supplier, root: Node) -> Outcome {
    let payer = world.authority.insecure_clone();
    world.send(
        &[commit_ix(supplier, root)],
        &[&payer, &supplier.device_key],
    )
}

pub fn commit_ix(supplier: &Supplier, root: Node) -> solana_instruction::Instruction {
    Commit {
        device_key: supplier.device_key.pubkey_of(),
        class: supplier.class,
        device: supplier.device,
        attestation: supplier.attestation,
        root,
    }
    .instruction()
}

/// Opening `n` of the recorded challenge.
pub fn opening(world: &World, supplier: &Supplier, prover: &mut CpuProver, n: u32) -> Vec<u8> {
    let attestation = world.read::<Attestation>(&supplier.attestation);
    let pick = iog_pow::pick(&attestation.challenge, n, &shape_of(&attestation));
    prover.open(&pick).expect("the wave was walked")
}

/// The size of the walk that was committed.
pub fn shape_of(attestation: &Attestation) -> Shape {
    let Attestation {
        rows,
        tiles,
        waves,
        cards,
        ..
    } = *attestation;
    Shape::new(rows, tiles, waves, cards).expect("the shape of the commit")
}

/// The size of the device's next walk.
pub fn shape(world: &World, supplier: &Supplier) -> Shape {
    let class = world.read::<HardwareClass>(&supplier.class);
    let cards = world.read::<Device>(&supplier.device).quantity;
    Shape::new(class.rows, class.tiles, class.waves, cards)
        .expect("the registry refuses other shapes")
}
