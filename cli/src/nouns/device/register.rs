use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_client::{
    emission, pda,
    registry::{accounts::Operator, instructions, types::DeviceArgs},
};
use iog_tx::read_keypair_file;
use solana_keypair::Keypair;
use solana_signer::Signer;
use std::{io::Write, path::Path};

pub fn keygen(context: &Context, file: &Path) -> Result<()> {
    let refuse = |error: std::io::Error| {
        let reason = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "it exists and is not overwritten".to_string(),
            _ => error.to_string(),
        };
        CliError::usage(format!("cannot make {}: {reason}", file.display()))
    };
    let key = Keypair::new();
    let text = serde_json::to_string(&key.to_bytes().to_vec())
        .map_err(|error| CliError::usage(error.to_string()))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut created = options.open(file).map_err(refuse)?;
    created
        .write_all(text.as_bytes())
        .and_then(|()| created.sync_all())
        .map_err(refuse)?;
    context.out.one(
        &Record::new()
            .put("file", file.display().to_string())
            .put("device_key", key.pubkey())
            .put("device", pda::registry::device(&key.pubkey())),
    );
    Ok(())
}

pub async fn register(
    context: &Context,
    key_file: &Path,
    class: u16,
    args: DeviceArgs,
) -> Result<()> {
    let signer = context.signer()?;
    let device_key = read_keypair_file(key_file)?;
    let authority = signer.pubkey();
    let device = pda::registry::device(&device_key.pubkey());
    let operator = pda::registry::operator(&authority);
    let class = pda::registry::class(class);
    context.class(&class).await?;
    context
        .get::<Operator>(
            &operator,
            "register first with iog operator register --name NAME",
        )
        .await?;
    let register = instructions::RegisterDevice {
        authority,
        device_key: device_key.pubkey(),
        operator,
        class,
        device,
        attestation: pda::registry::attestation(&device),
        args,
    };
    // Without a rewards account no keeper can check the device in.
    let rewards = emission::instructions::OpenRewards {
        payer: authority,
        device,
        rewards: pda::emission::rewards(&device),
    };
    let receipt = context
        .submit(
            &[register.instruction(), rewards.instruction()],
            &signer,
            &[&device_key],
        )
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("device_key", device_key.pubkey())
        .put("owner", authority);
    context.out.one(&record.extend(receipt));
    Ok(())
}
