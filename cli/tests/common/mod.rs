#![allow(
    dead_code,
    reason = "each test binary uses its own part of these helpers"
)]

use std::{
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

/// A run of the built `iog` without a terminal, away from the user's own configuration.
pub struct Iog {
    pub home: tempfile::TempDir,
}

/// Nothing listens on port 1: every request fails at once.
pub const NOWHERE: &str = "http://127.0.0.1:1";
pub const KEY: &str = "4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk";

impl Iog {
    /// With a key of the right mode in `id.json`.
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let iog = Self { home };
        let made = iog.run(&["device", "keygen", &iog.path("id.json")]);
        assert!(made.status.success(), "{made:?}");
        iog
    }

    pub fn path(&self, name: &str) -> String {
        let path: PathBuf = self.home.path().join(name);
        path.to_str().unwrap().to_string()
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.spawn(args).wait_with_output().unwrap()
    }

    pub fn spawn(&self, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_iog"))
            .args(args)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Splits at spaces and fills in a key file and an endpoint where nothing answers.
    pub fn offline(&self, line: &str) -> Output {
        let id = self.path("id.json");
        let mut args: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        args.extend(["-u", NOWHERE, "-k", &id]);
        self.run(&args)
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output as JSON, after checking that the run was a success.
pub fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
