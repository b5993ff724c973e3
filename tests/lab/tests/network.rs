//! The lab itself: what it simulates is there.

use iog_lab::{wait_until, Capture, Fault, Lab, Leak, Nat, RpcProxy, Shape, Spawn};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::Command,
    time::Duration,
};

const SECS: Duration = Duration::from_secs(10);

/// A UDP server that says back from where it was asked.
const MIRROR: &str = "import select,socket
all=[]
for host in ('203.0.113.2','203.0.113.3'):
    s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
    s.bind((host,7000))
    all.append(s)
print('ready',flush=True)
while True:
    for s in select.select(all,[],[])[0]:
        d,a=s.recvfrom(2000)
        s.sendto(('%s:%d'%a).encode(),a)";

/// Asks two mirrors from one port.
const ASK: &str = "import socket,sys
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
s.settimeout(5)
s.bind(('0.0.0.0',4000))
for host in sys.argv[1:]:
    s.sendto(b'plain-marker',(host,7000))
    print(s.recvfrom(2000)[0].decode())";

/// redteam 14: a router that keeps ports and one that does not differ, and the detector finds a leak that it must find
#[test]
fn routers_map_ports_as_their_kind_does_and_leaks_are_found() {
    let mut lab = Lab::new("nat", 3).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let capture = Capture::start(&lab.internet, folder.path()).unwrap();
    let log = folder.path().join("mirror");
    let mut mirror = Spawn::new("python3", &["-c", MIRROR])
        .start(&lab.internet, &log)
        .unwrap();
    mirror.says("ready", SECS).unwrap();
    let servers = [lab.server(2).to_string(), lab.server(3).to_string()];
    let mut asked = Vec::new();
    for (name, nat) in [("even", Nat::Independent), ("odd", Nat::Symmetric)] {
        let shape = Shape {
            nat: Some(nat),
            ..Shape::default()
        };
        let host = lab.host(name, shape).unwrap();
        let args = ["-c", ASK, &servers[0], &servers[1]];
        let output = Spawn::new("python3", &args).output(&host.inside).unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let seen: Vec<String> = text.lines().map(str::to_string).collect();
        assert_eq!(seen.len(), 2);
        for address in &seen {
            assert!(
                address.starts_with(&format!("{}:", host.public)),
                "{address}"
            );
        }
        asked.push((seen, host));
    }
    assert_eq!(asked[0].0[0], asked[0].0[1], "the same port towards both");
    assert_ne!(asked[1].0[0], asked[1].0[1], "another port towards each");
    let packets = capture.end().unwrap();
    let known = |flow: &iog_lab::Flow| flow.one.1 == 7000 || flow.other.1 == 7000;
    let leaks = packets.leaks(&["plain-marker", "never-sent"], known);
    assert_eq!(leaks.len(), 4, "{leaks:?}");
    for leak in &leaks {
        assert!(
            matches!(leak, Leak::Marker(word, _) if word == "plain-marker"),
            "{leak:?}"
        );
    }
    assert_eq!(
        packets.leaks(&[], |_| false).len(),
        4,
        "strangers are found, too"
    );
}

