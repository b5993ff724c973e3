//! A line that delays and loses frames, in user space: netem is not in every kernel.

use crate::Namespace;
use anyhow::{Context, Result};
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use std::{
    collections::VecDeque,
    os::fd::AsFd,
    sync::{
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
        Arc, Condvar, Mutex,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

/// Frames that wait at most; more are dropped, as a router would.
const QUEUE: usize = 4_096;
const MAX_FRAME: usize = 2_048;

/// Two network devices joined by a line. What comes in at one goes out at the other after `delay`, unless it is lost.
pub struct Line {
    terms: Arc<Terms>,
    threads: Vec<JoinHandle<()>>,
}

struct Terms {
    delay_us: AtomicU64,
    loss_per_mille: AtomicU32,
    cut: AtomicBool,
    over: AtomicBool,
}

#[derive(Default)]
struct Queue {
    frames: Mutex<VecDeque<(Instant, Vec<u8>)>>,
    more: Condvar,
}

impl Line {
    /// Joins device `one` in one namespace to device `other` in another; both are made here.
    pub(crate) fn new(one: (&Namespace, &str), other: (&Namespace, &str)) -> Result<Self> {
        let terms = Arc::new(Terms {
            delay_us: AtomicU64::new(0),
            loss_per_mille: AtomicU32::new(0),
            cut: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let (near, far) = (device(one.0, one.1)?, device(other.0, other.1)?);
        let mut threads = Vec::new();
        for (from, to) in [(near.clone(), far.clone()), (far, near)] {
            let queue = Arc::new(Queue::default());
            let (reading, terms_of, queue_of) = (from, terms.clone(), queue.clone());
            threads.push(std::thread::spawn(move || {
                read(&reading, &terms_of, &queue_of)
            }));
            let terms_of = terms.clone();
            threads.push(std::thread::spawn(move || write(&to, &terms_of, &queue)));
        }
        Ok(Self { terms, threads })
    }

    /// One way's delay, and how many of 1,000 frames are lost each way.
    pub fn set(&self, delay: Duration, loss_per_mille: u32) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.terms.delay_us.store(micros, Ordering::Relaxed);
        self.terms
            .loss_per_mille
            .store(loss_per_mille, Ordering::Relaxed);
    }

    /// Lets nothing through, or again what comes.
    pub fn cut(&self, cut: bool) {
        self.terms.cut.store(cut, Ordering::Relaxed);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.terms.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn device(namespace: &Namespace, name: &str) -> Result<Arc<SyncDevice>> {
    let called = name.to_string();
    let made = namespace.thread(move || {
        let device = DeviceBuilder::new()
            .name(&called)
            .layer(Layer::L2)
            .build_sync()
            .with_context(|| format!("TAP device {called}"))?;
        device.set_nonblocking(true)?;
        Ok(device)
    })?;
    let device = made
        .join()
        .map_err(|_| anyhow::anyhow!("the thread that makes {name} died"))??;
    Ok(Arc::new(device))
}

fn read(from: &SyncDevice, terms: &Terms, queue: &Queue) {
    let mut buffer = [0; MAX_FRAME];
    // Any fixed sequence will do: the same frames are lost in each run of the same traffic.
    let mut dice = 0x9e37_79b9_7f4a_7c15u64;
    while !terms.over.load(Ordering::Relaxed) {
        let mut waited = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut waited, PollTimeout::from(100u8));
        let Ok(len) = from.recv(&mut buffer) else {
            continue;
        };
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let lost = dice % 1_000 < u64::from(terms.loss_per_mille.load(Ordering::Relaxed));
        if lost || terms.cut.load(Ordering::Relaxed) {
            continue;
        }
        let delay = Duration::from_micros(terms.delay_us.load(Ordering::Relaxed));
        let mut frames = queue
            .frames
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if frames.len() < QUEUE {
            frames.push_back((Instant::now() + delay, buffer[..len].to_vec()));
            queue.more.notify_one();
        }
    }
}

fn write(to: &SyncDevice, terms: &Terms, queue: &Queue) {
    while !terms.over.load(Ordering::Relaxed) {
        let mut frames = queue
            .frames
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = Instant::now();
        let wait = match frames.front() {
            Some((due, _)) if *due <= now => Duration::ZERO,
            Some((due, _)) => *due - now,
            None => Duration::from_millis(100),
        };
        if wait.is_zero() {
            let frame = frames.pop_front();
            drop(frames);
            if let Some((_, frame)) = frame {
                let _ = to.send(&frame);
            }
        } else {
            let _ = queue.more.wait_timeout(frames, wait);
        }
    }
}
