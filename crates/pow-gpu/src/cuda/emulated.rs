//! The kernels run on the processor (`emulator.cpp`) under the same engine as a card's, and compared with the definition and its golden
//! vectors.

mod engine;
mod parts;

use super::Math;
use crate::{
    gpu::Gpu,
    kernels::{Kernels, Outcome, State, Words, Work},
    shards::Shards,
};
use iog_pow::{ProverError, Shape};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};
use tempfile::TempDir;

#[path = "../../tests/common/mod.rs"]
mod common;

/// The emulator, compiled for one way to multiply.
struct Program(TempDir);

impl Program {
    /// Compiled once for all tests.
    fn of(math: Math) -> &'static Self {
        static ALL: [OnceLock<Program>; 3] = [const { OnceLock::new() }; 3];
        ALL[math as usize].get_or_init(|| Self::compile(math))
    }

    fn compile(math: Math) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cuda/emulator.cpp");
        // CUDA's pragmas mean nothing to a C++ compiler, and no kernel uses every instruction.
        let compiled = Command::new("c++")
            .args([
                "-O2",
                "-std=c++17",
                "-Wall",
                "-Werror",
                "-Wno-unknown-pragmas",
                "-Wno-unused-function",
                // It takes a jump to another fiber for a jump to a frame that has ended.
                "-U_FORTIFY_SOURCE",
            ])
            .arg(format!("-DIOG_MATH={}", math as u32))
            .arg(source)
            .arg("-o")
            .arg(dir.path().join("emulator"))
            .status()
            .expect("a C++ compiler (Debian: build-essential) is needed");
        assert!(compiled.success());
        Self(dir)
    }

    fn start(&self) -> Emulated {
        let mut child = Command::new(self.0.path().join("emulator"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Emulated {
            to: child.stdin.take().unwrap(),
            from: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// The engines of a walk's cards.
    fn engines(
        &self,
        seed: [u8; 32],
        shape: Shape,
        shard_bytes: Option<u64>,
    ) -> Result<Vec<Gpu<Emulated>>, ProverError> {
        let cards = 0..u16::try_from(shape.cards()).unwrap();
        cards
            .map(|card| Gpu::new(self.start(), seed, card, shape, shard_bytes))
            .collect()
    }
}

struct Emulated {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Emulated {
    fn ask(&mut self, request: &str) -> String {
        writeln!(self.to, "{request}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        assert!(answer.ends_with('\n'), "{request}: the emulator ended");
        answer.trim_end().to_string()
    }

    fn words(&mut self, request: &str) -> Vec<u32> {
        let digits = self.ask(request);
        let words = digits.as_bytes().chunks(8);
        words
            .map(|word| u32::from_str_radix(std::str::from_utf8(word).unwrap(), 16).unwrap())
            .collect()
    }

    /// Puts nodes in the place of the groups', as if a walk had made them.
    fn put_groups(&mut self, words: &[u32]) {
        self.ask(&format!("put {}", hex(words)));
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(words: &[u32]) -> String {
    words.iter().map(|word| format!("{word:08x}")).collect()
}

impl Kernels for Emulated {
    fn most_bytes(&self) -> u64 {
        1 << 30
    }

    fn allocate(&mut self, shards: &Shards, work: &Work) -> Outcome<()> {
        let (panels, shift) = (shards.panels(), shards.shift());
        let (card, tiles, groups) = (work.card, work.tiles, work.groups);
        self.ask(&format!(
            "allocate {panels} {shift} {card} {tiles} {groups}"
        ));
        Ok(())
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        self.ask(&format!("fill {shard} {} {first} {at} {count}", hex(seed)));
        Ok(())
    }

    fn load(&mut self, state: &State) -> Outcome<()> {
        self.ask(&format!("load {}", hex(&state.0)));
        Ok(())
    }

    fn walk(&mut self, first: u32, count: u32) -> Outcome<()> {
        self.ask(&format!("walk {first} {count}"));
        Ok(())
    }

    fn join(&mut self) -> Outcome<()> {
        self.ask("join");
        Ok(())
    }

    fn wait(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn groups(&mut self) -> Outcome<Vec<u32>> {
        Ok(self.words("groups"))
    }

    fn roots(&mut self, count: u32) -> Outcome<Vec<u32>> {
        Ok(self.words(&format!("roots {count}")))
    }

    fn scan(&mut self, shard: u32) -> Outcome<u32> {
        Ok(self.words(&format!("scan {shard}"))[0])
    }

    fn gather(&mut self, first: u32, count: u32) -> Outcome<u32> {
        Ok(self.words(&format!("gather {first} {count}"))[0])
    }
}
