//! A walk over one card or several side by side.

use super::{record::join, Engine, Progress, ProverError, Record};
use crate::{Chain, Node, Pick, Shape};
use std::{
    boxed::Box,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc, Mutex, PoisonError,
    },
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

/// Waves are queued by as many as took this long before: between two looks at whether to go on.
const SLICE: Duration = Duration::from_millis(100);
/// Most waves at a time.
const MOST_WAVES: u32 = 4_096;

/// Hears how far the prover is.
type Listener = Box<dyn FnMut(Progress) + Send>;

/// A prover over the engines of a key's cards, in their order.
pub struct Walker<E> {
    engines: Vec<E>,
    seed: [u8; 32],
    shape: Shape,
    record: Option<Record>,
    listener: Mutex<Option<Listener>>,
    given_up: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl<E: Engine> Walker<E> {
    /// A prover over one engine for each card, which were made for the same seed and shape.
    pub fn over(engines: Vec<E>, seed: [u8; 32], shape: Shape) -> Self {
        Self {
            engines,
            seed,
            shape,
            record: None,
            listener: Mutex::new(None),
            given_up: None,
        }
    }

    /// Reports progress to `listener`.
    #[must_use]
    pub fn on_progress(self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        Self {
            listener: Mutex::new(Some(Box::new(listener))),
            ..self
        }
    }

    /// Ends a fill or walk with [`ProverError::GivenUp`] soon after `given_up` has become true.
    #[must_use]
    pub fn unless(mut self, given_up: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.given_up = Some(Box::new(given_up));
        self
    }

    /// The size of the walk.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The finished walk.
    #[must_use]
    pub const fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// The cards.
    #[must_use]
    pub fn engines_mut(&mut self) -> &mut [E] {
        &mut self.engines
    }

    /// Fills all tables side by side and walks: the root to commit.
    ///
    /// # Errors
    /// [`ProverError`] of the first card that fails; the others stop.
    pub fn commit(&mut self) -> Result<Node, ProverError> {
        self.record = None;
        if u32::try_from(self.engines.len()) != Ok(self.shape.cards()) {
            return Err(ProverError::OutOfRange);
        }
        self.fill()?;
        let cards = if self.engines.len() == 1 {
            self.alone()?
        } else {
            self.together()?
        };
        let record = Record::new(self.seed, self.shape, cards).ok_or(ProverError::OutOfRange)?;
        let commit = record.commit();
        self.record = Some(record);
        Ok(commit)
    }

    /// The opening of a pick of the finished walk.
    ///
    /// # Errors
    /// [`ProverError::Order`] before [`Walker::commit`]; as [`Record::open`].
    pub fn open(&mut self, pick: &Pick) -> Result<Vec<u8>, ProverError> {
        let record = self.record.as_ref().ok_or(ProverError::Order)?;
        let card = usize::try_from(pick.card).ok();
        let engine = card.and_then(|card| self.engines.get_mut(card));
        record.open(pick, engine.ok_or(ProverError::OutOfRange)?)
    }

    /// The tables, each on a thread of its own.
    ///
    /// # Errors
    /// As [`Walker::commit`].
    pub fn fill(&mut self) -> Result<(), ProverError> {
        let (listener, given_up) = (&self.listener, &self.given_up);
        let of = u64::from(self.shape.rows()).saturating_mul(u64::from(self.shape.cards()));
        let (all, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let (all, failed) = (&all, &failed);
        let fill = |engine: &mut E| {
            let mut before = 0_u32;
            go_on(given_up)?;
            let filled = engine.fill(&mut |rows| {
                let more = u64::from(rows.saturating_sub(before));
                before = rows;
                let rows = all.fetch_add(more, Ordering::Relaxed).saturating_add(more);
                report(listener, Progress::Filled { rows, of });
                if failed.load(Ordering::Relaxed) {
                    return Err(ProverError::GivenUp);
                }
                go_on(given_up)
            });
            failed.fetch_or(filled.is_err(), Ordering::Relaxed);
            filled
        };
        let fill = &fill;
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = self
                .engines
                .iter_mut()
                .map(|engine| scope.spawn(move || fill(engine)))
                .collect();
            threads
                .into_iter()
                .map(|thread| finished(thread.join()))
                .collect()
        });
        first_failure(results)
    }

