//! Orders that join a mesh, as a node finds them on chain.

use crate::world::{count, done_kinds, published, report, World};
use ed25519_dalek::SigningKey;
use iog_client::{market, pda};
use iog_job::{Join, Key, SignedJoin};
use iog_keeper::{config::Device, Keeper, Role};
use iog_node::board::{BoardLease, LeaseReport};
use solana_pubkey::Pubkey;

const OFFSET: u16 = 4;

fn engineer() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn lease(node: &Keeper) -> BoardLease {
    published(node.config()).leases.remove(0)
}

/// What the job side says that the renter sent.
fn sent(node: &Keeper, join: Join, by: &SigningKey) {
    let of_lease = LeaseReport {
        binding: lease(node).binding,
        phase: None,
        host_failed_since_ts: None,
        offer: None,
        receipts: Vec::new(),
        joins: vec![SignedJoin::sign(join, by).unwrap()],
    };
    report(node.config(), |report| report.leases = vec![of_lease]);
}

/// redteam mesh M2, M4: a node that looks at its own leases alone finds the other order by the renter's join, admits its machine, and drops it
/// in the pass that sees the end of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_finds_the_order_that_joins() {
    let world = World::new().await;
    let wish = |id: u64| market::OrderArgs {
        id,
        engineer_key: engineer().verifying_key().to_bytes().into(),
        ..world.wish(2, [0; 32])
    };
    let mut first = world.keeper("keeper");
    done_kinds(&first.tick().await.unwrap());
    let root = world.book(wish(1)).await;
    let kinds = done_kinds(&first.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    drop(first);
    // From here on that machine is a node alone; another one schedules and cranks, and has the second device.
    let mut node = world.keeper_with("keeper", |config| config.roles = [Role::Node].into());
    world.join("supplier-b", "device-b").await;
    let mut other = world.keeper_with("supplier-b", |config| {
        config.devices = vec![Device::new(world.key_file("device-b"))];
    });
    done_kinds(&other.tick().await.unwrap());
    let further = world.book(wish(2)).await;
    let kinds = done_kinds(&other.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    done_kinds(&node.tick().await.unwrap());
    let alone = lease(&node);
    assert_eq!(alone.binding.order.0, root.to_bytes());
    assert_eq!((alone.rank, alone.world_size), (0, 1));
    assert_eq!(alone.mesh.unwrap().root.0, root.to_bytes());
    assert!(alone.members.is_empty());

    let created_ts = |order: &Pubkey| world.read::<market::Order>(order).unwrap().created_ts;
    let join = Join {
        genesis: alone.binding.genesis,
        program: alone.binding.program,
        root: alone.binding.order,
        root_created_ts: created_ts(&root),
        order: Key(further.to_bytes()),
        created_ts: created_ts(&further),
        offset: OFFSET,
        ends_ts: i64::MAX,
    };
    sent(&node, join, &SigningKey::from_bytes(&[6; 32]));
    node.tick().await.unwrap();
    let forged = lease(&node);
    assert!(forged.members.is_empty() && forged.joins[0].refused.is_some());

    sent(&node, join, &engineer());
    node.tick().await.unwrap();
    let joined = lease(&node);
    assert_eq!(joined.joins[0].refused, None);
    let device = pda::registry::device(&world.address("device-b"));
    let members: Vec<_> = joined
        .members
        .iter()
        .map(|member| (member.device.0, member.rank))
        .collect();
    assert_eq!(members, [(device.to_bytes(), OFFSET)]);
    assert_eq!((joined.rank, joined.mesh), (0, alone.mesh));

    let end = market::instructions::EndEarly {
        renter: world.address("renter"),
        order: further,
        escrow: pda::market::escrow(&pda::token::io_mint()),
    };
    world.send(end.instruction(), &["renter"]).await;
    node.tick().await.unwrap();
    let after = lease(&node);
    assert!(after.members.is_empty());
    let why = after.joins[0].refused.clone().unwrap();
    assert!(why.contains("joining order does not run"), "{why}");
}
