//! The table of powers: the same in the docs and in `iog governance show`, and complete.

use super::programs::programs;
use serde_json::Value;
use solana_instruction::Instruction;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use toml::Table;

const BEGIN: &str = "<!-- powers: begin -->\n";
const END: &str = "<!-- powers: end -->";

/// Who may send which instruction, by the table's rows; beside what every config has. `user` is whoever it is about: an owner, a renter, a
/// co-staker.
const SENDERS: &str = "
token upgrade-authority: initialize initialize_existing
token authority: create_iosd create_price_feed create_vesting register_minter remove_minter restore_minter set_minter_cap
token authority: set_price_quorum set_price_source set_reporter
token guardian: drop_minter drop_price_quorum drop_price_source drop_reporter
token minter: burn_iosd mint_emission mint_net_emission refund_iosd settle_iosd
token user: burn_io burn_io_for_iosd
token anyone: apply_minter_cap apply_price_quorum apply_price_source apply_reporter observe_price release_vested report_price
registry upgrade-authority: initialize
registry authority: add_class set_measurer set_role
registry guardian: drop_class_terms drop_measurer drop_role
registry catalog-authority: schedule_class update_class
registry attestor: set_security
registry measurer: measure
registry device-key: commit heartbeat
registry user: close_attestation register_device register_operator set_device_state set_platform set_tunnel_key update_operator
registry anyone: apply_class apply_measurer apply_role finalize open_measurements open_window record_challenge refresh_tier reveal
staking upgrade-authority: initialize
staking authority: set_appeal_authority set_slasher
staking guardian: drop_slash_role
staking slasher: propose_restitution propose_slash
staking judge: resolve withdraw_case
staking user: accept_offer appeal increase_stake leave make_offer request_unstake retract stake withdraw withdraw_overflow
staking anyone: apply_slash_role close_restitution fetch_restitution finalize_restitution finalize_slash withdraw_co
emission upgrade-authority: initialize
emission anyone: check_in claim claim_co close_hour mint_due open_page open_rewards settle
market upgrade-authority: initialize
market authority: add_credit_escrow add_escrow add_price_book set_price_book set_resolver
market guardian: drop_resolver
market resolver: resolve_dispute
market device-key: accept decline leave_lease relist_device
market user: add_funds add_funds_credit cancel_order claim_credit close_earnings close_occupancy close_renter
market user: create_credit_order create_order end_early extend extend_credit list_device open_dispute open_earnings reduce set_engineer_key
market anyone: answer_dispute apply_resolver close_lease close_order close_verdict collect_fees delist_device expire_order fund_credit
market anyone: fund_from_treasury match_device open_renter pay_credit price_anew quote refund refund_credit release_kept
market anyone: report_timeout resolve_by_rule settle settle_credit skip_device update_cover withdraw_earnings
treasury upgrade-authority: initialize
treasury authority: add_auction add_fee_vault
treasury market-authority: collect pay_incentive release_kept
treasury anyone: burn_io_fees open_auction sell_io
";

/// Program, row and instruction.
fn senders() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    SENDERS.trim().lines().flat_map(|line| {
        let (who, names) = line.split_once(": ").expect("who: what");
        let (program, id) = who.split_once(' ').expect("program and row");
        names.split(' ').map(move |name| (program, id, name))
    })
}

/// What every config has.
const EVERYWHERE: [&str; 9] = [
    "propose_authority",
    "cancel_authority",
    "accept_authority",
    "set_guardian",
    "pause",
    "resume",
    "set_parameter",
    "apply_parameter",
    "drop_parameter",
];

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}

fn rows() -> Vec<Table> {
    let text = fs::read_to_string(file("cli/src/nouns/governance/powers.toml")).unwrap();
    let table: Table = text.parse().unwrap();
    let rows = table["power"].as_array().unwrap();
    rows.iter()
        .map(|row| row.as_table().unwrap().clone())
        .collect()
}

fn text<'a>(row: &'a Table, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}

/// Names of parameters as the docs write them: `case_cap_bps` for `{staking.case-cap-bps}`.
fn named(cell: &str) -> String {
    let mut out = String::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a closing brace");
        let (_, parameter) = name.split_once('.').expect("program and parameter");
        let _ = write!(out, "{before}`{}`", parameter.replace('-', "_"));
        rest = after;
    }
    out + rest
}

fn rendered(rows: &[Table]) -> String {
    let mut out =
        String::from("| role | in | at once | after its delay | never |\n|---|---|---|---|---|\n");
    for row in rows {
        let programs = row["programs"].as_array().unwrap();
        let programs: Vec<&str> = programs.iter().map(|name| name.as_str().unwrap()).collect();
        let all = programs.len() == 6;
        let programs = if all {
            "all".to_string()
        } else {
            programs.join(", ")
        };
        let [at_once, after_delay, never] =
            ["at_once", "after_delay", "never"].map(|key| named(text(row, key)));
        let role = text(row, "role");
        let _ = writeln!(
            out,
            "| **{role}** | {programs} | {at_once} | {after_delay} | {never} |"
        );
    }
    out
}

