//! The kernels of `walk.cu` run on the processor (`emulator.cpp`) under the same engine as a card's, and compared with the
//! golden vectors.

use super::Math;
use crate::{
    gpu::{Gpu, Kernels, Outcome, Words},
    shards::Shards,
};
use iog_pow::ProverError;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;

#[path = "../../tests/common/mod.rs"]
mod common;

/// The emulator, compiled for one way to multiply.
struct Program(TempDir);

impl Program {
    fn new(math: Math) -> Self {
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

    fn agrees(&self, names: &[&str], shard_bytes: Option<u64>) {
        for name in names {
            common::agrees(name, &format!("{shard_bytes:?}"), |seed, shape| {
                Gpu::new(self.start(), seed, shape, shard_bytes)
            });
        }
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
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(words: &Words) -> String {
    words.iter().map(|word| format!("{word:08x}")).collect()
}

impl Kernels for Emulated {
    fn most_bytes(&self) -> u64 {
        1 << 30
    }

    fn allocate(&mut self, shards: &Shards, lanes: u32) -> Outcome<()> {
        self.ask(&format!(
            "allocate {} {} {lanes}",
            shards.panels(),
            shards.shift()
        ));
        Ok(())
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        self.ask(&format!("fill {shard} {} {first} {at} {count}", hex(seed)));
        Ok(())
    }

    fn walk(&mut self, key: &Words, first: u32, count: u32, at: u32) -> Outcome<()> {
        self.ask(&format!("walk {} {first} {count} {at}", hex(key)));
        Ok(())
    }

    fn reduce(&mut self, level: u32, count: u32) -> Outcome<()> {
        self.ask(&format!("reduce {level} {count}"));
        Ok(())
    }

    fn nodes(&mut self, level: u32, count: u32) -> Outcome<Vec<u32>> {
        let words = self.ask(&format!("nodes {level} {count}"));
        let words = words.as_bytes().chunks(8);
        Ok(words
            .map(|word| u32::from_str_radix(std::str::from_utf8(word).unwrap(), 16).unwrap())
            .collect())
    }

    fn scan(&mut self, shard: u32) -> Outcome<()> {
        self.ask(&format!("scan {shard}"));
        Ok(())
    }
}

#[test]
fn the_dp4a_kernel_computes_the_vectors_over_shards_of_any_size() {
    let program = Program::new(Math::Dp4a);
    program.agrees(&common::ALL, None);
    // A panel each; two panels each, the second shard being half full; sixteen panels each.
    program.agrees(&["three-panels"], Some(16_384));
    program.agrees(&["three-panels"], Some(32_768));
    program.agrees(&["test"], Some(16 * 16_384));
}

/// The matrix instructions are emulated by the layouts that NVIDIA documents: what no card has run is only the instruction
/// itself.
#[test]
fn the_mma_kernels_compute_the_vectors() {
    Program::new(Math::Mma8x8).agrees(&["least", "three-panels"], None);
    Program::new(Math::Mma16x8).agrees(&["least", "three-panels", "test"], None);
}

#[test]
fn an_engine_refuses_what_is_out_of_order_or_range() {
    use iog_pow::Engine;
    let shape = iog_pow::Shape::new(64, 4, 1).unwrap();
    let mut gpu = Gpu::new(Program::new(Math::Dp4a).start(), [1; 32], shape, None).unwrap();
    assert_eq!(gpu.nodes(&[0; 32], 0, 0, 1), Err(ProverError::Order));
    assert_eq!(gpu.read(), Err(ProverError::Order));
    let mut heard = Vec::new();
    let stopped = gpu.fill(&mut |rows| {
        heard.push(rows);
        Err(ProverError::GivenUp)
    });
    assert_eq!((stopped, heard), (Err(ProverError::GivenUp), vec![64]));
    gpu.fill(&mut |_| Ok(())).unwrap();
    assert_eq!(gpu.read(), Ok(64 * 512));
    assert_eq!(gpu.nodes(&[0; 32], 0, 2, 3), Err(ProverError::OutOfRange));
    assert_eq!(gpu.nodes(&[0; 32], 3, 0, 1), Err(ProverError::OutOfRange));
    let two = gpu.nodes(&[0; 32], 1, 0, 2).unwrap();
    let one = gpu.nodes(&[0; 32], 2, 0, 1).unwrap();
    assert_eq!(iog_pow::walk::inner_node(&two[0], &two[1]), one[0]);
}
