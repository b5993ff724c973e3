//! Measures the link beside plain TCP in the same run, and with `-o json` writes `bench/link.json`; `cargo xtask bench link` runs it. A
//! supplier with a public address, a renter behind a router, in turn: direct, linked, relayed, and a WireGuard of user space; the median of
//! the pairs' ratios. Needs what the lab needs, `wireguard-go` and `wg`.

mod beats;
mod limits;
mod mesh;
mod profile;
mod wireguard;

use anyhow::{bail, ensure, Context, Result};
use iog_lab::{text, Nat, Node, Process, Product, Renter, RpcProxy, Shape, Spawn};
use serde_json::json;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Pairs of which the median is taken.
const PAIRS: usize = 5;
/// Bytes of one measurement on a line of 200 Mbit/s: 2.7 s.
const SHAPED_BYTES: u64 = 64 << 20;
const UNSHAPED_BYTES: u64 = 256 << 20;
const SECS: Duration = Duration::from_secs(30);
/// Gives as many bytes as the path says.
const SERVER: &str = "import http.server,sys
print('serving',flush=True)
piece=bytes(range(256))*4096
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(s):
        n=int(s.path[1:])
        s.send_response(200); s.send_header('content-length',str(n)); s.end_headers()
        while n>0:
            s.wfile.write(piece[:n]); n-=min(n,len(piece))
    def log_message(s,*a): pass
h=http.server.ThreadingHTTPServer(('0.0.0.0',int(sys.argv[1])),H)
print('ready',flush=True)
h.serve_forever()
";

struct Bench {
    product: Product,
    /// One for each order: a device works for one.
    nodes: [Node; 2],
    /// The first node's own, which sees when it looks.
    rpc: RpcProxy,
    renter: Renter,
    _others: Vec<Process>,
}

fn main() -> Result<()> {
    let writes = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag, json] if flag == "-o" && json == "json" => true,
        [only] if only == "mesh" => {
            println!("{:#?}", mesh::measure()?);
            return Ok(());
        }
        other => bail!("{other:?}: only -o json is known, and mesh, which measures that alone"),
    };
    let bench = Bench::start()?;
    let _direct = bench.server()?;
    let (order, to_first_log_s) = bench.book(&[])?;
    let relayed_order = bench.book(&["--relay-only"])?.0;
    let _linked = bench.forward(&order, 18000)?;
    let _relayed = bench.forward(&relayed_order, 18001)?;
    let direct = format!("http://{}:9000", bench.nodes[0].host.public);
    let (linked, relayed) = ("http://127.0.0.1:18000", "http://127.0.0.1:18001");
    let first_byte_ms = bench.median(|| Ok(bench.fetch(linked, 1)? * 1_000.0))?;
    let (far, near) = (&bench.nodes[0], &bench.renter);
    let inside = format!("http://{}:9000", wireguard::FAR);
    let tunnel = wireguard::Tunnel::start(
        wireguard::Kind::Go,
        (&far.host, &far.folder),
        (&near.host, &near.folder),
        || bench.fetch(&inside, 1),
    )?;
    let (unshaped, wireguard) = bench.unshaped(&direct, linked, &inside)?;
    profile::print(&bench, linked)?;
    drop(tunnel);
    for host in [
        &bench.nodes[0].host,
        &bench.nodes[1].host,
        &bench.renter.host,
    ] {
        bench.product.lab.limit(host, 200)?;
    }
    let linked = bench.ratio(&direct, linked, SHAPED_BYTES)?;
    let relayed = bench.ratio(&direct, relayed, SHAPED_BYTES)?;
    let late_ms = beats::lateness_p999_ms(&bench, &order)?;
    drop((_direct, _linked, _relayed));
    drop(bench);
    let mesh = mesh::measure()?;
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    let figures = json!({
        "order_to_first_log_s": round(to_first_log_s),
        "first_byte_ms": round(first_byte_ms),
        "linked_over_direct_200mbit": round(linked),
        "relayed_over_direct_200mbit": round(relayed),
        "unshaped_over_veth": round(unshaped),
        "beat_lateness_p999_ms": round(late_ms),
        "cluster_form_s": round(mesh.form_s),
        "mesh_over_direct_200mbit": round(mesh.shaped),
        "mesh_over_boringtun": round(mesh.over_boringtun),
        "mesh_round_trip_over_veth_ms": round(mesh.round_trip_ms),
    });
    let text = format!("{}\n", serde_json::to_string_pretty(&figures)?);
    print!("{text}");
    println!(
        "wireguard-go, unshaped, over veth: {} (the same run; the link has {:.1} times as much)",
        round(wireguard),
        unshaped / wireguard
    );
    if writes {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/link.json");
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    limits::held(to_first_log_s, linked, relayed, late_ms, &mesh)
}

