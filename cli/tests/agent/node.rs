//! A device's end of the link, with a job that the test makes up; honest or not.

use ed25519_dalek::SigningKey;
use iog_job::{
    check::{Challenge, Openings, Size, Start, Walked},
    frame,
    wire::{
        Answer, Done, ExecFrame, Hello, LogFrame, LogKind, Need, Needs, OutputFile, Received,
        Refusal, Secrets, Verb,
    },
    Binding, Hash, HostKey, JobSpec, Key, Phase, Signed, Statement, Status,
};
use iog_link::{relay::Relay, Gate, Link, Settings, Stream};
use iog_pow::{pick, CpuProver, Shape, K_OPENINGS};
use sha2::{Digest, Sha256};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the device says and does.
#[derive(Clone)]
pub struct Script {
    pub log: Vec<u8>,
    pub outputs: Vec<(OutputFile, Vec<u8>)>,
    /// The line is cut after so many bytes of a log or a file, once.
    pub cut_after: Option<usize>,
    /// Statuses are signed by this key.
    pub signs: [u8; 32],
    pub phases: Vec<Phase>,
    pub ssh_key: String,
    /// A status names another one as that before it.
    pub unchained: bool,
    pub refuses_secrets: bool,
    /// It is fetching this input itself.
    pub fetches: Option<Hash>,
    /// Says that all inputs are wrong.
    pub disbelieves: bool,
    /// Walks for a check, so many rows of a table at most; none: refuses.
    pub walks: Option<u32>,
}

/// What came in.
#[derive(Default)]
pub struct Got {
    pub spec: Option<JobSpec>,
    pub inputs: Vec<(Hash, u64, Vec<u8>)>,
    pub secrets: Secrets,
    pub offers: u32,
    /// Commands that read nothing, and their caller went.
    pub given_up: u32,
    pub verbs: Vec<&'static str>,
    pub numbers: Vec<u64>,
}

pub struct Node {
    pub script: Mutex<Script>,
    pub got: Mutex<Got>,
    binding: Binding,
}

struct Admits(Key);

impl Gate for Admits {
    fn admits(&self, peer: &Key) -> bool {
        *peer == self.0
    }

    fn refused(&self, _: &Key, _: &'static str) {}
}

pub fn public(seed: [u8; 32]) -> Key {
    Key(SigningKey::from_bytes(&seed).verifying_key().to_bytes())
}

pub fn output(path: &str, bytes: &[u8]) -> (OutputFile, Vec<u8>) {
    let file = OutputFile {
        path: path.into(),
        len: bytes.len() as u64,
        sha256: Hash(Sha256::digest(bytes).into()),
        executable: false,
    };
    (file, bytes.to_vec())
}

/// The proof's walk as a device does it, or with a smaller table than was asked for.
async fn walk(mut stream: Stream, asked: Size, rows: u32) -> std::io::Result<()> {
    let start: Start = frame::expect(&mut stream, 1 << 20).await?;
    let shape = Shape::new(asked.rows.min(rows), asked.tiles, asked.waves, asked.cards).unwrap();
    let mut prover = CpuProver::new(start.seed.0, shape, 1);
    let root = hex::encode(prover.commit().unwrap());
    frame::write(&mut stream, &Walked::Root(root)).await?;
    let challenge: Challenge = frame::expect(&mut stream, 1 << 20).await?;
    let open = |n| {
        prover
            .open(&pick(&challenge.challenge.0, n, &shape))
            .unwrap()
    };
    let openings = (0..K_OPENINGS).map(open).map(hex::encode).collect();
    frame::write(&mut stream, &Openings { openings }).await?;
    stream.shutdown().await
}

impl Node {
    pub async fn start(
        seed: [u8; 32],
        engineer: Key,
        relay: &Relay,
        binding: Binding,
        script: Script,
    ) -> Arc<Self> {
        let settings = Settings {
            relays: vec![relay.entry("127.0.0.1")],
            relay_only: true,
            ..Settings::default()
        };
        let link = Link::bind(&seed, &settings, Arc::new(Admits(engineer)))
            .await
            .unwrap();
        link.online().await;
        let node = Arc::new(Self {
            script: Mutex::new(script),
            got: Mutex::default(),
            binding,
        });
        let served = Arc::clone(&node);
        tokio::spawn(async move {
            while let Some(connection) = link.accept().await {
                let served = Arc::clone(&served);
                tokio::spawn(async move {
                    while let Some((hello, stream)) = connection.accept().await {
                        let served = Arc::clone(&served);
                        tokio::spawn(async move {
                            // A renter that goes away in the middle is no news.
                            let _ = served.serve(hello, stream).await;
                        });
                    }
                });
            }
        });
        node
    }

