use super::walk::failed;
use crate::{context::Context, error::Result, output::Record};
use clap::Args;
use iog_pow_gpu::{Backend, CardInfo, Settings};

#[derive(Args, Debug)]
pub struct Seen {
    /// cpu, cuda or wgpu [default: cuda and wgpu]
    #[arg(long)]
    backend: Option<Backend>,
    /// Also list Vulkan adapters that are the processor's, such as lavapipe
    #[arg(long)]
    software: bool,
}

pub fn list(context: &Context, asked: &Seen) -> Result<()> {
    let backends = match asked.backend {
        Some(backend) => vec![backend],
        None => vec![Backend::Cuda, Backend::Wgpu],
    };
    let mut records = Vec::new();
    for backend in backends {
        let settings = Settings {
            backend,
            software: asked.software,
            ..Settings::default()
        };
        match settings.cards() {
            Ok(cards) => records.extend(cards.iter().map(|card| record(backend, card))),
            // Whoever asks for all backends has seldom all of them.
            Err(error) if asked.backend.is_none() => context.note(&format!("{backend}: {error}")),
            Err(error) => return Err(failed(error)),
        }
    }
    context.out.many(&records, "no cards");
    Ok(())
}

fn record(backend: Backend, card: &CardInfo) -> Record {
    Record::new()
        .put("backend", backend.to_string())
        .put("number", u64::try_from(card.number).unwrap_or(u64::MAX))
        .put("name", card.name.as_str())
        .put("uuid", card.uuid.clone())
        .put("bus", card.bus.clone())
        .put("memory_bytes", card.memory_bytes)
        .put("driver", card.driver.as_str())
}
