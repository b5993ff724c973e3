//! `order ssh`, `ssh-config` and `proxy`: OpenSSH, scp, rsync and what else takes a `ProxyCommand`, unmodified.

use super::which::{say, One};
use crate::{
    agent::{
        client::{cut, short, Client},
        folder::Folder,
        wire::LeaseView,
    },
    context::Context,
    error::{CliError, Result},
    output::{Format, Record},
};
use clap::Args;
use iog_job::{wire::Verb, HostKey, Signed};
use std::{fs, io, path::PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MAX_KEY_BYTES: usize = 8 << 10;
const COPY_BYTES: usize = 256 << 10;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// For ssh itself, after --: options, or a command
    #[arg(last = true)]
    more: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Shown {
    #[command(flatten)]
    one: One,
    /// Print where it is instead: ssh -F "$(iog order ssh-config ORDER --path)" HOST
    #[arg(long)]
    path: bool,
}

/// Runs the system's ssh; its exit code is ours.
pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let (config, host) = prepare(context, &terms.one).await?;
    let (options, command): (Vec<_>, Vec<_>) = split(terms.more);
    let status = tokio::process::Command::new("ssh")
        .arg("-F")
        .arg(config)
        .args(options)
        .arg(host)
        .args(command)
        .status()
        .await
        .map_err(|error| {
            CliError::usage(format!(
                "ssh cannot be run: {error}; install OpenSSH's client"
            ))
        })?;
    std::process::exit(status.code().unwrap_or(255))
}

/// Options of ssh come before the host, a command behind it. Options with a value are those of ssh(1).
fn split(more: Vec<String>) -> (Vec<String>, Vec<String>) {
    const WITH_VALUE: &str = "BbcDEeFIiJLlmOopQRSWw";
    let mut options = Vec::new();
    let mut rest = more.into_iter().peekable();
    while let Some(word) = rest.next_if(|word| word.starts_with('-') && word.len() > 1) {
        let takes = word.len() == 2
            && word
                .chars()
                .nth(1)
                .is_some_and(|letter| WITH_VALUE.contains(letter));
        options.push(word);
        if takes {
            options.extend(rest.next());
        }
    }
    (options, rest.collect())
}

pub async fn show(context: &Context, shown: Shown) -> Result<()> {
    let (config, host) = prepare(context, &shown.one).await?;
    if context.out.format() != Format::Table {
        let record = Record::new()
            .put("order", shown.one.order)
            .put("host", host)
            .put("config", config.display().to_string());
        context.out.one(&record);
        return Ok(());
    }
    if shown.path {
        crate::output::write(&format!("{}\n", config.display()));
        return Ok(());
    }
    let text = fs::read_to_string(&config)
        .map_err(|error| CliError::usage(format!("{}: {error}", config.display())))?;
    crate::output::write(&text);
    context.note(&format!(
        "ssh -F {} {host}; or Include it in ~/.ssh/config",
        config.display()
    ));
    Ok(())
}

/// A config for one match of one lease, and the host's name in it.
async fn prepare(context: &Context, one: &One) -> Result<(PathBuf, String)> {
    let client = one.client()?;
    let lease = one.ready(context, &client, false).await?;
    let known = host_key(context, &client, &lease).await?;
    let host = format!("iog-{}", short(&lease.binding.lease));
    let folder = format!("{}/ssh", Folder::lease_name(&lease.binding));
    let alias = format!("{host}-{}", lease.binding.matched_ts);
    let known_name = format!("{folder}/known_hosts");
    let line = format!("{alias} {known}\n");
    let path = client.folder.path().join(&known_name);
    // Of one match the key stays: another one is another machine. redteam S3
    match fs::read_to_string(&path) {
        Ok(before) if before != line => {
            return Err(CliError::Other {
                text: format!(
                    "the device shows another ssh key than before in the same match: refused, somebody else may answer. What was shown before is in {}",
                    path.display()
                ),
                code: 3,
            })
        }
        Ok(_) => {}
        Err(_) => client.folder.write(&known_name, line.as_bytes())?,
    }
    let program = std::env::current_exe().map_err(|error| CliError::usage(error.to_string()))?;
    let text = config(&host, &alias, &path, &program, &lease);
    client
        .folder
        .write(&format!("{folder}/config"), text.as_bytes())?;
    Ok((client.folder.path().join(folder).join("config"), host))
}

