mod live;
mod parameter;
mod powers;
mod price_source;
mod program;
mod resolver;
mod verbs;

use crate::{args, context::Context, error::Result};
use clap::{Args, Subcommand};
use program::Program;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Who governs and holds roles, what is paused, parameters, and the most that each role can do, of one program or all
    #[command(
        after_help = "Powers: what each role can do at once, after its delay, and never, with the keys and numbers of this network (docs/governance.md).\n\nExamples:\n  iog governance show\n  iog governance show treasury -o json"
    )]
    Show {
        /// Program [default: all]
        program: Option<Program>,
    },
    /// Name a successor of a program's authority, who must accept
    #[command(
        after_help = "Example:\n  iog governance propose market 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json"
    )]
    Propose {
        program: Program,
        /// The successor: a key or a multisig's vault
        #[arg(value_parser = args::pubkey)]
        successor: Pubkey,
    },
    /// Take the proposal of a successor back
    #[command(after_help = "Example:\n  iog governance cancel market -k authority.json")]
    Cancel(Named),
    /// Become the authority that was proposed: the signer
    #[command(after_help = "Example:\n  iog governance accept market -k successor.json")]
    Accept(Named),
    /// Name the guardian, who may pause and drop what waits, or none
    #[command(
        after_help = "Examples:\n  iog governance guardian token 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json\n  iog governance guardian token none -k authority.json"
    )]
    Guardian {
        program: Program,
        /// The guardian's address, or none
        #[arg(value_parser = args::pubkey_or_none)]
        guardian: Pubkey,
    },
    /// Name who decides disputes between renters and suppliers, 24 hours ahead, or nobody at once; the market's authority signs
    #[command(
        after_help = "While the network is set up a resolver is named at once; later iog governance apply market resolver gives it the role. Removing one sends its open disputes to the rule; without a resolver none can be opened, and slots alone decide.\n\nExamples:\n  iog governance resolver 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json\n  iog governance resolver none -k authority.json"
    )]
    Resolver {
        /// The resolver's address, or none
        #[arg(value_parser = args::pubkey_or_none)]
        resolver: Pubkey,
    },
    /// Pause actions of a program; its guardian and its authority may. Exits cannot be paused
    #[command(
        after_help = "Actions: token emission, iosd; registry registration; staking staking, proposing, taking; emission check-in; market orders; treasury auctions.\n\nExample:\n  iog governance pause token emission iosd -k guardian.json"
    )]
    Pause(Actions),
    /// Resume actions of a program; its authority may
    #[command(after_help = "Example:\n  iog governance resume token iosd -k authority.json")]
    Resume(Actions),
    /// Set a parameter within its bounds; a change that could hurt waits 24 hours, one that moves earnings between devices 7 days
    #[command(
        after_help = "Names and units are those of iog governance show.\n\nExamples:\n  iog governance set market network-fee-bps 50 -k authority.json\n  iog governance set treasury cap-per-hour 2500 -k authority.json\n  iog governance set staking case-cap-bps 2500 -k authority.json\n  iog governance set emission min-uptime-hours 5 -k authority.json\n  iog governance set emission exempt-hours 48 -k authority.json\n  iog governance set emission max-per-score-units 2500 -k authority.json\n  iog governance set market dispute-secs 43200 -k authority.json"
    )]
    Set {
        program: Program,
        /// Name, as iog governance show has it
        parameter: String,
        /// Value in whole units: IO, IOSD, US dollars, basis points, seconds, hours or points; units are 10^-8 IO
        value: String,
    },
    /// Apply a change whose time has come, by its parameter's name, or resolver; anyone may
    #[command(
        after_help = "Examples:\n  iog governance apply market network-fee-bps\n  iog governance apply market resolver"
    )]
    Apply {
        program: Program,
        /// Name, as iog governance show has it
        parameter: String,
    },
    /// Drop a change that waits, by its parameter's name, or resolver, or price-source; the program's guardian and its authority may
    #[command(
        after_help = "Namings of other roles: iog slash drop-role, iog class drop-role, iog measurer drop, iog price feed drop-reporter, drop-quorum; minters: iog token drop-minter; terms of a class: iog class drop.\n\nExamples:\n  iog governance drop market network-fee-bps -k guardian.json\n  iog governance drop market resolver -k guardian.json --yes\n  iog governance drop token price-source -k guardian.json --yes"
    )]
    Drop {
        program: Program,
        /// Name, as iog governance show has it
        change: String,
    },
    /// Where the price of IO comes from
    #[command(
        subcommand,
        after_help = "Examples:\n  iog governance price-source set --account 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json\n  iog governance price-source apply"
    )]
    PriceSource(price_source::Verb),
}

#[derive(Args, Debug)]
pub struct Named {
    program: Program,
}

#[derive(Args, Debug)]
pub struct Actions {
    program: Program,
    /// Names of the actions
    #[arg(required = true, value_name = "ACTION")]
    actions: Vec<String>,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show { program } => verbs::show(context, program).await,
        Verb::Propose { program, successor } => verbs::propose(context, program, successor).await,
        Verb::Cancel(named) => verbs::cancel(context, named.program).await,
        Verb::Accept(named) => verbs::accept(context, named.program).await,
        Verb::Guardian { program, guardian } => verbs::guardian(context, program, guardian).await,
        Verb::Resolver { resolver } => resolver::run(context, resolver).await,
        Verb::Pause(actions) => verbs::pause(context, &actions).await,
        Verb::Resume(actions) => verbs::resume(context, &actions).await,
        Verb::Set {
            program,
            parameter,
            value,
        } => verbs::set(context, program, &parameter, &value).await,
        Verb::Apply { program, parameter } => verbs::apply(context, program, &parameter).await,
        Verb::Drop { program, change } => verbs::drop_change(context, program, &change).await,
        Verb::PriceSource(verb) => price_source::run(context, verb).await,
    }
}
