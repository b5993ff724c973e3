//! The mesh between jobs of one order beside plain TCP between the same machines, and beside WireGuards of user space; and how long a
//! cluster of four takes to form.

use crate::{
    wireguard::{Kind, Tunnel, FAR},
    PAIRS, SECS, SERVER, SHAPED_BYTES, UNSHAPED_BYTES,
};
use anyhow::{ensure, Context, Result};
use iog_lab::{ray, text, wait_until, Fleet, Host, Spawn};
use std::time::Instant;

const JOB: &str = "kind: service\ncommand: [python3, serve.py, '8000']\ninputs: [{source: serve.py}]\nports: [8000]\nreadiness: {port: 8000, path: /1}\nresources: {cpus: 2, memory: 512MiB, disk: 64MiB}\n";
/// A round trip of one byte by TCP, connection open, in milliseconds: the median of a thousand.
const TRIPS: &str = "import socket,sys,threading,time
def serve():
    l=socket.create_server(('0.0.0.0',9100)); print('ready',flush=True)
    while True:
        c,_=l.accept(); c.setsockopt(6,1,1)
        while (d:=c.recv(1)): c.send(d)
if sys.argv[1]=='serve': serve()
c=socket.create_connection((sys.argv[1],9100),20); c.setsockopt(6,1,1)
all=[]
for _ in range(1000):
    t=time.perf_counter(); c.send(b'x'); c.recv(1); all.append(time.perf_counter()-t); time.sleep(0.002)
print(sorted(all)[500]*1000)
";

#[derive(Debug)]
pub struct Mesh {
    pub form_s: f64,
    /// Throughput over that of plain TCP, lines of 200 Mbit/s.
    pub shaped: f64,
    /// Unshaped throughput over that of boringtun.
    pub over_boringtun: f64,
    /// Round trip, less the bare line's.
    pub round_trip_ms: f64,
}

pub fn measure() -> Result<Mesh> {
    let form_s = form()?;
    let fleet = Fleet::public("bench-mesh")?;
    let job = fleet.job("job", JOB, &[("serve.py", SERVER)])?;
    let order = fleet.book(&job, 2)?;
    let pair = Pair::new(&fleet, &order)?;
    let round_trip_ms = pair.round_trip_ms()?;
    let (bare, mesh) = (pair.direct(UNSHAPED_BYTES)?, pair.mesh(UNSHAPED_BYTES)?);
    println!("mesh, unshaped, over veth: {:.3}", bare / mesh);
    let boring = pair.beside(Kind::Boring)?;
    let go = pair.beside(Kind::Go)?;
    println!("mesh over boringtun {boring:.3}, over wireguard-go {go:.3}, unshaped, each beside it in turn");
    for node in &fleet.nodes {
        fleet.product.lab.limit(&node.host, 200)?;
    }
    let shaped = median(|| Ok(pair.direct(SHAPED_BYTES)? / pair.mesh(SHAPED_BYTES)?))?;
    Ok(Mesh {
        form_s,
        shaped,
        over_boringtun: boring,
        round_trip_ms,
    })
}

/// Seconds from `iog cluster create` to Ray's four nodes, on machines of three homes.
fn form() -> Result<f64> {
    let fleet = Fleet::homes("bench-form")?;
    let node = "{cpus: 1, object_store: 100MiB}";
    let job = format!(
        "kind: ray\nenv: {{PATH: '{}/bin:/usr/bin:/bin'}}\nray: {{min_nodes: 4, head: {node}, worker: {node}}}\nresources: {{cpus: 1, memory: 2GiB, disk: 512MiB}}\n",
        ray()?.display()
    );
    let job = fleet.job("ray", &job, &[])?;
    let since = Instant::now();
    let args = [
        "cluster", "create", "--name", "bench", "--class", "2", "--gpus", "4", "--hours", "3",
        "--pay", "usdc", "--check", "off", "--job", &job,
    ];
    fleet.renter.json(&args).with_context(|| fleet.tails())?;
    wait_until("Ray's nodes", SECS * 10, || {
        let status = fleet.renter.json(&["cluster", "status", "bench"])?;
        Ok((status["ray_nodes"] == 4).then_some(()))
    })?;
    let seconds = since.elapsed().as_secs_f64();
    fleet.renter.run(&["cluster", "end", "bench"])?;
    Ok(seconds)
}

