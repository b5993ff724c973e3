//! Three devices of one order reach each other, and nobody else does.

use anyhow::{ensure, Context, Result};
use iog_lab::{text, wait_until, Capture, Fleet, Leak, PATIENCE};
use serde_json::Value;

/// What only members may read.
const MARKER: &str = "mesh-marker-2b7";
/// Answers with its rank, and writes down who sent it datagrams.
pub const SERVE: &str = "import http.server,os,socket,threading
rank=os.environ['IOG_RANK']
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(s):
        text=('mesh-marker-2b7 '+rank).encode()
        s.send_response(200); s.send_header('content-length',str(len(text))); s.end_headers(); s.wfile.write(text)
    def log_message(s,*a): pass
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.bind(('0.0.0.0',9000))
def hear():
    with open('/work/out/heard','a',buffering=1) as f:
        while True:
            d,a=u.recvfrom(2000); f.write(a[0]+' '+d.decode()+'\\n')
threading.Thread(target=hear,daemon=True).start()
print('serving',flush=True)
http.server.ThreadingHTTPServer(('0.0.0.0',8000),H).serve_forever()
";
pub const JOB: &str = "kind: service
command: [python3, serve.py]
inputs: [{source: serve.py}]
ports: [8000]
readiness: {port: 8000, path: /}
resources: {cpus: 1, memory: 256MiB, disk: 64MiB}
";
const SAY: &str = "import socket,sys
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
if len(sys.argv)>4: s.bind((sys.argv[4],0))
s.sendto(sys.argv[3].encode(),(sys.argv[1],int(sys.argv[2])))
";

/// Members by rank reach each other by mesh addresses; an order beside them with the same addresses does not (redteam mesh M4), nor does
/// a false source (M5), nor a member that has left (M4); who takes a place has its rank and address (M3). Nothing is readable between.
#[test]
fn members_reach_each_other_and_nobody_else_does() {
    let mut fleet = Fleet::homes("mesh").unwrap();
    let capture = Capture::start(&fleet.product.lab.internet, fleet.product.folder()).unwrap();
    let job = fleet.job("job", JOB, &[("serve.py", SERVE)]).unwrap();
    let order = fleet.book(&job, 3).unwrap();
    // Proves its device meanwhile.
    fleet.add(&["e"]).unwrap();
    ranks(&fleet, &order).unwrap();
    for from in 0..3 {
        for to in 0..3 {
            answers(&fleet, &order, &from.to_string(), to).unwrap();
        }
    }
    rights(&fleet, &order).unwrap();
    let beside = fleet.book(&job, 1).unwrap();
    a_stranger(&fleet, &order, &beside).unwrap();
    a_false_source(&mut fleet, &order).unwrap();
    let packets = capture.end().unwrap();
    let leaks = packets.leaks(&[MARKER], |_| true);
    let markers: Vec<&Leak> = leaks
        .iter()
        .filter(|leak| matches!(leak, Leak::Marker(..)))
        .collect();
    assert!(markers.is_empty(), "{markers:?}");
    one_leaves_and_another_takes_its_place(&mut fleet, &order).unwrap();
}

fn address(rank: usize) -> String {
    format!("10.77.0.{}", rank + 1)
}

/// Rank, address, peers and what libraries look for are in each job's environment. redteam mesh M3
fn ranks(fleet: &Fleet, order: &str) -> Result<()> {
    for place in 0..3 {
        let script = "echo $IOG_RANK $IOG_WORLD_SIZE $IOG_ADDRESS $IOG_PEERS $MASTER_ADDR $MASTER_PORT $NCCL_SOCKET_IFNAME $GLOO_SOCKET_IFNAME";
        let said = fleet.exec(order, &place.to_string(), &["sh", "-c", script])?;
        let wanted = format!(
            "{place} 3 {} 0=10.77.0.1,1=10.77.0.2,2=10.77.0.3 10.77.0.1 29500 iog0 iog0",
            address(place)
        );
        ensure!(said.trim() == wanted, "{said} is not {wanted}");
    }
    Ok(())
}

fn fetch(fleet: &Fleet, order: &str, from: &str, to: usize) -> Result<String> {
    let url = format!("http://{}:8000/", address(to));
    let command = ["curl", "-s", "-S", "-m", "5", &url];
    fleet.exec(order, from, &command)
}

/// At a lease, by its place or its address.
fn answers(fleet: &Fleet, order: &str, from: &str, to: usize) -> Result<()> {
    let wanted = Ok(format!("{MARKER} {to}"));
    let mut said = Ok(String::new());
    wait_until(&format!("rank {to} at {from}"), PATIENCE, || {
        said = fetch(fleet, order, from, to).map_err(|error| format!("{error:#}"));
        Ok((said == wanted).then_some(()))
    })
    .with_context(|| format!("{said:?}\n{}", fleet.tails()))
}