/// What the user's own settings, and a device that is not theirs, must not add to.
fn config(
    host: &str,
    alias: &str,
    known: &std::path::Path,
    program: &std::path::Path,
    lease: &LeaseView,
) -> String {
    let (order, lease) = (lease.binding.order, lease.binding.lease);
    let quoted = |path: &std::path::Path| format!("\"{}\"", path.display());
    let lines = [
        format!("HostName {alias}"),
        format!("HostKeyAlias {alias}"),
        "User job".to_string(),
        format!(
            "ProxyCommand {} order proxy {order} --lease {lease}",
            quoted(program)
        ),
        format!("UserKnownHostsFile {}", quoted(known)),
        "GlobalKnownHostsFile /dev/null".to_string(),
        "StrictHostKeyChecking yes".to_string(),
        "CheckHostIP no".to_string(),
        "UpdateHostKeys no".to_string(),
        "VerifyHostKeyDNS no".to_string(),
        "ForwardAgent no".to_string(),
        "ForwardX11 no".to_string(),
        "PermitLocalCommand no".to_string(),
        "IdentitiesOnly yes".to_string(),
        "IdentityFile none".to_string(),
        "PasswordAuthentication no".to_string(),
        "KbdInteractiveAuthentication no".to_string(),
        "ServerAliveInterval 15".to_string(),
        "LogLevel ERROR".to_string(),
    ];
    format!("Host {host}\n    {}\n", lines.join("\n    "))
}

/// The key that the device's ssh server shows, signed by the lease's tunnel key.
async fn host_key(context: &Context, client: &Client, lease: &LeaseView) -> Result<String> {
    let mut stream = client.stream(&lease.binding.lease, Verb::HostKey).await?;
    say(context, &stream.line);
    let signed: Signed = stream.message(MAX_KEY_BYTES).await?;
    let refuse = |reason: &str| CliError::Other {
        text: format!("the device's ssh key is refused: {reason}"),
        code: 3,
    };
    let (binding, shown) = signed
        .open::<HostKey>(&lease.tunnel_key)
        .map_err(|error| refuse(&error.to_string()))?;
    if binding != lease.binding {
        return Err(refuse("it is of another lease or match"));
    }
    // One line of known_hosts, and nothing that would make two of it.
    let words: Vec<&str> = shown.key.split(' ').collect();
    let plain = |word: &&str| {
        word.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-".contains(&byte))
    };
    match words.as_slice() {
        ["ssh-ed25519", key] if plain(key) && !key.is_empty() => Ok(shown.key.clone()),
        _ => Err(refuse("it is no ssh-ed25519 key")),
    }
}

/// The bytes of one connection, on standard input and output: for `ProxyCommand`.
pub async fn proxy(context: &Context, one: One) -> Result<()> {
    let client = one.client()?;
    let lease = one.ready(context, &client, false).await?.binding.lease;
    let stream = client.stream(&lease, Verb::Ssh).await?;
    let (mut from, mut to) = (stream.from, stream.to);
    let up = async {
        let mut stdin = tokio::io::stdin();
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let read = stdin.read(&mut buffer).await?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return to.end().await;
            }
            to.send(bytes).await?;
        }
    };
    let down = async {
        let mut stdout = tokio::io::stdout();
        tokio::io::copy(&mut from, &mut stdout).await?;
        stdout.flush().await
    };
    let up = async {
        match up.await {
            Ok(()) => std::future::pending::<io::Result<()>>().await,
            error => error,
        }
    };
    let ended = tokio::select! {
        ended = down => ended,
        ended = up => ended,
    };
    let code = match ended {
        Ok(()) => 0,
        Err(error) => {
            let error = cut(error);
            eprintln!("iog: {}", error.line());
            error.exit_code()
        }
    };
    // Standard input may be waited for by a thread that nothing can end.
    std::process::exit(code.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_ssh_come_before_the_host() {
        let words = |line: &str| line.split(' ').map(str::to_string).collect::<Vec<_>>();
        let (options, command) = split(words("-v -L 8080:localhost:80 -N"));
        assert_eq!((options.len(), command.len()), (4, 0));
        let (options, command) = split(words("-t ls -l /work"));
        assert_eq!(options, ["-t"]);
        assert_eq!(command, ["ls", "-l", "/work"]);
    }
}