/// The second member, which fetches from the first.
struct Pair<'a> {
    fleet: &'a Fleet,
    order: &'a str,
    /// Machines by rank.
    hosts: [&'a Host; 2],
    folders: [&'a std::path::Path; 2],
    _servers: Vec<iog_lab::Process>,
}

impl<'a> Pair<'a> {
    fn new(fleet: &'a Fleet, order: &'a str) -> Result<Self> {
        let leases = fleet.leases(order)?;
        let node = |rank: usize| {
            let device = text(leases.get(rank).context("two leases")?, "device")?;
            let mut nodes = fleet.nodes.iter();
            nodes
                .find(|node| node.device == device)
                .context("an unknown device")
        };
        let (far, near) = (node(0)?, node(1)?);
        let mut servers = Vec::new();
        for (name, args) in [("bytes", [SERVER, "9000"]), ("trips", [TRIPS, "serve"])] {
            let log = far.folder.join(name);
            let [program, what] = args;
            let spawn = Spawn::new("python3", &["-c", program, what]);
            let mut server = spawn.start(&far.host.inside, &log)?;
            server.says("ready", SECS)?;
            servers.push(server);
        }
        Ok(Self {
            fleet,
            order,
            hosts: [&far.host, &near.host],
            folders: [&far.folder, &near.folder],
            _servers: servers,
        })
    }

    /// Seconds that so many bytes take by the mesh, from job to job.
    fn mesh(&self, bytes: u64) -> Result<f64> {
        let url = format!("http://10.77.0.1:8000/{bytes}");
        let said = self.fleet.exec(self.order, "1", &curl(&url))?;
        timed(&said, bytes)
    }

    fn direct(&self, bytes: u64) -> Result<f64> {
        self.plain(
            &format!("http://{}:9000/{bytes}", self.hosts[0].public),
            bytes,
        )
    }

    fn plain(&self, url: &str, bytes: u64) -> Result<f64> {
        let [program, args @ ..] = curl(url);
        let output = Spawn::new(program, &args).output(&self.hosts[1].inside)?;
        timed(&String::from_utf8_lossy(&output.stdout), bytes)
    }

    /// Throughput of the mesh over that of a WireGuard between the same machines, each pair in turn.
    fn beside(&self, kind: Kind) -> Result<f64> {
        let [far, near] = self.hosts;
        let url = |bytes: u64| format!("http://{FAR}:9000/{bytes}");
        let _tunnel = Tunnel::start(
            kind,
            (far, self.folders[0]),
            (near, self.folders[1]),
            || self.plain(&url(1), 1),
        )?;
        median(|| {
            let wireguard = self.plain(&url(UNSHAPED_BYTES), UNSHAPED_BYTES)?;
            Ok(wireguard / self.mesh(UNSHAPED_BYTES)?)
        })
    }

    /// Idle, by the mesh and without it.
    fn round_trip_ms(&self) -> Result<f64> {
        let serve = [
            "sh",
            "-c",
            "python3 -c \"$0\" serve >/dev/null 2>&1 &",
            TRIPS,
        ];
        self.fleet.exec(self.order, "0", &serve)?;
        let trip = ["python3", "-c", TRIPS, "10.77.0.1"];
        let mesh = wait_until("a round trip", SECS, || {
            Ok(self.fleet.exec(self.order, "1", &trip).ok())
        })?;
        let public = self.hosts[0].public.to_string();
        let bare = Spawn::new("python3", &["-c", TRIPS, &public]).output(&self.hosts[1].inside)?;
        let bare = String::from_utf8_lossy(&bare.stdout).into_owned();
        let (mesh, bare): (f64, f64) = (mesh.trim().parse()?, bare.trim().parse()?);
        println!("round trip, idle: {mesh:.3} ms by the mesh, {bare:.3} ms by the bare line");
        Ok(mesh - bare)
    }
}

fn curl(url: &str) -> [&str; 10] {
    [
        "curl",
        "-s",
        "-S",
        "-f",
        "-m",
        "300",
        "-o",
        "/dev/null",
        "-w%{time_total} %{size_download}",
        url,
    ]
}

fn timed(said: &str, bytes: u64) -> Result<f64> {
    let (seconds, got) = said.split_once(' ').with_context(|| said.to_string())?;
    ensure!(got.trim() == bytes.to_string(), "{said}");
    Ok(seconds.parse()?)
}

fn median(mut once: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut all = (0..PAIRS).map(|_| once()).collect::<Result<Vec<f64>>>()?;
    all.sort_by(f64::total_cmp);
    all.get(PAIRS / 2).copied().context("nothing was measured")
}
