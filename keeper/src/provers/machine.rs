//! What walks on this machine.

use super::locks::Place;
use iog_pow::{ProverError, Shape, Walker};
use iog_pow_gpu::{AnyProver, Backend, CardName, Settings};
use std::{collections::BTreeSet, sync::Arc};

/// Makes provers. Asking it may take seconds: drivers are started.
pub trait Machine: Send + Sync {
    /// Where `count` cards of these names walk.
    ///
    /// # Errors
    /// If there are not so many, or not these.
    fn places(&self, cards: &[CardName], count: u32) -> Result<BTreeSet<Place>, ProverError>;

    /// A prover over these cards, which has filled nothing yet.
    ///
    /// # Errors
    /// As [`Machine::places`], or the driver's.
    fn prover(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
    ) -> Result<AnyProver, ProverError>;

    /// What walks where the cards cannot.
    fn fallback(&self) -> Option<Arc<dyn Machine>>;
}

impl Machine for Settings {
    fn places(&self, cards: &[CardName], count: u32) -> Result<BTreeSet<Place>, ProverError> {
        if self.backend == Backend::Cpu {
            return Ok([Place::Cpu].into());
        }
        let numbers = self.numbers(cards, count)?;
        Ok(numbers.into_iter().map(Place::Card).collect())
    }

    fn prover(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
    ) -> Result<AnyProver, ProverError> {
        let engines = self.engines(seed, shape, cards)?;
        Ok(Walker::over(engines, seed, shape))
    }

    fn fallback(&self) -> Option<Arc<dyn Machine>> {
        let cpu = self.fallback && self.backend != Backend::Cpu;
        cpu.then(|| -> Arc<dyn Machine> {
            Arc::new(Self {
                backend: Backend::Cpu,
                ..self.clone()
            })
        })
    }
}
