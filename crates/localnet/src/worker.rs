//! One thread owns every change that this crate makes to the chain, blocks included.
//!
//! Surfpool's own accessors use `block_in_place`, which panics on a single-threaded runtime; a plain thread may block anywhere.
//! It also orders blocks and time travel: a jump never sees half a block.

use crate::error::LocalNetError;
use crossbeam_channel::{bounded, never, select, tick, unbounded, Sender};
use std::{
    thread::{Builder, JoinHandle},
    time::Duration,
};
use surfpool_core::surfnet::{locker::SurfnetSvmLocker, svm::SurfnetSvm};

type Job = Box<dyn FnOnce(&mut SurfnetSvm) + Send>;

pub(crate) struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(crate) fn spawn(
        locker: SurfnetSvmLocker,
        block_interval: Option<Duration>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = unbounded::<Job>();
        let blocks = block_interval.map_or_else(never, tick);
        let thread = Builder::new()
            .name("localnet-worker".into())
            .spawn(move || loop {
                select! {
                    recv(queue) -> job => match job {
                        Ok(job) => write(&locker, job),
                        Err(_) => return,
                    },
                    recv(blocks) -> _ => write(&locker, |svm| {
                        if let Err(error) = svm.confirm_current_block() {
                            tracing::error!(%error, "a block could not be closed");
                        }
                    }),
                }
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs `job` on the chain with nothing else running, and returns its result.
    pub(crate) fn run<T, F>(&self, job: F) -> Result<T, LocalNetError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SurfnetSvm) -> T + Send + 'static,
    {
        let (done, result) = bounded(1);
        let jobs = self.jobs.as_ref().ok_or(LocalNetError::Stopped)?;
        jobs.send(Box::new(move |svm| {
            // Nobody waits any more only when the caller has gone: nothing to tell.
            let _ = done.send(job(svm));
        }))
        .map_err(|_| LocalNetError::Stopped)?;
        result.recv().map_err(|_| LocalNetError::Stopped)
    }

    pub(crate) fn stop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            if thread.join().is_err() {
                tracing::error!("the local network's worker had panicked");
            }
        }
    }
}

fn write(locker: &SurfnetSvmLocker, job: impl FnOnce(&mut SurfnetSvm)) {
    let mut svm = locker.0.blocking_write();
    job(&mut svm);
    // Surfpool's bundles compare this to notice that the state changed under them.
    svm.state_revision = svm.state_revision.wrapping_add(1);
}
