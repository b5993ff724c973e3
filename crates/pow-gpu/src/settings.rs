//! Which device walks, and what happens when it cannot.

use iog_pow::{Cpu, Engine, Prover, ProverError, Root, Shape, Walker};
use std::{fmt, str::FromStr};

/// A prover of any kind.
pub type AnyProver = Walker<Box<dyn Engine>>;

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
    /// Number of the card, of those that the backend sees.
    pub device: usize,
    /// Threads of the CPU; 0 uses all.
    pub threads: usize,
    /// Whether the CPU walks when the card cannot be had or fails. Off, that is an error.
    pub fallback: bool,
    /// Whether wgpu may take an adapter that is the processor's, such as lavapipe. Off, so that nobody takes one for a card.
    pub software: bool,
    /// Most bytes of one of the table's buffers, below what the card allows. For tests.
    pub shard_bytes: Option<u64>,
}

impl Settings {
    /// The engine of the backend that is set. Never another one.
    ///
    /// # Errors
    /// [`ProverError::Unavailable`] says what is missing; [`ProverError::Device`] is the driver's.
    pub fn engine(&self, seed: [u8; 32], shape: Shape) -> Result<Box<dyn Engine>, ProverError> {
        match self.backend {
            Backend::Cpu => Ok(Box::new(Cpu::new(seed, shape, self.threads))),
            Backend::Cuda => self.cuda(seed, shape),
            Backend::Wgpu => self.wgpu(seed, shape),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda(&self, seed: [u8; 32], shape: Shape) -> Result<Box<dyn Engine>, ProverError> {
        let kernels = crate::cuda::open(self.device)?;
        let gpu = crate::gpu::Gpu::new(kernels, seed, shape, self.shard_bytes)?;
        Ok(Box::new(gpu))
    }

    #[cfg(not(feature = "cuda"))]
    fn cuda(&self, _: [u8; 32], _: Shape) -> Result<Box<dyn Engine>, ProverError> {
        Err(not_built(Backend::Cuda))
    }

    #[cfg(feature = "wgpu")]
    fn wgpu(&self, seed: [u8; 32], shape: Shape) -> Result<Box<dyn Engine>, ProverError> {
        let kernels = crate::wgpu::open(self.device, self.software)?;
        let gpu = crate::gpu::Gpu::new(kernels, seed, shape, self.shard_bytes)?;
        Ok(Box::new(gpu))
    }

    #[cfg(not(feature = "wgpu"))]
    fn wgpu(&self, _: [u8; 32], _: Shape) -> Result<Box<dyn Engine>, ProverError> {
        Err(not_built(Backend::Wgpu))
    }

    /// Fills and walks. `prepare` may give the prover listeners; `warn` hears why the CPU does it instead, if it does.
    ///
    /// # Errors
    /// As [`Prover::commit`] and [`Settings::engine`]: of the CPU if it fell back, else of the backend.
    pub fn commit(
        &self,
        seed: [u8; 32],
        shape: Shape,
        prepare: impl Fn(AnyProver) -> AnyProver,
        warn: impl FnOnce(&ProverError),
    ) -> Result<(AnyProver, Vec<Root>), ProverError> {
        match self.commit_once(seed, shape, &prepare) {
            Ok(walked) => Ok(walked),
            Err(ProverError::GivenUp) => Err(ProverError::GivenUp),
            Err(error) if self.fallback && self.backend != Backend::Cpu => {
                warn(&error);
                let cpu = Self {
                    backend: Backend::Cpu,
                    ..self.clone()
                };
                cpu.commit_once(seed, shape, &prepare)
            }
            Err(error) => Err(error),
        }
    }

    fn commit_once(
        &self,
        seed: [u8; 32],
        shape: Shape,
        prepare: &impl Fn(AnyProver) -> AnyProver,
    ) -> Result<(AnyProver, Vec<Root>), ProverError> {
        let engine = self.engine(seed, shape)?;
        let mut prover = prepare(Walker::over(engine, seed, shape));
        let roots = prover.commit()?;
        Ok((prover, roots))
    }
}

#[cfg(not(all(feature = "cuda", feature = "wgpu")))]
fn not_built(backend: Backend) -> ProverError {
    ProverError::Unavailable(format!(
        "this program was built without {backend}; build it with the feature `{backend}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// No machine has a card of this number.
    const NOWHERE: usize = 9_999;

    fn commit(settings: &Settings) -> (Result<Vec<Root>, ProverError>, bool) {
        let warned = Cell::new(false);
        let walked = settings.commit(
            [3; 32],
            Shape::TEST,
            |prover| prover,
            |_| {
                warned.set(true);
            },
        );
        (walked.map(|(_, roots)| roots), warned.get())
    }

    #[test]
    fn falls_back_only_when_told_to() {
        let cpu = commit(&Settings::default()).0.unwrap();
        for backend in [Backend::Cuda, Backend::Wgpu] {
            let mut settings = Settings {
                backend,
                device: NOWHERE,
                ..Settings::default()
            };
            let (refused, warned) = commit(&settings);
            let error = refused.unwrap_err();
            assert!(matches!(error, ProverError::Unavailable(_)), "{error}");
            assert!(!warned);
            settings.fallback = true;
            assert_eq!(commit(&settings), (Ok(cpu.clone()), true), "{backend}");
        }
    }

    #[test]
    fn giving_up_is_no_reason_to_fall_back() {
        let settings = Settings {
            fallback: true,
            ..Settings::default()
        };
        let stop = |prover: AnyProver| prover.unless(|| true);
        let walked = settings.commit([3; 32], Shape::TEST, stop, |_| unreachable!());
        assert_eq!(walked.err(), Some(ProverError::GivenUp));
    }

    #[test]
    fn backends_are_named_as_they_are_printed() {
        for backend in [Backend::Cpu, Backend::Cuda, Backend::Wgpu] {
            assert_eq!(backend.to_string().parse(), Ok(backend));
        }
        assert!("opencl".parse::<Backend>().unwrap_err().contains("cuda"));
    }
}
