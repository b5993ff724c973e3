//! Runs every case in the SVM on the built program and natively, on random operands.

use std::cell::RefCell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use iog_conformance_cases as cases;
use litesvm::LiteSVM;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// Of each of the cases: 1088 inputs in all.
const INPUTS_PER_CASE: u32 = 64;
/// What a transaction may spend at most.
const COMPUTE_UNITS: u32 = 1_400_000;

struct Chain {
    svm: LiteSVM,
    payer: Keypair,
    program: Pubkey,
}

impl Chain {
    fn start() -> Self {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy/iog_conformance.so");
        let program_bytes = fs::read(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; run `cargo xtask build conformance`",
                path.display()
            )
        });
        // Inputs repeat; equal transactions must not be refused as duplicates.
        let mut svm = LiteSVM::new()
            .with_sigverify(false)
            .with_transaction_history(0);
        let payer = Keypair::new();
        let program = Pubkey::new_unique();
        svm.airdrop(&payer.pubkey(), 1_000_000_000_000).unwrap();
        svm.add_program(program, &program_bytes).unwrap();
        Self {
            svm,
            payer,
            program,
        }
    }

    fn transaction(&self, data: &[u8]) -> Transaction {
        let instructions = [
            ComputeBudgetInstruction::set_compute_unit_limit(COMPUTE_UNITS),
            Instruction::new_with_bytes(self.program, data, vec![]),
        ];
        let message = Message::new(&instructions, Some(&self.payer.pubkey()));
        Transaction::new(&[&self.payer], message, self.svm.latest_blockhash())
    }

    /// The results, or the message of the panic.
    fn run(&mut self, op: u8, operands: &[u8]) -> Result<Vec<u8>, String> {
        let data = [&[op], operands].concat();
        match self.svm.send_transaction(self.transaction(&data)) {
            Ok(done) => Ok(done.return_data.data),
            Err(failed) => {
                let logs = &failed.meta.logs;
                let message = logs
                    .iter()
                    .find_map(|line| line.strip_prefix("Program log: panicked: "));
                Err(message.map_or_else(
                    || format!("{:?}, no panic message in {logs:#?}", failed.err),
                    str::to_string,
                ))
            }
        }
    }
}

fn natively(op: u8, operands: &[u8]) -> Result<Vec<u8>, String> {
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| cases::run(op, operands)));
    match outcome {
        Ok(results) => Ok(results.unwrap_or_default()),
        Err(payload) => Err(match payload.downcast::<String>() {
            Ok(message) => *message,
            Err(payload) => payload.downcast_ref::<&str>().unwrap_or(&"?").to_string(),
        }),
    }
}

/// Words at the ends of their range as often as others: carries and corrections happen there.
fn operands() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => any::<u64>(),
        1 => prop::sample::select(vec![0, 1, 2, u64::MAX, u64::MAX - 1, 1 << 63, u64::MAX >> 1]),
        1 => (0u32..64).prop_map(|bit| 1 << bit),
        1 => (0u32..64).prop_map(|bits| u64::MAX >> bits),
        1 => 0u64..1000,
    ];
    prop::collection::vec(word, 1..60)
        .prop_map(|words| words.into_iter().flat_map(u64::to_le_bytes).collect())
}

#[test]
fn agrees_with_native_code() {
    let chain = RefCell::new(Chain::start());
    // A panic natively is an outcome to compare, not news.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let mut failures = Vec::new();
    for (op, (name, _)) in (0u8..).zip(cases::CASES) {
        let config = Config {
            cases: INPUTS_PER_CASE,
            failure_persistence: None,
            ..Config::default()
        };
        let outcome = TestRunner::new(config).run(&operands(), |operands| {
            let on_chain = chain.borrow_mut().run(op, &operands);
            prop_assert_eq!(on_chain, natively(op, &operands));
            Ok(())
        });
        if let Err(error) = outcome {
            failures.push(format!("{name}: {error}"));
        }
    }
    panic::set_hook(hook);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn refuses_an_unknown_op_code() {
    let mut chain = Chain::start();
    let failure = chain.run(u8::MAX, &[]).unwrap_err();
    assert!(failure.contains("InvalidInstructionData"), "{failure}");
}

#[test]
fn logs_the_message_of_a_panic_and_of_an_overflow() {
    let mut chain = Chain::start();
    let code = |name| cases::CASES.iter().position(|(n, _)| *n == name).unwrap() as u8;
    assert_eq!(chain.run(code("panics"), &[0]), Err("plain message".into()));
    let overflow = [[0xff; 16].as_slice(), &[0]].concat();
    let overflow = [&[0], overflow.as_slice()].concat();
    assert_eq!(
        chain.run(code("overflow checks"), &overflow),
        Err("attempt to add with overflow".into())
    );
}