impl Bench {
    fn start() -> Result<Self> {
        let mut product = Product::start("bench", 100)?;
        let others = vec![product.relay(0, &[])?, product.crank()?];
        let rpc = product.endpoint(beats::ENDPOINT)?;
        let mut supplier = |name, rpc| -> Result<Node> {
            let mut node = product.supplier(name, 2, Shape::default())?;
            node.rpc = rpc;
            node.tick_secs = beats::INTERVAL_TEXT;
            node.start(&product)?;
            Ok(node)
        };
        let nodes = [
            supplier("a", Some(rpc.url().to_string()))?,
            supplier("b", None)?,
        ];
        for node in &nodes {
            product.list(node).with_context(|| node.tail())?;
        }
        let shape = Shape {
            nat: Some(Nat::Independent),
            ..Shape::default()
        };
        let renter = product.renter("c", shape)?;
        fs::write(renter.folder.join("serve.py"), SERVER)?;
        let job = "kind: service\ncommand: [python3, serve.py, 8000]\ninputs: [{source: serve.py}]\nports: [8000]\nreadiness: {port: 8000, path: /1}\n";
        fs::write(renter.folder.join("job.yaml"), job)?;
        Ok(Self {
            product,
            nodes,
            rpc,
            renter,
            _others: others,
        })
    }

    /// The same server beside the job, without the link.
    fn server(&self) -> Result<Process> {
        let log = self.nodes[0].folder.join("direct.log");
        let mut server = Spawn::new("python3", &["-c", SERVER, "9000"])
            .start(&self.nodes[0].host.inside, &log)?;
        server.says("ready", SECS)?;
        Ok(server)
    }

    /// Books the job; the order, and the seconds until its first line of log was here.
    fn book(&self, more: &[&str]) -> Result<(String, f64)> {
        let job = self.renter.folder.join("job.yaml").display().to_string();
        let mut args = vec![
            "order", "create", "--class", "2", "--gpus", "1", "--hours", "5", "--pay", "usdc",
            "--job", &job, "--wait",
        ];
        args.extend(more);
        let since = Instant::now();
        let order = text(&self.renter.json(&args)?, "order")?;
        let log = iog_lab::wait_until("the first line", SECS, || {
            let log = self.renter.run(&["order", "logs", &order])?;
            Ok(Some(log).filter(|log| !log.is_empty()))
        })?;
        ensure!(log.starts_with("serving"), "{log}");
        Ok((order, since.elapsed().as_secs_f64()))
    }

    fn forward(&self, order: &str, port: u16) -> Result<Process> {
        let ports = format!("{port}:8000");
        let log = self.renter.folder.join(format!("forward{port}.log"));
        let spawn = self.renter.spawn(&["order", "forward", order, &ports])?;
        let mut forward = spawn.start(&self.renter.host.inside, &log)?;
        forward.says(&format!("localhost:{port}"), SECS)?;
        Ok(forward)
    }

    /// Seconds that so many bytes take.
    fn fetch(&self, url: &str, bytes: u64) -> Result<f64> {
        let url = format!("{url}/{bytes}");
        let args = [
            "-s",
            "-S",
            "-f",
            "-m",
            "120",
            "-o",
            "/dev/null",
            "-w",
            "%{time_total} %{size_download}",
            &url,
        ];
        let output = Spawn::new("curl", &args).output(&self.renter.host.inside)?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (seconds, got) = said
            .split_once(' ')
            .with_context(|| format!("{url}: {output:?}"))?;
        ensure!(got.trim() == bytes.to_string(), "{url}: {output:?}");
        Ok(seconds.parse()?)
    }

    /// Throughput of the link and of a WireGuard over that of the bare veth, each pair and its third in turn.
    fn unshaped(&self, direct: &str, linked: &str, wireguard: &str) -> Result<(f64, f64)> {
        let mut links = Vec::new();
        let wireguards = self.median(|| {
            let bare = self.fetch(direct, UNSHAPED_BYTES)?;
            links.push(bare / self.fetch(linked, UNSHAPED_BYTES)?);
            Ok(bare / self.fetch(wireguard, UNSHAPED_BYTES)?)
        })?;
        links.sort_by(f64::total_cmp);
        let link = links.get(PAIRS / 2).copied();
        Ok((link.context("nothing was measured")?, wireguards))
    }

    /// Throughput of `other` over that of `direct`.
    fn ratio(&self, direct: &str, other: &str, bytes: u64) -> Result<f64> {
        // A cut is told, and the pair measured again: what is wanted is the rate.
        let told = |error: anyhow::Error| {
            eprintln!("{error:#}; again");
            self.fetch(other, bytes)
        };
        self.median(|| {
            let direct = self.fetch(direct, bytes)?;
            Ok(direct / self.fetch(other, bytes).or_else(told)?)
        })
    }

    fn median(&self, mut once: impl FnMut() -> Result<f64>) -> Result<f64> {
        let mut all = (0..PAIRS).map(|_| once()).collect::<Result<Vec<f64>>>()?;
        all.sort_by(f64::total_cmp);
        all.get(PAIRS / 2).copied().context("nothing was measured")
    }
}