    async fn serve(&self, hello: Hello, mut stream: Stream) -> std::io::Result<()> {
        assert_eq!(hello.binding, self.binding);
        {
            let mut got = self.got.lock().unwrap();
            got.verbs.push(hello.verb.name());
            got.numbers.push(hello.number);
        }
        let script = self.script.lock().unwrap().clone();
        if matches!(hello.verb, Verb::Check(_)) && script.walks.is_none() {
            let refused = Answer::Refused {
                code: Refusal::Unavailable,
                reason: "nothing is walked here".into(),
            };
            frame::write(&mut stream, &refused).await?;
            return stream.shutdown().await;
        }
        if matches!(hello.verb, Verb::Input { sha256, .. } if script.fetches == Some(sha256)) {
            let refused = Answer::Refused {
                code: Refusal::Busy,
                reason: "this input is being received".into(),
            };
            frame::write(&mut stream, &refused).await?;
            return stream.shutdown().await;
        }
        frame::write(&mut stream, &Answer::Admitted).await?;
        match hello.verb {
            Verb::Check(size) => walk(stream, size, script.walks.unwrap_or(0)).await,
            Verb::Offer(_) => {
                self.got.lock().unwrap().offers += 1;
                stream.shutdown().await
            }
            Verb::Job => self.job(stream).await,
            Verb::Input { sha256, from } => {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).await?;
                let have = if script.disbelieves {
                    0
                } else {
                    from + bytes.len() as u64
                };
                if !script.disbelieves {
                    self.got.lock().unwrap().inputs.push((sha256, from, bytes));
                }
                frame::write(
                    &mut stream,
                    &Received {
                        have,
                        complete: !script.disbelieves,
                    },
                )
                .await?;
                stream.shutdown().await
            }
            Verb::Secrets => {
                let secrets = frame::expect(&mut stream, 1 << 20).await?;
                if script.refuses_secrets {
                    let refused = Answer::Refused {
                        code: Refusal::Malformed,
                        reason: "a value is no UTF-8".into(),
                    };
                    frame::write(&mut stream, &refused).await?;
                    return stream.shutdown().await;
                }
                self.got.lock().unwrap().secrets = secrets;
                frame::write(&mut stream, &Done {}).await?;
                stream.shutdown().await
            }
            Verb::Status { from, follow } => {
                for signed in self.statuses(&script).into_iter().skip(from as usize - 1) {
                    frame::write(&mut stream, &signed).await?;
                }
                if follow && !script.phases.last().is_some_and(Phase::is_over) {
                    tokio::time::sleep(Duration::from_secs(3_600)).await;
                }
                stream.shutdown().await
            }
            Verb::Logs { from, .. } => {
                let rest = &script.log[from as usize..];
                let cut = self.cut(rest.len());
                for (at, bytes) in rest[..cut.unwrap_or(rest.len())].chunks(7).enumerate() {
                    let offset = from + 7 * at as u64;
                    let piece = LogFrame {
                        offset,
                        kind: LogKind::Stdout,
                        bytes: bytes.to_vec(),
                    };
                    frame::write_bytes(&mut stream, &piece.encode()).await?;
                }
                self.end(stream, cut.is_some()).await
            }
            Verb::Outputs => {
                let list: Vec<OutputFile> = script
                    .outputs
                    .iter()
                    .map(|(file, _)| file.clone())
                    .collect();
                frame::write(&mut stream, &list).await?;
                stream.shutdown().await
            }
            Verb::Fetch { path, from } => {
                let (file, bytes) = script
                    .outputs
                    .iter()
                    .find(|(file, _)| file.path == path)
                    .unwrap();
                frame::write(&mut stream, file).await?;
                let rest = &bytes[from as usize..];
                let cut = self.cut(rest.len());
                stream.write_all(&rest[..cut.unwrap_or(rest.len())]).await?;
                self.end(stream, cut.is_some()).await
            }
            Verb::Exec { command, .. } if command == ["deaf"] => {
                stream.given_up().await;
                self.got.lock().unwrap().given_up += 1;
                Ok(())
            }
            Verb::Exec { command, .. } => exec(stream, &command).await,
            Verb::HostKey => {
                let key = HostKey {
                    key: script.ssh_key,
                };
                frame::write(&mut stream, &self.signed(&key, script.signs)).await?;
                stream.shutdown().await
            }
            Verb::Ssh | Verb::Port { .. } => {
                let (mut from, mut to) = tokio::io::split(stream);
                tokio::io::copy(&mut from, &mut to).await?;
                to.shutdown().await
            }
            Verb::Facts { .. } => {
                let facts = iog_job::wire::Facts {
                    platform: "linux/amd64\u{1b}[2J".into(),
                    cpus: 4,
                    ..Default::default()
                };
                frame::write(&mut stream, &facts).await?;
                stream.shutdown().await
            }
            Verb::Join(_) => {
                frame::write(&mut stream, &iog_job::wire::Joined::Yes).await?;
                stream.shutdown().await
            }
            Verb::Receipt | Verb::Stop => {
                frame::write(&mut stream, &Done {}).await?;
                stream.shutdown().await
            }
        }
    }

