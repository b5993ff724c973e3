//! A cluster on the renter's machine: ports, token, joins and sandbox, against a device of the test's making.

use crate::{
    rpc::GENESIS,
    world::{blank, key, lease, script, text, World, ENGINEER, ORDER},
};
use base64::{engine::general_purpose::STANDARD, Engine};
use ed25519_dalek::SigningKey;
use iog_client::{encode, market, market::accounts::Lease};
use iog_job::{ray, Hash, JobSpec, Join, Key, Kind, Phase, SignedJoin};
use serde_json::{json, Value};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Output},
    time::{Duration, Instant},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";
/// Another order of the same renter.
const OTHER: [u8; 32] = [33; 32];

fn job() -> JobSpec {
    let mut job = JobSpec::session(Hash([1; 32]));
    job.kind = Kind::Ray;
    ray::complete(&mut job);
    job
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().unwrap();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn token_file(world: &World) -> PathBuf {
    world.folder().join("secrets/RAY_AUTH_TOKEN")
}

fn remember(world: &World, orders: &Value) {
    let path = world
        .iog
        .home
        .path()
        .join(".local/share/iog/clusters/train.json");
    write(
        &path,
        &json!({ "version": 1, "name": "train", "orders": orders }).to_string(),
    );
}

/// A cluster of one order, whose head runs.
async fn world() -> World {
    let world = World::with(script(), &job(), &[]).await;
    write(&token_file(&world), TOKEN);
    remember(
        &world,
        &json!([{ "order": key(ORDER), "offset": 0, "span": 1 }]),
    );
    world
}

/// Until the device heard such a verb.
async fn heard(world: &World, verb: &str) -> Vec<&'static str> {
    until(&format!("no {verb} came"), || {
        let verbs = world.node.got.lock().unwrap().verbs.clone();
        verbs.contains(&verb).then_some(verbs)
    })
    .await
}

async fn until<T>(otherwise: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(40), "{otherwise}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn echoes(at: &str) -> bool {
    let mut socket = TcpStream::connect(at).unwrap();
    socket.write_all(b"ping").unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut back = Vec::new();
    socket.read_to_end(&mut back).unwrap();
    back == b"ping"
}

fn terminate(child: Child) -> Output {
    let pid = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    child.wait_with_output().unwrap()
}

/// redteam mesh M7, M8: loopback, a name of the lease's own, the token named by its file, and why `ray.init` from here is a risk.
#[tokio::test(flavor = "multi_thread")]
async fn the_heads_ports_are_here() {
    let world = world().await;
    let line = "cluster connect train --dashboard-port 0 --client-port 0 -o json-compact";
    let mut command = world.command(line);
    let done = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        from.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let at = |name: &str| said[name].as_str().unwrap().to_string();
        let api = at("ray_address")
            .strip_prefix("http://")
            .unwrap()
            .to_string();
        let client = at("client_address")
            .strip_prefix("ray://")
            .unwrap()
            .to_string();
        assert!(api.starts_with("127.0.0.1:") && client.starts_with("127.0.0.1:"));
        assert!(echoes(&api) && echoes(&client));
        (said, terminate(child))
    });
    let (said, output) = done.await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    let words = text(&output.stderr);
    assert!(
        words.contains("pickles") && words.contains("iog cluster shell"),
        "{words}"
    );
    let path = token_file(&world).display().to_string();
    assert_eq!(said["token_path"], path.as_str());
    assert_eq!(said["token"], Value::Null);
    assert!(!said.to_string().contains(TOKEN) && !words.contains(TOKEN));
    let page = format!("http://{}.localhost:", lease()[..8].to_lowercase());
    assert!(
        said["dashboard_url"].as_str().unwrap().starts_with(&page),
        "{said}"
    );
    // The log of the agent has it neither.
    let log = fs::read_to_string(world.folder().join("agent.log")).unwrap();
    assert!(!log.contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_has_members_with_ranks_and_addresses() {
    let world = world().await;
    let ready = |output: &Output| text(&output.stdout).contains("\"running\"");
    let at = format!("-u {} cluster", world.rpc.url);
    let line = format!("{at} status train -o json");
    let output = world.until(&line, ready).await;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["name"], "train");
    assert_eq!(said["state"], "running");
    assert_eq!(said["root_order"], key(ORDER).as_str());
    assert_eq!(said["orders"][0]["offset"], 0);
    let member = &said["members"][0];
    assert_eq!(
        (&member["rank"], &member["address"]),
        (&json!(0), &json!("10.77.0.1"))
    );
    assert_eq!(member["lease"], lease().as_str());
    assert_eq!(said["token"], Value::Null);
    // What listens there is no Ray: it is said, and no reason to fail.
    assert!(
        said["ray_trouble"].as_str().unwrap().contains("Ray's head"),
        "{said}"
    );
    let shown = world
        .run(&format!("{at} status train --show-token -o json"))
        .await;
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["token"], TOKEN);
    let list = world.run(&format!("{at} list -o json")).await;
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list[0]["name"], "train");
}

