//! What the engine asks of a device, with one that computes nothing.

use super::*;
use crate::kernels::{Words, NODE_WORDS};
use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Load(u32),
    Walk(u32, u32),
    Join,
    Wait,
    Roots(u32),
}

/// Takes a time for each group, writes down what it is asked for, and hangs once told to.
struct Fake {
    group: Duration,
    queued: u32,
    calls: Arc<Mutex<Vec<Call>>>,
    hangs: bool,
}

impl Fake {
    fn hear(&self, call: Call) -> Outcome<()> {
        self.calls.lock().unwrap().push(call);
        Ok(())
    }

    fn finish(&mut self) -> Outcome<()> {
        if self.hangs {
            return Err(Fault::Hung(Duration::from_secs(30)));
        }
        thread::sleep(self.group * std::mem::take(&mut self.queued));
        Ok(())
    }
}

impl Kernels for Fake {
    fn most_bytes(&self) -> u64 {
        1 << 30
    }
    fn allocate(&mut self, _: &Shards, _: &Work) -> Outcome<()> {
        Ok(())
    }
    fn fill(&mut self, _: u32, _: &Words, _: u32, _: u32, _: u32) -> Outcome<()> {
        Ok(())
    }
    fn load(&mut self, state: &State) -> Outcome<()> {
        self.hear(Call::Load(state.0[16]))
    }
    fn walk(&mut self, first: u32, count: u32) -> Outcome<()> {
        self.queued += count;
        self.hear(Call::Walk(first, count))
    }
    fn join(&mut self) -> Outcome<()> {
        self.hear(Call::Join)
    }
    fn wait(&mut self) -> Outcome<()> {
        self.finish()?;
        self.hear(Call::Wait)
    }
    fn groups(&mut self) -> Outcome<Vec<u32>> {
        self.finish()?;
        Ok(vec![0; NODE_WORDS])
    }
    fn roots(&mut self, count: u32) -> Outcome<Vec<u32>> {
        self.finish()?;
        self.hear(Call::Roots(count))?;
        Ok(vec![0; NODE_WORDS * count as usize])
    }
    fn scan(&mut self, _: u32) -> Outcome<u32> {
        self.finish()?;
        Ok(0)
    }
    fn gather(&mut self, _: u32, _: u32) -> Outcome<u32> {
        self.finish()?;
        Ok(0)
    }
}

type Calls = Arc<Mutex<Vec<Call>>>;

/// An engine whose waves have `tiles` tiles and whose groups take `micros` each.
fn engine(tiles: u32, micros: u64, hangs: bool) -> (Gpu<Fake>, Chain, Calls) {
    let shape = Shape::new(32, tiles, 1 << 17, 1).unwrap();
    let calls = Calls::default();
    let fake = Fake {
        group: Duration::from_micros(micros),
        queued: 0,
        calls: calls.clone(),
        hangs,
    };
    let mut gpu = Gpu::new(fake, [1; 32], 0, shape, None).unwrap();
    gpu.fill(&mut |_| Ok(())).unwrap();
    (gpu, Chain::new([1; 32], &shape), calls)
}

fn batches(calls: &Calls) -> Vec<u32> {
    let calls = calls.lock().unwrap();
    let roots = calls.iter().filter_map(|call| match call {
        Call::Roots(count) => Some(*count),
        _ => None,
    });
    roots.collect()
}

#[test]
fn quick_waves_are_queued_and_more_of_them_each_time() {
    let (mut gpu, mut chain, calls) = engine(16, 0, false);
    assert_eq!(gpu.roots(&mut chain, 1_000).unwrap().len(), 1_000);
    assert_eq!(chain.wave(), 1_000);
    let batches = batches(&calls);
    assert_eq!(batches, [16, 64, MOST_WAVES, MOST_WAVES, MOST_WAVES, 152]);
    // Each batch begins where the chain is, and holds nothing but waves.
    let calls = calls.lock().unwrap();
    let loads = calls.iter().filter_map(|call| match call {
        Call::Load(wave) => Some(*wave),
        _ => None,
    });
    assert_eq!(loads.collect::<Vec<_>>(), [0, 16, 80, 336, 592, 848]);
    assert_eq!(
        calls[1..5],
        [Call::Walk(0, 1), Call::Join, Call::Walk(0, 1), Call::Join]
    );
}

#[test]
fn waves_are_queued_for_a_tenth_of_a_second_and_not_much_more() {
    // 16 groups of 1 ms: six waves.
    let (mut gpu, mut chain, calls) = engine(256, 1_000, false);
    gpu.roots(&mut chain, 20).unwrap();
    let batches = batches(&calls);
    assert_eq!(batches[0], 1);
    assert!(
        batches[1..].iter().all(|waves| (1..=6).contains(waves)),
        "{batches:?}"
    );
    assert!(batches.iter().any(|waves| *waves > 1), "{batches:?}");
}

#[test]
fn a_wave_that_takes_long_is_walked_in_pieces() {
    // 64 groups of 10 ms.
    let (mut gpu, mut chain, calls) = engine(1_024, 10_000, false);
    gpu.roots(&mut chain, 1).unwrap();
    let calls = calls.lock().unwrap();
    let mut walked = 0;
    for call in calls.iter() {
        if let Call::Walk(first, count) = call {
            assert_eq!(*first, walked);
            assert!(*count <= FIRST_GROUPS, "{count}");
            walked += count;
        }
    }
    assert_eq!(walked, 64);
    assert!(calls.iter().filter(|call| **call == Call::Wait).count() >= 4);
    assert_eq!(calls[calls.len() - 2..], [Call::Join, Call::Roots(1)]);
}

#[test]
fn a_device_that_hangs_is_asked_for_nothing_more() {
    let (mut gpu, mut chain, calls) = engine(16, 0, true);
    let hung = gpu.roots(&mut chain, 4).unwrap_err();
    assert!(hung.to_string().contains("no answer within 30 s"), "{hung}");
    let asked = calls.lock().unwrap().len();
    for error in [
        gpu.root(&[0; 32]).unwrap_err(),
        gpu.groups(&[0; 32]).unwrap_err(),
        gpu.gather(1).unwrap_err(),
    ] {
        assert!(error.to_string().contains("hung before"), "{error}");
    }
    assert_eq!(calls.lock().unwrap().len(), asked);
    assert_eq!(chain.wave(), 0);
}