    /// Asks for all of it, the first input from its third byte on.
    async fn job(&self, mut stream: Stream) -> std::io::Result<()> {
        let spec: JobSpec = frame::expect(&mut stream, 1 << 20).await?;
        let need = |(at, input): (usize, &iog_job::Input)| Need {
            sha256: input.sha256,
            len: input.len,
            have: if at == 0 { 2 } else { 0 },
        };
        let mut needs = Needs {
            inputs: spec.inputs.iter().enumerate().map(need).collect(),
            secrets: spec
                .secrets
                .iter()
                .map(|secret| secret.name.clone())
                .collect(),
        };
        self.got.lock().unwrap().spec = Some(spec);
        loop {
            self.strike(&mut needs);
            frame::write(&mut stream, &needs).await?;
            if needs.is_empty() {
                return stream.shutdown().await;
            }
            let (inputs, secrets) = (needs.inputs.len(), needs.secrets.len());
            while needs.inputs.len() == inputs && needs.secrets.len() == secrets {
                tokio::time::sleep(Duration::from_millis(10)).await;
                self.strike(&mut needs);
            }
        }
    }

    fn strike(&self, needs: &mut Needs) {
        let got = self.got.lock().unwrap();
        needs
            .inputs
            .retain(|need| got.inputs.iter().all(|(hash, ..)| *hash != need.sha256));
        needs
            .secrets
            .retain(|name| !got.secrets.0.contains_key(name));
    }

    fn cut(&self, len: usize) -> Option<usize> {
        let mut script = self.script.lock().unwrap();
        script.cut_after.take().filter(|after| *after < len)
    }

    async fn end(&self, mut stream: Stream, cut: bool) -> std::io::Result<()> {
        if cut {
            // What was written is on its way before the reset overtakes it.
            stream.flush().await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
            stream.abort();
            return Ok(());
        }
        stream.shutdown().await
    }

    fn signed<T: Statement>(&self, body: &T, seed: [u8; 32]) -> Signed {
        let message = Signed::message_of(&self.binding, body).unwrap();
        Signed::sign(&message, &SigningKey::from_bytes(&seed))
    }

    fn statuses(&self, script: &Script) -> Vec<Signed> {
        let mut previous = Hash::default();
        let mut said = Vec::new();
        let mut attempt = 0;
        for (number, phase) in (1..).zip(&script.phases) {
            let run = self.binding.run(attempt);
            // What comes after an end is the next attempt.
            attempt += u32::from(phase.is_over());
            let status = Status {
                run,
                number,
                previous,
                ts: 1_000,
                phase: phase.clone(),
                events: Vec::new(),
            };
            let signed = self.signed(&status, script.signs);
            previous = match script.unchained {
                true => Hash([66; 32]),
                false => signed.hash(),
            };
            said.push(signed);
        }
        said
    }
}

/// `echo`, `cat` and `exit N`.
async fn exec(mut stream: Stream, command: &[String]) -> std::io::Result<()> {
    let mut code = 0;
    match command.first().map(String::as_str) {
        Some("echo") => {
            let text = command[1..].join(" ") + "\n";
            frame::write_bytes(&mut stream, &ExecFrame::Stdout(text.into()).encode()).await?;
            frame::write_bytes(
                &mut stream,
                &ExecFrame::Stderr(b"noise\n".to_vec()).encode(),
            )
            .await?;
        }
        Some("cat") => loop {
            let bytes = frame::read_bytes(&mut stream, 1 << 20)
                .await?
                .unwrap_or_default();
            match ExecFrame::decode(&bytes) {
                Some(ExecFrame::Stdin(bytes)) if !bytes.is_empty() => {
                    frame::write_bytes(&mut stream, &ExecFrame::Stdout(bytes).encode()).await?;
                }
                _ => break,
            }
        },
        Some("exit") => code = command[1].parse().unwrap(),
        // Gone without a word, when it was admitted.
        _ => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            return Ok(());
        }
    }
    frame::write_bytes(&mut stream, &ExecFrame::Exit(code).encode()).await?;
    stream.shutdown().await
}