/// Written with `IOG_WRITE_DOCS=1`.
#[test]
fn the_docs_show_the_table() {
    let path = file("docs/governance.md");
    let docs = fs::read_to_string(&path).unwrap();
    let (before, rest) = docs.split_once(BEGIN).expect("the table's begin");
    let (stated, after) = rest.split_once(END).expect("the table's end");
    let table = rendered(&rows());
    if std::env::var_os("IOG_WRITE_DOCS").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(stated, table, "write it with IOG_WRITE_DOCS=1");
}

/// Each row says all of it, of programs that exist, and each parameter that it names is one.
#[test]
fn each_row_is_whole() {
    let known: BTreeSet<&str> = programs().iter().map(|program| program.name).collect();
    let parameters: BTreeSet<String> = super::limits::limits()
        .iter()
        .map(|limit| format!("{}.{}", limit.program, kebab(limit.name)))
        .collect();
    let mut ids = BTreeSet::new();
    for row in rows() {
        let id = text(&row, "id").to_string();
        assert!(ids.insert(id.clone()), "{id} twice");
        assert_eq!(row.len(), 6, "{id}");
        let of = row["programs"].as_array().unwrap();
        assert!(of.iter().all(|name| known.contains(name.as_str().unwrap())));
        for key in ["role", "at_once", "after_delay", "never"] {
            let cell = text(&row, key);
            assert!(!cell.is_empty() && !cell.contains(['|', '\n']), "{id}");
            for part in cell.split('{').skip(1) {
                let (name, _) = part.split_once('}').unwrap();
                assert!(parameters.contains(name), "{id}: {name}");
            }
        }
    }
}

/// `case-cap-bps` for `CaseCapBps`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The names of a program's instructions.
fn instructions(program: &str) -> BTreeMap<String, Value> {
    let idl = fs::read_to_string(file(&format!("idl/{program}.json"))).unwrap();
    let idl: Value = serde_json::from_str(&idl).unwrap();
    let all = idl["instructions"].as_array().unwrap();
    all.iter()
        .map(|one| (one["name"].as_str().unwrap().to_string(), one.clone()))
        .collect()
}

/// The name of an instruction, by its discriminator.
pub fn name_of(program: &str, instruction: &Instruction) -> String {
    let is = |one: &Value| {
        let discriminator = one["discriminator"].as_array().unwrap().iter();
        let bytes: Vec<u8> = discriminator
            .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
            .collect();
        instruction.data.starts_with(&bytes)
    };
    let found = instructions(program).into_iter().find(|(_, one)| is(one));
    found.expect("an instruction of the program").0
}

/// What a row's role sends, of one program.
pub fn sent_by(program: &str, id: &str) -> BTreeSet<String> {
    senders()
        .filter(|(of, role, _)| (*of, *role) == (program, id))
        .map(|(_, _, name)| name.to_string())
        .collect()
}

/// Every instruction of every program is somebody's, and whose is in the table: a new one cannot be forgotten.
#[test]
fn every_instruction_is_some_rows() {
    let ids: BTreeSet<String> = rows()
        .iter()
        .map(|row| text(row, "id").to_string())
        .chain(["user".to_string()])
        .collect();
    for program in programs() {
        let mut seen = BTreeSet::from(EVERYWHERE.map(str::to_string));
        for (_, id, name) in senders().filter(|(of, _, _)| *of == program.name) {
            assert!(ids.contains(id), "{id} has no row");
            assert!(seen.insert(name.to_string()), "{name} twice");
        }
        let real: BTreeSet<String> = instructions(program.name).into_keys().collect();
        assert_eq!(seen, real, "{}", program.name);
    }
}

/// Who signs what the table gives a key of the config: a place that is bound to it, or that the program's own code compares.
#[test]
fn what_anyone_may_do_asks_for_nobodys_key() {
    let bound = [
        "authority",
        "guardian",
        "slasher",
        "resolver",
        "attestor",
        "appeal_authority",
    ];
    for program in programs() {
        let all = instructions(program.name);
        for name in sent_by(program.name, "anyone") {
            let accounts = all[&name]["accounts"].as_array().unwrap();
            for account in accounts {
                let signs = account["signer"].as_bool().unwrap_or(false);
                let name_of = account["name"].as_str().unwrap();
                assert!(!(signs && bound.contains(&name_of)), "{name}: {name_of}");
            }
        }
    }
}
