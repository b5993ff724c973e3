//! Surfpool reports its life on a bounded channel that somebody must read, or it stops.

use crossbeam_channel::{Receiver, Sender};
use std::thread::Builder;
use surfpool_types::SimnetEvent;

/// What the owner of the network waits for.
pub(crate) enum Notice {
    Ready,
    Failed(String),
    ServerClosed,
}

/// Reads events until the network is gone; logs go to `tracing`, never to stdout.
pub(crate) fn follow(
    events: Receiver<SimnetEvent>,
    notices: Sender<Notice>,
) -> std::io::Result<()> {
    Builder::new()
        .name("localnet-events".into())
        .spawn(move || {
            for event in events {
                // A notice that nobody awaits any more is of no use to anybody.
                let _ = match event {
                    SimnetEvent::CoreStarted(_) => notices.send(Notice::Ready),
                    SimnetEvent::Aborted(reason) => notices.send(Notice::Failed(reason)),
                    SimnetEvent::Shutdown => notices.send(Notice::ServerClosed),
                    SimnetEvent::ErrorLog(_, text) => {
                        tracing::warn!(target: "iog_localnet::surfpool", "{text}");
                        Ok(())
                    }
                    SimnetEvent::WarnLog(_, text)
                    | SimnetEvent::InfoLog(_, text)
                    | SimnetEvent::DebugLog(_, text) => {
                        tracing::debug!(target: "iog_localnet::surfpool", "{text}");
                        Ok(())
                    }
                    _ => Ok(()),
                };
            }
        })?;
    Ok(())
}