/// redteam mesh M5: a job may neither change its network nor send packets of its own making, and has no IPv6.
fn rights(fleet: &Fleet, order: &str) -> Result<()> {
    let script = "ip addr add 10.77.0.99/32 dev iog0 2>/dev/null && echo changed; cat /proc/net/if_inet6; python3 -c 'import socket; socket.socket(socket.AF_PACKET,socket.SOCK_RAW)' 2>/dev/null && echo raw; true";
    let said = fleet.exec(order, "0", &["sh", "-c", script])?;
    ensure!(said.is_empty(), "{said}");
    Ok(())
}

fn heard(fleet: &Fleet, order: &str, rank: usize) -> Result<String> {
    fleet.exec(order, &rank.to_string(), &["cat", "/work/out/heard"])
}

/// A datagram by the mesh, which comes after all that was sent before it.
fn word(fleet: &Fleet, order: &str, from: usize, to: usize, text: &str) -> Result<()> {
    let command = ["python3", "-c", SAY, &address(to), "9000", text];
    wait_until(text, PATIENCE, || {
        fleet.exec(order, &from.to_string(), &command)?;
        Ok(heard(fleet, order, to)?.contains(text).then_some(()))
    })
}

/// redteam mesh M4: another order's device, the same renter's, sends to the members' addresses; none of it arrives.
fn a_stranger(fleet: &Fleet, order: &str, beside: &str) -> Result<()> {
    let own = fleet.exec(beside, "0", &["sh", "-c", "echo $IOG_RANK $IOG_ADDRESS"])?;
    ensure!(own.trim() == "0 10.77.0.1", "{own}");
    for rank in 1..3 {
        ensure!(
            fetch(fleet, beside, "0", rank).is_err(),
            "rank {rank} answers a stranger"
        );
        let command = ["python3", "-c", SAY, &address(rank), "9000", "stranger"];
        let _ = fleet.exec(beside, "0", &command);
        word(fleet, order, 0, rank, &format!("after-the-stranger-{rank}"))?;
        let heard = heard(fleet, order, rank)?;
        ensure!(!heard.contains("stranger\n"), "{heard}");
    }
    Ok(())
}

/// redteam mesh M5: a machine's own root sends from an address that is not its lease's, and from none that is.
fn a_false_source(fleet: &mut Fleet, order: &str) -> Result<()> {
    let leases = fleet.leases(order)?;
    let first = leases.first().context("no lease")?;
    let namespace = {
        let (_, spaces) = fleet.node(&text(first, "device")?)?.runs();
        let mut spaces = spaces.into_iter();
        let found = spaces.find(|name| ip(&["-n", name, "link", "show", "iog0"]).is_ok());
        found.context("no namespace has iog0")?
    };
    for source in ["10.77.0.3", "10.77.0.77", "192.168.7.7"] {
        let own = format!("{source}/32");
        ip(&["-n", &namespace, "addr", "add", &own, "dev", "iog0"])?;
        let net = format!("--net=/run/netns/{namespace}");
        let said = std::process::Command::new("nsenter")
            .args([&net, "python3", "-c", SAY, "10.77.0.2", "9000", "false"])
            .arg(source)
            .output()?;
        ensure!(said.status.success(), "{said:?}");
        ip(&["-n", &namespace, "addr", "del", &own, "dev", "iog0"])?;
        word(fleet, order, 0, 1, &format!("after-{source}"))?;
        let heard = heard(fleet, order, 1)?;
        ensure!(!heard.contains("false"), "{heard}");
    }
    Ok(())
}

fn ip(args: &[&str]) -> Result<()> {
    let said = std::process::Command::new("ip").args(args).output()?;
    ensure!(said.status.success(), "ip {}: {said:?}", args.join(" "));
    Ok(())
}

/// redteam mesh M3, M4: who leaves is cut, the others go on; who comes for it has the same rank and address.
fn one_leaves_and_another_takes_its_place(fleet: &mut Fleet, order: &str) -> Result<()> {
    let leases = fleet.leases(order)?;
    let last = leases.last().context("no lease")?.clone();
    let device = text(&last, "device")?;
    let wallet = fleet.node(&device)?.wallet.clone();
    fleet
        .product
        .iog(&wallet, &["lease", "leave", &text(&last, "lease")?])?;
    wait_until("the cut", PATIENCE, || {
        Ok(fetch(fleet, order, "0", 2).is_err().then_some(()))
    })?;
    answers(fleet, order, "0", 1)?;
    fleet.offer()?;
    let came = wait_until("another device", PATIENCE * 3, || {
        let leases = fleet.leases(order).unwrap_or_default();
        let other = |lease: &&Value| lease["place"] == 2 && lease["device"] != device.as_str();
        let other = leases.iter().find(other).cloned();
        Ok(other.filter(|lease| lease["job"] == "running"))
    })
    .with_context(|| fleet.tails())?;
    let own = text(&came, "lease")?;
    for rank in 0..3 {
        answers(fleet, order, &rank.to_string(), 2)?;
        // By its address, and by its place, which the one that left had before it.
        answers(fleet, order, &own, rank)?;
        answers(fleet, order, "2", rank)?;
    }
    Ok(())
}
