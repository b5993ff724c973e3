//! redteam L1: a ticket lets another key speak for some leases until some time, and for nothing else.

use crate::common::{
    at, binding, dialer, echo, hello, key_of, link, local, round_trip, soon, Doors, DEVICE, NOW,
    OTHER, RENTER,
};
use ed25519_dalek::SigningKey;
use iog_job::{
    wire::{Hello, Refusal, Verb, ALPN_TICKET, MAX_TICKET_BYTES},
    Key,
};
use iog_link::{why, Link, LinkError, SignedTicket, Ticket, TicketError, MAX_LEASES};
use iroh::{endpoint::presets, Endpoint, EndpointAddr, EndpointId};
use std::sync::Arc;

fn engineer() -> SigningKey {
    SigningKey::from_bytes(&RENTER)
}

fn ticket(leases: &[u8]) -> Ticket {
    Ticket {
        engineer: key_of(&RENTER),
        endpoint: key_of(&OTHER),
        until_ts: NOW + 3_600,
        verbs: vec!["logs".into(), "status".into()],
        bindings: leases
            .iter()
            .map(|lease| Ticket::hash_of(&binding(*lease)).unwrap())
            .collect(),
    }
}

async fn device() -> (Link, Arc<Doors>) {
    let doors = Doors::of(&[key_of(&RENTER)]);
    (link(&DEVICE, &local(), &doors).await, doors)
}

async fn show(device: &Link, ticket: &SignedTicket) -> Result<iog_link::Connection, LinkError> {
    let other = dialer(&OTHER, &local()).await;
    soon(other.dial_with_ticket_at(&device.id(), &at(device), ticket)).await
}

#[tokio::test]
async fn a_ticket_opens_what_it_names() {
    let (device, doors) = device().await;
    let signed = ticket(&[1, 2]).sign(&engineer()).unwrap();
    let other = dialer(&OTHER, &local()).await;
    let dialled = soon(other.dial_with_ticket_at(&device.id(), &at(&device), &signed))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    assert_eq!(
        (accepted.peer(), accepted.engineer()),
        (key_of(&OTHER), key_of(&RENTER))
    );
    assert_eq!(accepted.ticket(), Some(&ticket(&[1, 2])));
    echo(accepted);
    // More than fits into what may be under way before the ticket was read.
    let stream = soon(dialled.open(&hello(2, 1))).await.unwrap();
    assert_eq!(
        soon(round_trip(stream, vec![1; 100_000])).await.len(),
        100_000
    );

    let shell = Hello {
        verb: Verb::Ssh,
        ..hello(1, 2)
    };
    let mut other_match = hello(1, 3);
    other_match.binding.matched_ts += 1;
    for asked in [shell, hello(3, 4), other_match] {
        let refused = soon(dialled.open(&asked)).await.unwrap_err();
        let LinkError::Refused { code, .. } = refused else {
            panic!("{refused}")
        };
        assert_eq!(code, Refusal::NotAllowed);
        assert_eq!(doors.refusal().await, (key_of(&OTHER), why::TICKET_SCOPE));
    }
}

#[tokio::test]
async fn a_ticket_that_is_not_good_is_refused() {
    let (device, doors) = device().await;
    let mut bad = [
        (ticket(&[1]), "for another key"),
        (ticket(&[1]), "is over"),
        (ticket(&[1]), "longer than 24 h"),
    ];
    bad[0].0.endpoint = key_of(&[4; 32]);
    bad[1].0.until_ts = NOW;
    bad[2].0.until_ts = NOW + 86_401;
    for (ticket, reason) in &bad {
        let refused = show(&device, &ticket.sign(&engineer()).unwrap())
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(reason), "{refused}");
        assert_eq!(doors.refusal().await, (key_of(&OTHER), why::TICKET));
    }
    // Signed well, by a key without a lease.
    let stranger = SigningKey::from_bytes(&[5; 32]);
    let mut own = ticket(&[1]);
    own.engineer = key_of(&[5; 32]);
    let refused = show(&device, &own.sign(&stranger).unwrap())
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("has no lease here"),
        "{refused}"
    );
    let mut longest = ticket(&[1]);
    longest.until_ts = NOW + 86_400;
    show(&device, &longest.sign(&engineer()).unwrap())
        .await
        .unwrap();
}

/// redteam L6: with its engineer key's lease a ticket is void, also for who is inside.
#[tokio::test]
async fn a_ticket_is_void_with_its_key() {
    let (device, doors) = device().await;
    let signed = ticket(&[1]).sign(&engineer()).unwrap();
    let other = dialer(&OTHER, &local()).await;
    let dialled = soon(other.dial_with_ticket_at(&device.id(), &at(&device), &signed))
        .await
        .unwrap();
    doors.shut(&key_of(&RENTER));
    device.recheck();
    let closed = soon(dialled.closed()).await;
    assert!(matches!(closed, LinkError::NotAdmitted(_)), "{closed}");
    assert_eq!(doors.refusal().await, (key_of(&OTHER), why::NO_MORE));
    let again = soon(other.dial_with_ticket_at(&device.id(), &at(&device), &signed)).await;
    assert!(matches!(again.unwrap_err(), LinkError::Refused { .. }));
}