#[test]
fn lines_delay_and_lose() {
    let mut lab = Lab::new("line", 1).unwrap();
    let shape = Shape {
        nat: Some(Nat::Independent),
        line: true,
        ..Shape::default()
    };
    let host = lab.host("far", shape).unwrap();
    let server = lab.server(1).to_string();
    let ping = |count: &str| {
        let args = ["-q", "-i", "0.01", "-c", count, "-W", "2", &server];
        let output = Spawn::new("ping", &args).output(&host.inside).unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    wait_until("the first answer", SECS, || {
        Ok(ping("1").contains(" 1 received").then_some(()))
    })
    .unwrap();
    host.weather(Duration::from_millis(40), 0);
    let text = ping("5");
    assert!(text.contains(" 0% packet loss"), "{text}");
    let least = text
        .split("rtt min/avg/max/mdev = ")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    assert!(least.parse::<f64>().unwrap() >= 80.0, "{text}");
    host.weather(Duration::ZERO, 100);
    let text = ping("300");
    let received = text.split(", ").nth(1).unwrap().split(' ').next().unwrap();
    let received: u32 = received.parse().unwrap();
    // A tenth each way: 243 of 300.
    assert!((200..280).contains(&received), "{text}");
    host.line.as_ref().unwrap().cut(true);
    assert!(ping("1").contains(" 0 received"));
}

#[test]
fn endpoints_bend_answers() {
    let lab = Lab::new("rpc", 2).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = "import http.server,json,itertools
n=itertools.count(1)
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(s):
        b=json.loads(s.rfile.read(int(s.headers['content-length'])))
        r=json.dumps({'jsonrpc':'2.0','id':b['id'],'result':{'slot':next(n),'data':['AQIDBAU=','base64']}}).encode()
        s.send_response(200);s.send_header('content-length',str(len(r)));s.end_headers();s.wfile.write(r)
    def log_message(s,*a): pass
h=http.server.HTTPServer(('127.0.0.1',9000),H)
print('ready',flush=True)
h.serve_forever()";
    let log = folder.path().join("server");
    let mut upstream = Spawn::new("python3", &["-c", server])
        .start(&lab.internet, &log)
        .unwrap();
    upstream.says("ready", SECS).unwrap();
    let proxy =
        RpcProxy::start(&lab.internet, lab.server(2), 8899, "http://127.0.0.1:9000").unwrap();
    let url = proxy.url().to_string();
    let ask = || {
        let body = r#"{"jsonrpc":"2.0","id":7,"method":"getSlot"}"#;
        let args = [
            "-s",
            "-i",
            "-m",
            "5",
            "-H",
            "content-type: application/json",
            "-d",
            body,
            &url,
        ];
        let output = Spawn::new("curl", &args).output(&lab.internet).unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ask().contains("\"slot\": 1"));
    proxy.fault("getSlot", Some(Fault::TooMany(20)));
    let text = ask();
    assert!(
        text.contains("429") && text.contains("retry-after: 20"),
        "{text}"
    );
    proxy.fault("getSlot", Some(Fault::Twice));
    assert!(ask().contains("\"slot\": 3"));
    proxy.fault("getSlot", Some(Fault::Ahead(100)));
    assert!(ask().contains("\"slot\":104"));
    proxy.fault("getSlot", Some(Fault::Stale));
    assert!(ask().contains("\"slot\": 5") && ask().contains("\"slot\":5"));
    let lie = Fault::Lie {
        of: "0203".into(),
        instead: "ffff".into(),
    };
    proxy.fault("getSlot", Some(lie));
    assert!(ask().contains("Af//BAU="));
    proxy.fault("*", Some(Fault::Error(-32005, "behind".into())));
    proxy.fault("getSlot", None);
    assert!(ask().contains("behind"));
    proxy.fault("*", Some(Fault::Drop));
    assert!(!ask().contains("result"));
    assert_eq!(proxy.asked("getSlot"), 9);
}

/// Set in the namespaces of a user's own.
const INSIDE: &str = "IOG_LAB_INSIDE";
const NOBODY: &str = "65534";

/// Its own processes are the user's.
fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// redteam 14: the network part needs no root: a user's own namespaces do. Lines do where the user may open /dev/net/tun.
#[test]
fn a_user_who_is_not_root_runs_it_too() {
    if std::env::var_os(INSIDE).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("network");
    fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    for path in [folder.path(), &own] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = "mount -t tmpfs tmpfs /run && exec \"$@\"";
    let inside = ["unshare", "-Urnm", "sh", "-c", script, "sh"].map(String::from);
    let user = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(user);
    }
    command.args(inside).arg(&own).env(INSIDE, "1");
    let tun = fs::metadata("/dev/net/tun").unwrap();
    let (lines, passed) = match tun.mode() & 0o006 {
        0o006 => (true, 4),
        _ => (false, 3),
    };
    if !lines {
        command.args(["--skip", "lines_delay_and_lose"]);
    }
    let output = command.current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wanted = format!("test result: ok. {passed} passed; 0 failed");
    assert!(said.contains(&wanted), "{output:?}");
    // Outside of such a namespace the same user is told what to do.
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(user);
    }
    let args = ["--exact", "endpoints_bend_answers"];
    command.arg(&own).args(args).env(INSIDE, "1");
    let output = command.current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && said.contains("unshare -Urnm"),
        "{output:?}"
    );
}
