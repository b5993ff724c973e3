//! Users of this machine, by name or number.

use crate::{
    config::Node,
    error::{KeeperError, Result},
};
use std::fs;

/// Who a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// Who the processes of a node are; nobody in particular where all are the supervisor's user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Users {
    pub chain: Option<User>,
    pub link: Option<User>,
    pub jobs: Option<User>,
}

impl User {
    /// The users of a node's processes. Only root can become somebody else.
    ///
    /// # Errors
    /// If one is not known.
    pub fn of_node(node: &Node) -> Result<Users> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Users::default());
        }
        let found = |name: &Option<String>| name.as_deref().map(Self::named).transpose();
        Ok(Users {
            chain: found(&node.chain_user)?,
            link: found(&node.link_user)?,
            jobs: found(&node.jobs_user)?,
        })
    }

    /// # Errors
    /// If there is no such user.
    pub fn named(name: &str) -> Result<Self> {
        let path = "/etc/passwd";
        let text = fs::read_to_string(path).map_err(KeeperError::file(path))?;
        Self::among(&text, name).ok_or_else(|| {
            KeeperError::Config(format!(
                "[node]: no user of this machine is called `{name}`; make one (useradd --system {name}) or name another"
            ))
        })
    }

    fn among(passwd: &str, name: &str) -> Option<Self> {
        let number = name.parse::<u32>().ok();
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (own, _) = (fields.next()?, fields.next()?);
            let uid = fields.next()?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            (own == name || number == Some(uid)).then_some(Self { uid, gid })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name_and_number() {
        let text =
            "root:x:0:0:root:/root:/bin/sh\n# no user\niog-link:x:997:990::/:/usr/sbin/nologin\n";
        let found = |name| User::among(text, name).map(|user| (user.uid, user.gid));
        assert_eq!(found("root"), Some((0, 0)));
        assert_eq!(found("iog-link"), Some((997, 990)));
        assert_eq!(found("997"), Some((997, 990)));
        assert_eq!(found("iog"), None);
        assert_eq!(found("990"), None);
    }
}