    /// One card: it makes the keys itself.
    fn alone(&mut self) -> Result<Vec<Node>, ProverError> {
        let of = self.shape.waves();
        let mut chain = Chain::new(self.seed, &self.shape);
        let mut roots = room(of)?;
        let mut slice = 1_u32;
        while let Some(left) = of.checked_sub(chain.wave()).filter(|left| *left > 0) {
            go_on(&self.given_up)?;
            let began = Instant::now();
            let engine = self.engines.first_mut().ok_or(ProverError::OutOfRange)?;
            roots.extend(engine.roots(&mut chain, slice.min(left))?);
            if began.elapsed() < SLICE {
                slice = slice.saturating_mul(2).min(MOST_WAVES);
            }
            let waves = chain.wave();
            report(&self.listener, Progress::Walked { waves, of });
        }
        Ok(roots)
    }

    /// Several: they meet at each wave, whose key all of them need. A thread drives each card for the whole walk.
    fn together(&mut self) -> Result<Vec<Node>, ProverError> {
        let (listener, given_up) = (&self.listener, &self.given_up);
        let (of, count) = (self.shape.waves(), self.engines.len());
        let mut chain = Chain::new(self.seed, &self.shape);
        let mut roots = room(of.saturating_mul(self.shape.cards()))?;
        thread::scope(|scope| {
            let (answer, answers) = mpsc::channel();
            let mut cards = Vec::with_capacity(count);
            for (number, engine) in self.engines.iter_mut().enumerate() {
                let (ask, asked) = mpsc::channel::<[u8; 32]>();
                let answer = answer.clone();
                cards.push(ask);
                scope.spawn(move || {
                    for key in asked {
                        // A panic must not leave the others waiting for this card.
                        let root = catch_unwind(AssertUnwindSafe(|| engine.root(&key)));
                        if answer.send((number, finished(root))).is_err() {
                            return;
                        }
                    }
                });
            }
            // Only the cards' threads hold one from here on: an answer that never comes is an error, not a wait.
            drop(answer);
            let mut told = Instant::now();
            while chain.wave() < of {
                go_on(given_up)?;
                let key = chain.key();
                for card in &cards {
                    card.send(key).map_err(|_| lost())?;
                }
                let mut wave = std::vec![Node::default(); count];
                for _ in 0..count {
                    let (number, root) = answers.recv().map_err(|_| lost())?;
                    if let Some(place) = wave.get_mut(number) {
                        *place = root?;
                    }
                }
                chain.push(join(&key, &wave));
                roots.extend(wave);
                let waves = chain.wave();
                if told.elapsed() >= SLICE || waves == of {
                    told = Instant::now();
                    report(listener, Progress::Walked { waves, of });
                }
            }
            Ok(roots)
        })
    }
}

fn go_on(given_up: &Option<Box<dyn Fn() -> bool + Send + Sync>>) -> Result<(), ProverError> {
    match given_up {
        Some(given_up) if given_up() => Err(ProverError::GivenUp),
        _ => Ok(()),
    }
}

fn lost() -> ProverError {
    ProverError::Device("a card's thread ended; see the errors before".into())
}

fn finished<T>(joined: thread::Result<Result<T, ProverError>>) -> Result<T, ProverError> {
    joined.unwrap_or_else(|_| Err(lost()))
}

/// The failure that made the others stop, if there is one.
fn first_failure(results: Vec<Result<(), ProverError>>) -> Result<(), ProverError> {
    let mut failure = Ok(());
    for result in results {
        match (&failure, &result) {
            (Ok(()), _) | (Err(ProverError::GivenUp), Err(_)) => failure = result,
            _ => {}
        }
    }
    failure
}

/// Room for `count` nodes, or an error instead of an abort.
fn room(count: u32) -> Result<Vec<Node>, ProverError> {
    let len = usize::try_from(count).map_err(|_| ProverError::OutOfRange)?;
    let mut nodes = Vec::new();
    nodes
        .try_reserve_exact(len)
        .map_err(|_| ProverError::Memory {
            bytes: u64::from(count) << 4,
        })?;
    Ok(nodes)
}

fn report(listener: &Mutex<Option<Listener>>, progress: Progress) {
    let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(listener) = listener.as_mut() {
        listener(progress);
    }
}
