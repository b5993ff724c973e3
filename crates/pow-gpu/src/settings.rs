//! Which devices walk, and what happens when they cannot.

use crate::cards::{find, CardInfo, CardName};
use iog_pow::{Cpu, Engine, Node, ProverError, Shape, Walker};
use std::{fmt, num::NonZeroUsize, str::FromStr, thread};

/// A prover of any kind.
pub type AnyProver = Walker<Box<dyn Engine>>;

type AnyEngine = Result<Box<dyn Engine>, ProverError>;

/// What walks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Threads over main memory.
    #[default]
    Cpu,
    /// NVIDIA cards.
    Cuda,
    /// Any card with Vulkan, Metal or DX12.
    Wgpu,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Wgpu => "wgpu",
        })
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            "wgpu" => Ok(Self::Wgpu),
            other => Err(format!(
                "no backend is called `{other}`; use cpu, cuda, wgpu"
            )),
        }
    }
}

/// How to prove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What walks.
    pub backend: Backend,
    /// Threads of the CPU; 0 uses all.
    pub threads: usize,
    /// Whether the CPU walks for all cards when one of them cannot be had or fails. Off, that is an error.
    pub fallback: bool,
    /// Whether wgpu may take an adapter that is the processor's, such as lavapipe, and take it for several cards. Off, so that nobody
    /// takes one for a card.
    pub software: bool,
    /// Most bytes of one of the table's buffers, below what the card allows. For tests.
    pub shard_bytes: Option<u64>,
}

impl Settings {
    /// The cards that the backend sees; of the CPU, the machine itself.
    ///
    /// # Errors
    /// [`ProverError::Unavailable`] says what is missing; [`ProverError::Device`] is the driver's.
    pub fn cards(&self) -> Result<Vec<CardInfo>, ProverError> {
        match self.backend {
            Backend::Cpu => Ok(vec![CardInfo {
                number: 0,
                uuid: None,
                bus: None,
                name: format!("CPU, {} threads", self.all_threads()),
                memory_bytes: iog_pow::available_memory(),
                driver: String::new(),
            }]),
            Backend::Cuda => cuda_cards(),
            Backend::Wgpu => wgpu_cards(self.software),
        }
    }

    /// The backend's numbers of the cards that a walk of `count` cards takes: two names of one card have one number.
    ///
    /// # Errors
    /// [`ProverError::Unavailable`] if a card is missing, is named twice, or too many or too few are named; as [`Settings::cards`].
    pub fn numbers(&self, cards: &[CardName], count: u32) -> Result<Vec<usize>, ProverError> {
        if self.backend == Backend::Cpu {
            return Ok((0..usize::try_from(count).unwrap_or(usize::MAX)).collect());
        }
        find(&self.cards()?, cards, count, self.software)
    }

    /// An engine for each card of a walk that begins with `seed` (`seed0`), in the order of `cards`; without names, the first ones that
    /// the backend sees. The CPU makes as many as the walk takes and asks for no names. Never another backend.
    ///
    /// # Errors
    /// [`ProverError::Unavailable`] says what is missing; [`ProverError::Device`] is the driver's.
    pub fn engines(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
    ) -> Result<Vec<Box<dyn Engine>>, ProverError> {
        if self.backend == Backend::Cpu {
            return Ok(self.on_the_cpu(seed, shape));
        }
        let numbers = self.numbers(cards, shape.cards())?;
        // Side by side: a driver takes seconds to make the kernels ready.
        thread::scope(|scope| {
            let opening: Vec<_> = (0_u16..)
                .zip(numbers)
                .map(|(card, number)| scope.spawn(move || self.open(number, seed, card, shape)))
                .collect();
            let lost = || ProverError::Device("its driver ended the thread that opened it".into());
            opening
                .into_iter()
                .map(|engine| engine.join().unwrap_or_else(|_| Err(lost())))
                .collect()
        })
    }

