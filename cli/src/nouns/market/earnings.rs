use super::credit;
use crate::{
    args,
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::{CliError, Result},
    market::currency::{self, Currency, Pay, Payment},
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{CreditLine, Earnings, Escrow},
        instructions,
    },
    pda,
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const HOW_TO_OPEN: &str = "the supplier opens it with iog market open-earnings";

#[derive(Args, Debug)]
pub struct Withdrawal {
    #[command(flatten)]
    payment: Payment,
    /// The supplier [default: the signer]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    owner: Option<Pubkey>,
}

pub async fn find(context: &Context, currency: &Currency, owner: &Pubkey) -> Result<Earnings> {
    let address = pda::market::earnings(&currency.mint, owner);
    context.get(&address, HOW_TO_OPEN).await
}

pub async fn open(context: &Context, payment: &Payment) -> Result<()> {
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let currency = currency::find(context, payment).await?;
    let earnings = pda::market::earnings(&currency.mint, &owner);
    let open = instructions::OpenEarnings {
        owner,
        escrow: currency.escrow(),
        earnings,
    };
    let receipt = context.submit(&[open.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("owner", owner)
        .put("currency", currency.pay.unit())
        .put("mint", currency.mint)
        .put("earnings", earnings);
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn show(context: &Context, wallet: Option<Pubkey>) -> Result<()> {
    let owner = context.wallet(wallet)?;
    let found = context
        .list::<Earnings>(&[(Earnings::OWNER_AT, owner.as_ref())])
        .await?;
    let escrows: Vec<Pubkey> = found
        .iter()
        .map(|(_, held)| pda::market::escrow(&held.mint))
        .collect();
    let escrows = context.find_all::<Escrow>(&escrows).await?;
    let line: Option<CreditLine> = context.find(&pda::market::credit_line()).await?;
    let mut records = Vec::new();
    for ((_, held), escrow) in found.iter().zip(escrows) {
        if let Some(escrow) = escrow {
            records.push(record(held, Pay::of(escrow.currency)?, line.as_ref())?);
        }
    }
    context.out.many(&records, "no earnings opened");
    Ok(())
}

/// A claim is on IO, whatever was earned.
fn record(held: &Earnings, pay: Pay, line: Option<&CreditLine>) -> Result<Record> {
    let line = line.filter(|_| pay == Pay::Iosd);
    let place = line.map(|line| credit::place(held, line)).transpose()?;
    Ok(Record::new()
        .put("currency", pay.unit())
        .put("mint", held.mint)
        .put("due", pay.amount(held.due_units))
        .put("withdrawn", pay.amount(held.withdrawn_units))
        .put("leases", held.leases)
        .put("claim", line.map(|_| Io(held.claim_units)))
        .put("claim_paid", line.map(|_| Io(held.claim_paid_units)))
        .put(
            "claim_payable",
            place.as_ref().map(|place| Io(place.payable)),
        )
        .put("claim_behind", place.as_ref().map(|place| Io(place.behind))))
}

pub async fn withdraw(context: &Context, withdrawal: &Withdrawal) -> Result<()> {
    confirm::allowed(context, "a withdrawal")?;
    let signer = context.signer()?;
    let owner = withdrawal.owner.unwrap_or(signer.pubkey());
    let currency = currency::find(context, &withdrawal.payment).await?;
    let held = find(context, &currency, &owner).await?;
    let earnings = pda::market::earnings(&currency.mint, &owner);
    let (amount, instructions) = match currency.pay {
        Pay::Io | Pay::Usdc => {
            let destination = currency.account(&owner);
            let pay_out = instructions::WithdrawEarnings {
                signer: signer.pubkey(),
                earnings,
                escrow: currency.escrow(),
                vault: pda::market::vault(&currency.mint),
                mint: currency.mint,
                destination,
                associated: destination,
            };
            let open = currency.open_account(&signer.pubkey(), &owner);
            (
                currency.amount(held.due_units),
                [open, pay_out.instruction()],
            )
        }
        Pay::Iosd => {
            let line: CreditLine = context
                .get(&pda::market::credit_line(), "this market takes no IOSD")
                .await?;
            let io_mint = context.io_mint().await?;
            let destination = token_account(&owner, &io_mint);
            let pay_out = instructions::PayCredit {
                signer: signer.pubkey(),
                earnings,
                vault: pda::market::credit_vault(),
                io_mint,
                destination,
                associated: destination,
            };
            let open = open_token_account(&signer.pubkey(), &owner, &io_mint);
            let payable = credit::place(&held, &line)?.payable;
            (Pay::Io.amount(payable), [open, pay_out.instruction()])
        }
    };
    if amount.units == 0 {
        let hint = match currency.pay {
            Pay::Iosd => {
                "; earned IOSD becomes a claim with iog market claim, which is paid in its turn"
            }
            Pay::Io | Pay::Usdc => "",
        };
        return Err(CliError::Refused(format!(
            "nothing can be paid to {owner} now{hint}: see iog market earnings"
        )));
    }
    confirm::ask(context, &format!("Pay {amount} to supplier {owner}?"))?;
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let record = Record::new()
        .put("owner", owner)
        .put("currency", currency.pay.unit())
        .put("withdrawn", amount);
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn close(context: &Context, payment: &Payment) -> Result<()> {
    confirm::allowed(context, "closing earnings")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let currency = currency::find(context, payment).await?;
    let held = find(context, &currency, &owner).await?;
    let claimed = held.claim_units.saturating_sub(held.claim_paid_units);
    if held.due_units > 0 || held.leases > 0 || claimed > 0 {
        return Err(CliError::Refused(format!(
            "the account is needed: {} are due, {} IO of a claim wait and {} leases pay in",
            currency.amount(held.due_units),
            Io(claimed),
            held.leases
        )));
    }
    let unit = currency.pay.unit();
    confirm::ask(
        context,
        &format!("Close what {owner} earns in {unit}? Its devices take no more orders in it."),
    )?;
    let close = instructions::CloseEarnings {
        owner,
        earnings: pda::market::earnings(&currency.mint, &owner),
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("owner", owner)
        .put("currency", unit)
        .put("earnings", close.earnings);
    context.out.one(&record.extend(receipt));
    Ok(())
}
