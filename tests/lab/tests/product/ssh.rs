//! OpenSSH, scp, sftp and rsync as Debian ships them, through nothing but the `ProxyCommand` that `iog` writes.

use crate::world::{World, MARKERS};
use anyhow::{Context, Result};
use std::{fs, path::Path};

/// Length of what is copied: more than a window of the link, and no multiple of anything.
const BYTES: usize = 3_000_017;

/// All of them, on one lease.
pub fn works(world: &World, order: &str, lease: &str) -> Result<()> {
    let renter = &world.renter;
    let said = renter.run(&[
        "order", "ssh", order, "--lease", lease, "--", "echo", "by-ssh",
    ])?;
    anyhow::ensure!(said.trim() == "by-ssh", "{said}");
    let asked = ["order", "ssh-config", order, "--lease", lease, "--path"];
    let config = renter.run(&asked)?.trim().to_string();
    let text = fs::read_to_string(&config)?;
    let host = text.split_whitespace().nth(1).context("no host")?;
    terminal(world, &config, host).context("ssh -t")?;
    let folder = renter.folder.join("tree");
    fs::create_dir_all(folder.join("deep/er"))?;
    let bytes: Vec<u8> = (0..BYTES)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 7) as u8)
        .collect();
    fs::write(folder.join("large.bin"), &bytes)?;
    fs::write(folder.join("deep/er/small name.txt"), MARKERS[0])?;
    codes(world, &config, host).context("exit codes")?;
    scp(world, &config, host, &folder).context("scp")?;
    sftp(world, &config, host, &folder).context("sftp")?;
    rsync(world, &config, host, &folder).context("rsync")
}

/// A terminal of its own size on the device, for a terminal here.
fn terminal(world: &World, config: &str, host: &str) -> Result<()> {
    let command = format!("stty rows 33 cols 99; ssh -F '{config}' -t {host} 'tty; stty size'");
    let said = world
        .renter
        .runs("script", &["-qec", &command, "/dev/null"])?;
    anyhow::ensure!(
        said.contains("/dev/pts/") && said.contains("33 99"),
        "{said}"
    );
    Ok(())
}

fn codes(world: &World, config: &str, host: &str) -> Result<()> {
    let ssh = |command: &str| {
        let spawn = world
            .renter
            .program("ssh", &["-F", config, host, "--", command]);
        spawn.output(&world.renter.host.inside)
    };
    let output = ssh("echo out; echo err >&2; exit 9")?;
    anyhow::ensure!(
        output.status.code() == Some(9)
            && output.stdout == b"out\n"
            && output.stderr.ends_with(b"err\n"),
        "{output:?}"
    );
    Ok(())
}

fn same(one: &Path, other: &Path) -> Result<()> {
    anyhow::ensure!(
        fs::read(one)? == fs::read(other).with_context(|| other.display().to_string())?,
        "{} is not what was sent",
        other.display()
    );
    Ok(())
}

fn scp(world: &World, config: &str, host: &str, folder: &Path) -> Result<()> {
    let renter = &world.renter;
    let large = folder.join("large.bin");
    let (there, back) = (
        format!("{host}:/work/scp.bin"),
        renter.folder.join("scp.bin"),
    );
    let (from, to) = (large.display().to_string(), back.display().to_string());
    renter.runs("scp", &["-F", config, &from, &there])?;
    renter.runs("scp", &["-F", config, &there, &to])?;
    same(&large, &back)
}

fn sftp(world: &World, config: &str, host: &str, folder: &Path) -> Result<()> {
    let renter = &world.renter;
    let batch = renter.folder.join("sftp.batch");
    let (large, back) = (folder.join("large.bin"), renter.folder.join("sftp.bin"));
    let lines = format!(
        "mkdir /work/sftp\nput {} /work/sftp/a\nrename /work/sftp/a /work/sftp/b\nchmod 600 /work/sftp/b\nls -l /work/sftp\nget /work/sftp/b {}\nrm /work/sftp/b\nrmdir /work/sftp\n-ls /work/sftp\n",
        large.display(),
        back.display()
    );
    fs::write(&batch, lines)?;
    let batch = batch.display().to_string();
    let said = renter.runs("sftp", &["-F", config, "-b", &batch, host])?;
    anyhow::ensure!(
        said.contains("-rw-------") && said.contains(&BYTES.to_string()),
        "{said}"
    );
    same(&large, &back)
}

/// There and back, and nothing travels twice.
fn rsync(world: &World, config: &str, host: &str, folder: &Path) -> Result<()> {
    let renter = &world.renter;
    let (from, back) = (format!("{}/", folder.display()), renter.folder.join("back"));
    let (there, to) = (
        format!("{host}:/work/tree/"),
        format!("{}/", back.display()),
    );
    let shell = format!("ssh -F '{config}'");
    let copy =
        |from: &str, to: &str| renter.runs("rsync", &["-rltp", "-i", "-e", &shell, from, to]);
    let first = copy(&from, &there)?;
    anyhow::ensure!(first.contains("large.bin"), "{first}");
    let again = copy(&from, &there)?;
    anyhow::ensure!(!again.contains("large.bin"), "{again}");
    copy(&there, &to)?;
    for name in ["large.bin", "deep/er/small name.txt"] {
        same(&folder.join(name), &back.join(name))?;
    }
    Ok(())
}