    fn all_threads(&self) -> usize {
        NonZeroUsize::new(self.threads)
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    fn on_the_cpu(&self, seed: [u8; 32], shape: Shape) -> Vec<Box<dyn Engine>> {
        let cards = u16::try_from(shape.cards()).unwrap_or(u16::MAX);
        let each = self.all_threads().div_ceil(usize::from(cards).max(1));
        (0..cards)
            .map(|card| -> Box<dyn Engine> { Box::new(Cpu::new(seed, card, shape, each)) })
            .collect()
    }

    fn open(&self, number: usize, seed: [u8; 32], card: u16, shape: Shape) -> AnyEngine {
        match self.backend {
            Backend::Cpu => Ok(Box::new(Cpu::new(seed, card, shape, self.threads))),
            Backend::Cuda => self.open_cuda(number, seed, card, shape),
            Backend::Wgpu => self.open_wgpu(number, seed, card, shape),
        }
    }

    #[cfg(feature = "cuda")]
    fn open_cuda(&self, number: usize, seed: [u8; 32], card: u16, shape: Shape) -> AnyEngine {
        let kernels = crate::cuda::open(number)?;
        let gpu = crate::gpu::Gpu::new(kernels, seed, card, shape, self.shard_bytes)?;
        Ok(Box::new(gpu))
    }

    #[cfg(not(feature = "cuda"))]
    fn open_cuda(&self, _: usize, _: [u8; 32], _: u16, _: Shape) -> AnyEngine {
        Err(not_built(Backend::Cuda))
    }

    #[cfg(feature = "wgpu")]
    fn open_wgpu(&self, number: usize, seed: [u8; 32], card: u16, shape: Shape) -> AnyEngine {
        let kernels = crate::wgpu::open(number, self.software)?;
        let gpu = crate::gpu::Gpu::new(kernels, seed, card, shape, self.shard_bytes)?;
        Ok(Box::new(gpu))
    }

    #[cfg(not(feature = "wgpu"))]
    fn open_wgpu(&self, _: usize, _: [u8; 32], _: u16, _: Shape) -> AnyEngine {
        Err(not_built(Backend::Wgpu))
    }

    /// Fills and walks: the prover, and the root to commit. `prepare` may give the prover listeners; `warn` hears why the CPU does it
    /// instead, if it does.
    ///
    /// # Errors
    /// As [`Walker::commit`] and [`Settings::engines`]: of the CPU if it fell back, else of the backend.
    pub fn commit(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
        prepare: impl Fn(AnyProver) -> AnyProver,
        warn: impl FnOnce(&ProverError),
    ) -> Result<(AnyProver, Node), ProverError> {
        match self.commit_once(seed, shape, cards, &prepare) {
            Ok(walked) => Ok(walked),
            Err(ProverError::GivenUp) => Err(ProverError::GivenUp),
            Err(error) if self.fallback && self.backend != Backend::Cpu => {
                warn(&error);
                let cpu = Self {
                    backend: Backend::Cpu,
                    ..self.clone()
                };
                cpu.commit_once(seed, shape, &[], &prepare)
            }
            Err(error) => Err(error),
        }
    }

    fn commit_once(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
        prepare: &impl Fn(AnyProver) -> AnyProver,
    ) -> Result<(AnyProver, Node), ProverError> {
        let engines = self.engines(seed, shape, cards)?;
        let mut prover = prepare(Walker::over(engines, seed, shape));
        let root = prover.commit()?;
        Ok((prover, root))
    }
}

#[cfg(feature = "cuda")]
fn cuda_cards() -> Result<Vec<CardInfo>, ProverError> {
    crate::cuda::cards()
}

#[cfg(not(feature = "cuda"))]
fn cuda_cards() -> Result<Vec<CardInfo>, ProverError> {
    Err(not_built(Backend::Cuda))
}

#[cfg(feature = "wgpu")]
fn wgpu_cards(software: bool) -> Result<Vec<CardInfo>, ProverError> {
    Ok(crate::wgpu::cards(software))
}

#[cfg(not(feature = "wgpu"))]
fn wgpu_cards(_: bool) -> Result<Vec<CardInfo>, ProverError> {
    Err(not_built(Backend::Wgpu))
}

#[cfg(not(all(feature = "cuda", feature = "wgpu")))]
fn not_built(backend: Backend) -> ProverError {
    ProverError::Unavailable(format!(
        "this program was built without {backend}; build it with the feature `{backend}`"
    ))
}

#[cfg(test)]
mod tests;