fn join(root: [u8; 32], order: [u8; 32], signed_by: [u8; 32]) -> SignedJoin {
    let join = Join {
        genesis: Key(GENESIS),
        program: Key(market::ID.to_bytes()),
        root: Key(root),
        root_created_ts: 8_000,
        order: Key(order),
        created_ts: 9_000,
        offset: 4,
        ends_ts: 99_000,
    };
    SignedJoin::sign(join, &SigningKey::from_bytes(&signed_by)).unwrap()
}

/// redteam mesh M2: a device of a further order hears to whose mesh it belongs before it gets a job, or it would start as a head of its own.
#[tokio::test(flavor = "multi_thread")]
async fn who_joins_hears_of_it_before_the_job() {
    let world = World::with(script(), &job(), &[]).await;
    write(&token_file(&world), TOKEN);
    write(
        &world.folder().join("cluster.json"),
        &json!({ "root": key(OTHER) }).to_string(),
    );
    let root = world.folder().with_file_name(key(OTHER));
    write(&root.join("secrets/RAY_AUTH_TOKEN"), "the-roots-own");
    let shown = |output: &Output| text(&output.stdout).contains("its join is not made yet");
    world.until("order status ORDER -o json", shown).await;
    assert!(!world.node.got.lock().unwrap().verbs.contains(&"job"));

    let joins = json!([join(OTHER, ORDER, [44; 32])]);
    write(&root.join("joins.json"), &joins.to_string());
    let verbs = heard(&world, "secrets").await;
    let at = |name: &str| verbs.iter().position(|verb| *verb == name).unwrap();
    assert!(at("join") < at("job"), "{verbs:?}");
    // Its token is the root's.
    let token = world.node.got.lock().unwrap().secrets.0[ray::TOKEN].clone();
    assert_eq!(token, "dGhlLXJvb3RzLW93bg==");
}

/// Members hear of an order that joins, also those that were there before.
#[tokio::test(flavor = "multi_thread")]
async fn members_hear_who_joins() {
    let world = world().await;
    world.run("order upload ORDER").await;
    heard(&world, "secrets").await;
    assert!(!world.node.got.lock().unwrap().verbs.contains(&"join"));
    let joins = json!([join(ORDER, OTHER, ENGINEER)]);
    write(&world.folder().join("joins.json"), &joins.to_string());
    heard(&world, "join").await;
}

const ACCEPTED: u8 = 1;
const OVER: u8 = 2;

/// A further device of the order.
fn other(world: &World, place: u8, state: u8) {
    let mut data: Lease = blank();
    (data.order, data.device, data.state) = (ORDER.into(), [9; 32].into(), state);
    (data.matched_ts, data.gpus, data.place) = (9_100, 1, place.into());
    data.tunnel_key = [7; 32].into();
    let mut chain = world.rpc.chain.lock().unwrap();
    let account = (market::ID, encode(&data));
    chain.accounts.insert([40 + place; 32].into(), account);
}

/// redteam mesh M4: a head that leaves was given the next token, too, so its successor begins with yet another.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_left_knows_no_token() {
    let world = world().await;
    world.run("order upload ORDER").await;
    heard(&world, "secrets").await;
    other(&world, 1, ACCEPTED);
    other(&world, 2, OVER);
    let file = world.folder().join("secrets/RAY_AUTH_TOKEN.next");
    let next = until("no next token is made", || fs::read_to_string(&file).ok()).await;
    let sent = STANDARD.encode(&next);
    let has = || world.node.got.lock().unwrap().secrets.0.get(ray::TOKEN) == Some(&sent);
    until("the head does not get it", || has().then_some(())).await;
    world.set(|_, lease| lease.state = OVER);
    until("the one that left knows the next token", || {
        fs::read_to_string(&file).ok().filter(|now| *now != next)
    })
    .await;
}