#[tokio::test]
async fn the_end_of_a_ticket_ends_its_connection() {
    let (device, doors) = device().await;
    let mut short = ticket(&[1]);
    short.until_ts = NOW + 1;
    let other = dialer(&OTHER, &local()).await;
    let signed = short.sign(&engineer()).unwrap();
    let dialled = soon(other.dial_with_ticket_at(&device.id(), &at(&device), &signed))
        .await
        .unwrap();
    let _accepted = soon(device.accept()).await.unwrap();
    let closed = soon(dialled.closed()).await;
    assert!(
        matches!(&closed, LinkError::NotAdmitted(why) if why == "the ticket is over"),
        "{closed}"
    );
    doors.set_now(NOW + 2);
    assert!(matches!(
        show(&device, &signed).await.unwrap_err(),
        LinkError::Refused { .. }
    ));
}

/// Who shows no ticket in two seconds, or one that is too long, is sent away; nothing else is read of it.
#[tokio::test]
async fn no_ticket_in_time() {
    let (device, doors) = device().await;
    let foreign = Endpoint::builder(presets::Minimal)
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap();
    let id = EndpointId::from_bytes(&device.id().0).unwrap();
    let addr = EndpointAddr::new(id).with_ip_addr(at(&device)[0]);
    let key = Key(*foreign.id().as_bytes());
    let silent = soon(foreign.connect(addr.clone(), ALPN_TICKET))
        .await
        .unwrap();
    let closed = soon(silent.closed()).await.to_string();
    assert!(closed.contains("no ticket in time"), "{closed}");
    assert_eq!(doors.refusal().await, (key, why::TICKET_SLOW));

    let long = soon(foreign.connect(addr, ALPN_TICKET)).await.unwrap();
    let (mut send, _recv) = long.open_bi().await.unwrap();
    let len = u32::try_from(MAX_TICKET_BYTES + 1).unwrap();
    send.write_all(&len.to_le_bytes()).await.unwrap();
    // One stream and 2 KiB may be under way, however much is sent.
    let sent = soon(async {
        let mut sent = 4;
        while let Ok(written) = send.write(&[0; 65_536]).await {
            sent += written;
        }
        sent
    })
    .await;
    assert!(sent <= 2_048 + 4, "{sent}");
    assert_eq!(doors.refusal().await, (key, why::TICKET_SLOW));
}

/// Sixteen others at once have tickets of one key.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn sixteen_tickets_of_one_key() {
    let (device, doors) = device().await;
    let mut inside = Vec::new();
    for number in 0..17_u8 {
        let seed = [100 + number; 32];
        let mut own = ticket(&[1]);
        own.endpoint = key_of(&seed);
        let other = dialer(&seed, &local()).await;
        // Eight a second of one address: each comes from its own.
        let line = crate::wire::Line::to(at(&device)[0]).await;
        let line = if number < 8 { at(&device) } else { line.at() };
        let signed = own.sign(&engineer()).unwrap();
        let shown = soon(other.dial_with_ticket_at(&device.id(), &line, &signed)).await;
        match shown {
            Ok(dialled) => inside.push((other, dialled)),
            Err(refused) => assert!(refused.to_string().contains("16 others"), "{refused}"),
        }
    }
    assert_eq!(inside.len(), 16);
    assert_eq!(doors.refusal().await, (key_of(&[116; 32]), why::TICKETS));
}

#[test]
fn a_ticket_in_text() {
    let signed = ticket(&[1, 2]).sign(&engineer()).unwrap();
    let text = signed.to_string();
    assert_eq!(text.parse::<SignedTicket>(), Ok(signed.clone()));
    assert_eq!(format!("{signed:?}"), "SignedTicket");
    assert_eq!(signed.read(), Ok(ticket(&[1, 2])));
    assert_eq!(signed.verify(&key_of(&OTHER), NOW), Ok(ticket(&[1, 2])));
    assert_eq!("".parse::<SignedTicket>(), Err(TicketError::Malformed));
    // Any other byte makes it no ticket, or not signed.
    let mut text = text.into_bytes();
    for index in 0..text.len() {
        let was = text[index];
        text[index] = if was == b'A' { b'B' } else { b'A' };
        let changed = std::str::from_utf8(&text).unwrap().parse::<SignedTicket>();
        assert!(changed.is_err() || changed.unwrap().verify(&key_of(&OTHER), NOW).is_err());
        text[index] = was;
    }

    let full: Vec<u8> = (0..MAX_LEASES as u8).collect();
    let every = [
        "offer", "job", "input", "secrets", "status", "logs", "outputs", "fetch", "exec", "ssh",
        "port", "facts", "receipt", "stop",
    ];
    let mut most = ticket(&full);
    most.verbs = every.iter().map(|verb| (*verb).to_string()).collect();
    assert!(
        most.sign(&engineer()).is_ok(),
        "16 leases and all verbs fit"
    );
    most.bindings.push(most.bindings[0]);
    assert_eq!(most.sign(&engineer()), Err(TicketError::Scope));
    assert_eq!(ticket(&[]).sign(&engineer()), Err(TicketError::Scope));
    let wrong = SigningKey::from_bytes(&OTHER);
    assert_eq!(ticket(&[1]).sign(&wrong), Err(TicketError::Signature));
}
