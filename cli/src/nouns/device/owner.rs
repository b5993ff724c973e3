//! What a device's owner signs.

use super::{platform::name, state, Named};
use crate::{confirm, context::Context, error::Result, output::Record};
use iog_client::{pda, registry::instructions};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn set_state(context: &Context, named: &Named, to: u8) -> Result<()> {
    let for_good = to == 2;
    if for_good {
        confirm::allowed(context, "a termination")?;
    }
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    if for_good {
        confirm::ask(context, &format!("Terminate device {address}, for good?"))?;
    }
    let set = instructions::SetDeviceState {
        owner: signer.pubkey(),
        operator: pda::registry::operator(&device.owner),
        class: device.class,
        device: address,
        state: to,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("state_before", state(device.state))
        .put("state", state(to));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn set_tunnel_key(context: &Context, named: &Named, key: [u8; 32]) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let tunnel_key = Pubkey::from(key);
    let set = instructions::SetTunnelKey {
        owner: signer.pubkey(),
        device: address,
        tunnel_key,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let name = |key: Pubkey| (key != Pubkey::default()).then_some(key);
    let record = Record::new()
        .put("device", address)
        .put("tunnel_key_before", name(device.tunnel_key))
        .put("tunnel_key", name(tunnel_key));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn set_platform(context: &Context, named: &Named, platform: u8) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let set = instructions::SetPlatform {
        owner: signer.pubkey(),
        device: address,
        platform,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("platform_before", name(device.platform))
        .put("platform", name(platform));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn close_proof(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let (address, _) = context.device(&named.device).await?;
    let attestation = pda::registry::attestation(&address);
    let accounts = context.accounts(&[attestation]).await?;
    let lamports = accounts.iter().flatten().map(|account| account.lamports);
    let close = instructions::CloseAttestation {
        owner: signer.pubkey(),
        device: address,
        attestation,
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("rent_lamports", lamports.sum::<u64>());
    context.out.one(&record.extend(receipt));
    Ok(())
}
