//! Waves, trees and openings over any engine.

use super::{replay::Replay, tree, Engine, Progress, Prover, ProverError};
use crate::{walk::wave_key, Pick, Root, Shape};
use std::{boxed::Box, format, vec::Vec};

/// Most levels of a wave's tree that are thrown away: an opening walks 2^10 lanes again.
const MOST_LEVELS: u32 = 10;
/// Fewer levels if fewer nodes than 2^6 were kept otherwise: they are what the threads share.
const LEAST_KEPT_LEVELS: u32 = 6;
/// Nodes between two looks at whether to go on.
const SLICE: u32 = 64;

/// Hears how far the prover is.
type Listener = Box<dyn FnMut(Progress) + Send>;

/// A prover over an engine.
///
/// Keeps, beside the engine's table, one node for every 1024 lanes of a wave: 2 MB at 2^22 lanes and 24 waves. An opening
/// walks its 1024 lanes again.
pub struct Walker<E> {
    engine: E,
    seed: [u8; 32],
    shape: Shape,
    filled: bool,
    waves: Vec<Wave>,
    listener: Option<Listener>,
    given_up: Option<Box<dyn Fn() -> bool + Send>>,
}

/// What is kept of a walked wave.
struct Wave {
    key: [u8; 32],
    /// Nodes some levels above the lanes.
    nodes: Vec<Root>,
    root: Root,
}

impl<E: Engine> Walker<E> {
    /// A prover over `engine`, which was made for the same seed and shape.
    pub fn over(engine: E, seed: [u8; 32], shape: Shape) -> Self {
        Self {
            engine,
            seed,
            shape,
            filled: false,
            waves: Vec::new(),
            listener: None,
            given_up: None,
        }
    }

    /// Reports progress to `listener`, on the thread that called the prover.
    #[must_use]
    pub fn on_progress(mut self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Ends a fill or wave with [`ProverError::GivenUp`] soon after `given_up` has become true.
    #[must_use]
    pub fn unless(mut self, given_up: impl Fn() -> bool + Send + 'static) -> Self {
        self.given_up = Some(Box::new(given_up));
        self
    }

    fn go_on(&self) -> Result<(), ProverError> {
        let given_up = self.given_up.as_ref().is_some_and(|given_up| given_up());
        if given_up {
            return Err(ProverError::GivenUp);
        }
        Ok(())
    }

    /// Levels of a wave's tree that are not kept.
    fn level(&self) -> u32 {
        let levels = self.shape.lane_levels().saturating_sub(LEAST_KEPT_LEVELS);
        levels.min(MOST_LEVELS)
    }

    fn walk(&mut self, key: &[u8; 32]) -> Result<Vec<Root>, ProverError> {
        let level = self.level();
        let count = self.shape.lanes() >> level;
        let mut nodes = Vec::new();
        reserve(&mut nodes, count)?;
        let mut first = 0;
        while first < count {
            self.go_on()?;
            let next = count.min(first.saturating_add(SLICE));
            let slice = next.saturating_sub(first);
            nodes.extend(self.engine.nodes(key, level, first, slice)?);
            first = next;
        }
        Ok(nodes)
    }
}

impl<E: Engine> Prover for Walker<E> {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn fill(&mut self) -> Result<(), ProverError> {
        self.waves.clear();
        self.filled = false;
        self.go_on()?;
        let (of, listener, given_up) = (self.shape.rows(), &mut self.listener, &self.given_up);
        self.engine.fill(&mut |rows| {
            report(listener, Progress::Filled { rows, of });
            match given_up {
                Some(given_up) if given_up() => Err(ProverError::GivenUp),
                _ => Ok(()),
            }
        })?;
        self.filled = true;
        Ok(())
    }

    fn wave(&mut self, wave: u32) -> Result<Root, ProverError> {
        if wave >= self.shape.waves() {
            return Err(ProverError::OutOfRange);
        }
        if !self.filled || usize::try_from(wave) != Ok(self.waves.len()) {
            return Err(ProverError::Order);
        }
        let previous = self.waves.last().map(|wave| wave.root).unwrap_or_default();
        let key = wave_key(&self.seed, wave, &previous);
        let nodes = self.walk(&key)?;
        let (root, _) = tree::climb(nodes.clone(), 0);
        self.waves.push(Wave { key, nodes, root });
        let (waves, of) = (wave.saturating_add(1), self.shape.waves());
        report(&mut self.listener, Progress::Walked { waves, of });
        Ok(root)
    }

    fn open(&mut self, pick: &Pick) -> Result<Vec<u8>, ProverError> {
        if !pick.fits(&self.shape) {
            return Err(ProverError::OutOfRange);
        }
        let level = self.level();
        let wave = usize::try_from(pick.wave)
            .ok()
            .and_then(|wave| self.waves.get(wave))
            .ok_or(ProverError::Order)?;
        let position = |number: u32| usize::try_from(number).map_err(|_| ProverError::OutOfRange);
        let kept = pick.lane >> level;
        let first = kept << level;
        let lanes = self
            .engine
            .nodes(&wave.key, 0, first, 1_u32.wrapping_shl(level))?;
        let below = position(pick.lane.saturating_sub(first))?;
        let (_, low_path) = tree::climb(lanes, below);
        let (_, high_path) = tree::climb(wave.nodes.clone(), position(kept)?);

        let mut opening =
            Replay::new(&self.seed, &self.shape).opening(&wave.key, pick, position(pick.i >> 1)?);
        opening.extend(low_path.iter().chain(&high_path).flatten());
        let roots: Vec<Root> = self.waves.iter().map(|wave| wave.root).collect();
        self.check(pick, &opening, roots)?;
        Ok(opening)
    }
}

impl<E: Engine> Walker<E> {
    /// A device that computes wrong is found here, and not by the chain.
    fn check(&self, pick: &Pick, opening: &[u8], mut roots: Vec<Root>) -> Result<(), ProverError> {
        // A wave that is not walked yet needs no root: no walked wave hangs on it.
        let waves = usize::try_from(self.shape.waves()).map_err(|_| ProverError::OutOfRange)?;
        roots.resize(waves, Root::default());
        crate::verify(&self.seed, &self.shape, &roots, pick, opening).map_err(|error| {
            ProverError::Device(format!(
                "it walked wrong ({error}); test its memory before it proves again"
            ))
        })
    }
}

/// Makes room for `count` nodes, or an error instead of an abort.
pub(super) fn reserve(nodes: &mut Vec<Root>, count: u32) -> Result<(), ProverError> {
    let len = usize::try_from(count).map_err(|_| ProverError::OutOfRange)?;
    nodes
        .try_reserve_exact(len)
        .map_err(|_| ProverError::Memory {
            bytes: u64::from(count).saturating_mul(20),
        })
}

fn report(listener: &mut Option<Listener>, progress: Progress) {
    if let Some(listener) = listener {
        listener(progress);
    }
}
