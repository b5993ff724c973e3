//! Events come from the program that logged them, and from no other.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use iog_client::{events, registry, token, Event};
use solana_pubkey::Pubkey;

fn burned(amount: u64) -> (token::events::IoBurned, String) {
    let event = token::events::IoBurned {
        owner: Pubkey::new_from_array([3; 32]),
        amount,
        burned_before: 1,
        burned_after: 1 + amount,
    };
    let mut bytes = token::events::IoBurned::DISCRIMINATOR.to_vec();
    bytes.extend(borsh::to_vec(&event).unwrap());
    (event, format!("Program data: {}", STANDARD.encode(bytes)))
}

fn invoke(program: &Pubkey, depth: u8) -> String {
    format!("Program {program} invoke [{depth}]")
}

fn success(program: &Pubkey) -> String {
    format!("Program {program} success")
}

#[test]
fn follows_calls_into_programs_and_back() {
    let (first, first_line) = burned(5);
    let (second, second_line) = burned(6);
    let stranger = Pubkey::new_from_array([9; 32]);
    let logs = [
        invoke(&token::ID, 1),
        first_line.clone(),
        invoke(&stranger, 2),
        "Program log: hello".to_string(),
        // The same bytes from a program that is not ours.
        first_line,
        format!("Program {stranger} consumed 10 of 200 compute units"),
        format!("Program return: {stranger} AQ=="),
        success(&stranger),
        second_line,
        success(&token::ID),
    ];
    let expected = [first, second].map(|e| Event::Token(token::Event::IoBurned(e)));
    assert_eq!(events::parse_logs(&logs), expected);
    assert_eq!(expected[0].name(), "IoBurned");
}

#[test]
fn an_event_counts_only_for_its_own_program() {
    let (_, line) = burned(5);
    let logs = [invoke(&registry::ID, 1), line, success(&registry::ID)];
    assert_eq!(events::parse_logs(&logs), []);
}

#[test]
fn logged_text_cannot_pose_as_a_call() {
    let (event, line) = burned(5);
    let stranger = Pubkey::new_from_array([9; 32]);
    let logs = [
        invoke(&token::ID, 1),
        invoke(&stranger, 2),
        format!("Program log: Program {} invoke [3]", token::ID),
        format!("Program log: invoke {}", token::ID),
        "Program log: success".to_string(),
        line.clone(),
        success(&stranger),
        line,
    ];
    let expected = [Event::Token(token::Event::IoBurned(event))];
    assert_eq!(events::parse_logs(&logs), expected);
}

#[test]
fn failed_calls_end_too() {
    let (event, line) = burned(5);
    let stranger = Pubkey::new_from_array([9; 32]);
    let logs = [
        invoke(&stranger, 1),
        format!("Program {stranger} failed: custom program error: 0x1"),
        invoke(&token::ID, 1),
        "Program data: not base64".to_string(),
        line,
        "Log truncated".to_string(),
    ];
    assert_eq!(
        events::parse_logs(&logs),
        [Event::Token(token::Event::IoBurned(event))]
    );
    assert!(events::is_truncated(&logs));
}
