use super::serve;
use std::io::Cursor;

/// Packets as a client sends them, and the answers.
fn talk(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for packet in packets {
        sent.extend(u32::try_from(packet.len()).unwrap().to_be_bytes());
        sent.extend(packet);
    }
    let mut received = Vec::new();
    serve(Cursor::new(sent), &mut received).unwrap();
    let mut answers = Vec::new();
    while let Some((len, rest)) = received.split_first_chunk::<4>() {
        let (answer, rest) = rest.split_at(u32::from_be_bytes(*len) as usize);
        answers.push(answer.to_vec());
        received = rest.to_vec();
    }
    answers
}

fn text(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn packet(kind: u8, id: u32, parts: &[&[u8]]) -> Vec<u8> {
    [&[kind][..], &id.to_be_bytes(), &parts.concat()].concat()
}

#[test]
fn a_file_is_written_read_renamed_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| text(dir.path().join(name).to_str().unwrap().as_bytes());
    let handle = |number: u32| text(&number.to_be_bytes());
    let none = 0_u32.to_be_bytes();
    let answers = talk(&[
        vec![1, 0, 0, 0, 3],
        packet(
            3,
            1,
            &[
                &path("a"),
                &0x1a_u32.to_be_bytes(),
                &4_u32.to_be_bytes(),
                &0o4751_u32.to_be_bytes(),
            ],
        ),
        packet(6, 2, &[&handle(1), &0_u64.to_be_bytes(), &text(b"hello")]),
        packet(4, 3, &[&handle(1)]),
        packet(18, 4, &[&path("a"), &path("b")]),
        packet(3, 5, &[&path("b"), &1_u32.to_be_bytes(), &none]),
        packet(
            5,
            6,
            &[&handle(2), &1_u64.to_be_bytes(), &100_u32.to_be_bytes()],
        ),
        packet(
            5,
            7,
            &[&handle(2), &5_u64.to_be_bytes(), &100_u32.to_be_bytes()],
        ),
        packet(11, 8, &[&text(dir.path().to_str().unwrap().as_bytes())]),
        packet(12, 9, &[&handle(3)]),
        packet(12, 10, &[&handle(3)]),
        packet(17, 11, &[&path("a")]),
        packet(99, 12, &[]),
    ]);
    assert_eq!(answers[0][..5], [2, 0, 0, 0, 3]);
    assert_eq!(answers[1], packet(102, 1, &[&handle(1)]));
    let done = |id| packet(101, id, &[&none, &text(b""), &text(b"")]);
    assert_eq!(answers[2..5], [done(2), done(3), done(4)]);
    assert_eq!(answers[6], packet(103, 6, &[&text(b"ello")]));
    assert_eq!(answers[7][5..9], 1_u32.to_be_bytes());
    // One name, `b`, and then the end.
    assert_eq!(
        answers[9][..14],
        packet(104, 9, &[&1_u32.to_be_bytes(), &text(b"b")])
    );
    assert_eq!(answers[10][5..9], 1_u32.to_be_bytes());
    assert_eq!(answers[11][5..9], 2_u32.to_be_bytes());
    assert_eq!(answers[12][5..9], 8_u32.to_be_bytes());
    // Set-id bits are not taken over. redteam S4
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &dir.path().join("b").metadata().unwrap().permissions(),
    );
    assert_eq!(mode & 0o7000, 0);
}

#[test]
fn what_is_no_packet_ends_the_connection() {
    assert!(serve(Cursor::new([0xff; 8]), Vec::new()).is_err());
    assert!(serve(Cursor::new([0, 0, 0, 2, 3, 0]), Vec::new()).is_err());
}