/// redteam mesh M4: who left knows the token, so the head's next start has another; until then the old one counts.
#[tokio::test(flavor = "multi_thread")]
async fn the_head_starts_anew_with_a_new_token() {
    let world = world().await;
    world.run("order upload ORDER").await;
    heard(&world, "secrets").await;
    let sent = || {
        world
            .node
            .got
            .lock()
            .unwrap()
            .secrets
            .0
            .get(ray::TOKEN)
            .cloned()
    };
    let first = sent().unwrap();

    // A second device, whose lease is over while the order goes on.
    other(&world, 1, OVER);
    let next = until("no new token came", || {
        sent().filter(|token| *token != first)
    })
    .await;
    assert_eq!(fs::read_to_string(token_file(&world)).unwrap(), TOKEN);

    // The head's Ray ends, and starts again.
    assert!(world.run("agent stop ORDER").await.status.success());
    let running = Phase::Running { ready: true };
    let phases = vec![running.clone(), Phase::Exited { code: 75 }, running];
    world.node.script.lock().unwrap().phases = phases;
    world.run("order status ORDER").await;
    let token = until("the token stays", || {
        let token = fs::read_to_string(token_file(&world)).unwrap();
        (token != TOKEN).then_some(token)
    })
    .await;
    let plain = STANDARD.decode(&next).unwrap();
    assert_eq!(token.as_bytes(), plain);
    let mode = fs::metadata(token_file(&world))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0);
}

/// What an interrupted creation sent may be on its way still: its name is not forgotten before that is known.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_waits_for_what_is_on_its_way() {
    let world = world().await;
    remember(
        &world,
        &json!([{ "order": key(OTHER), "offset": 0, "span": 1 }]),
    );
    let line = format!("-u {} cluster end train --yes", world.rpc.url);
    let mut command = world.command(&line);
    let said = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut from = BufReader::new(child.stderr.take().unwrap());
        from.read_line(&mut line).unwrap();
        terminate(child);
        line
    });
    let said = said.await.unwrap();
    assert!(said.contains("on its way"), "{said}");
    let book = ".local/share/iog/clusters/train.json";
    assert!(world.iog.home.path().join(book).exists());
}

/// redteam mesh M8: what a driver reads runs code of any member; in the sandbox it finds no key, no other port and no way out.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_finds_nothing_of_this_machine() {
    let world = world().await;
    let home = world.iog.home.path();
    fs::create_dir(home.join("work")).unwrap();
    let relay = world.relay.entry("127.0.0.1").url;
    let port = relay
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches('/')
        .to_string();
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/8265 && echo ping >&3 && read -r back <&3 && echo \"back $back\"\n\
         exec 3>&- ; cat $RAY_AUTH_TOKEN_PATH > seen; ls -A {0} > home 2>&1; ls -A $HOME >> home; env > env\n\
         (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && echo out; ls /root /tmp /run > others 2>&1\n\
         grep CapEff /proc/self/status > rights; mount -o remount,rw,bind /usr 2>/dev/null; test -w /usr && echo usr >> rights\n\
         test -w /proc/sys/kernel/core_pattern && echo core >> rights; exit 7",
        home.display()
    );
    fs::write(home.join("work/run.sh"), script).unwrap();
    let output = world
        .run("cluster shell train --dir work -- bash run.sh")
        .await;
    let (out, words) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(7), "{out}{words}");
    assert_eq!(out, "back ping\n", "{words}");
    let left = |name: &str| fs::read_to_string(home.join("work").join(name)).unwrap();
    assert_eq!(left("seen"), TOKEN);
    // The way to the folder is there, and nothing beside it.
    assert_eq!(left("home").trim(), "work");
    assert!(
        !left("env").contains(TOKEN) && !left("env").contains("XDG_"),
        "{}",
        left("env")
    );
    assert!(!left("others").contains("user"), "{}", left("others"));
    // Root, too, has no way to change what is shown, nor what the kernel runs outside.
    let rights = left("rights");
    assert_eq!(rights.trim(), "CapEff:\t0000000000000000", "{rights}");
    // A folder that holds keys is nobody's to show.
    for bad in [
        "--dir .",
        "--dir .local",
        "--dir work --show .local/share/iog/orders",
    ] {
        let output = world
            .run(&format!("cluster shell train {bad} -- true"))
            .await;
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(
            text(&output.stderr).contains("where keys are"),
            "{output:?}"
        );
    }
}
