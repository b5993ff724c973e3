//! Proofs of work, walked for real on the CPU.

use iog_client::registry::accounts::{Attestation, HardwareClass, Windows};
use iog_client::registry::instructions::{Commit, Finalize, OpenWindow, RecordChallenge, Reveal};
use iog_client::registry::Window;
use iog_client::{pda, registry};
use iog_pow::{CpuProver, Prover, Root, Shape, K_OPENINGS};

use super::{Meta, Outcome, PubkeyOf, Supplier, World};

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
        let (prover, roots) = prover(self, supplier);
        try_commit(self, supplier, roots).unwrap_or_else(|failure| panic!("{failure:?}"));
        prover
    }

    /// Lets the slot after the commit be recorded and draws the challenge from it.
    pub fn challenge(&mut self, supplier: &Supplier) -> Meta {
        self.advance_slots(2);
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
            class: supplier.class,
            device: supplier.device,
            attestation: supplier.attestation,
        }
        .instruction()
    }
}

pub fn reveal_ix(supplier: &Supplier, n: u32, opening: Vec<u8>) -> solana_instruction::Instruction {
    Reveal {
        class: supplier.class,
        device: supplier.device,
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

/// A walked prover of the device's running hour, and its roots.
pub fn prover(world: &World, supplier: &Supplier) -> (CpuProver, Vec<Root>) {
    let epoch = u64::from(world.hour());
    let window = world.window().expect("this hour's window is open");
    let device_key = supplier.device_key.pubkey_of().to_bytes();
    let seed = iog_pow::seed(&window.slot_hash, &device_key, epoch, supplier.class_id);
    let mut prover = CpuProver::new(seed, shape(world, supplier), 1);
    let roots = prover.commit().expect("the test shape fits the memory");
    (prover, roots)
}

/// Commits any roots.
pub fn try_commit(world: &mut World, supplier: &Supplier, roots: Vec<Root>) -> Outcome {
    let payer = world.authority.insecure_clone();
    world.send(
        &[commit_ix(supplier, roots)],
        &[&payer, &supplier.device_key],
    )
}

pub fn commit_ix(supplier: &Supplier, roots: Vec<Root>) -> solana_instruction::Instruction {
    Commit {
        device_key: supplier.device_key.pubkey_of(),
        class: supplier.class,
        device: supplier.device,
        attestation: supplier.attestation,
        roots,
    }
    .instruction()
}

/// Opening `n` of the recorded challenge.
pub fn opening(world: &World, supplier: &Supplier, prover: &mut CpuProver, n: u32) -> Vec<u8> {
    let attestation = world.read::<Attestation>(&supplier.attestation);
    let Attestation {
        rows, lanes, waves, ..
    } = attestation;
    let committed = Shape::new(rows, lanes, waves).expect("the shape of the commit");
    let pick = iog_pow::pick(&attestation.challenge, n, &committed);
    prover.open(&pick).expect("the wave was walked")
}

fn shape(world: &World, supplier: &Supplier) -> Shape {
    let class = world.read::<registry::accounts::HardwareClass>(&supplier.class);
    let HardwareClass {
        rows, lanes, waves, ..
    } = class;
    Shape::new(rows, lanes, waves).expect("the registry refuses other shapes")
}
