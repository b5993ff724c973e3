//! What each instruction does in each state: the order's state behind it (0 open, 1 whole, 2 active, 3 completed, 4 ended,
//! 5 expired), `x` where the order is closed, `-` where there is no lease, or the error's letters.

use iog_client::market::MarketError as E;

pub const LEGEND: [(&str, E); 24] = [
    ("NOP", E::OrderNotOpen),
    ("XPD", E::OrderExpired),
    ("NXP", E::OrderNotExpired),
    ("NAC", E::OrderNotActive),
    ("NFI", E::OrderNotFinished),
    ("NWH", E::OrderNotWhole),
    ("TMG", E::TooManyGpus),
    ("NMA", E::LeaseNotMatched),
    ("NTS", E::NothingToSettle),
    ("LNS", E::LeaseNotSettled),
    ("LAT", E::AcceptTooLate),
    ("ASO", E::AcceptStillOpen),
    ("LNR", E::LeaseNotRunning),
    ("SET", E::SettleFirst),
    ("SRV", E::DeviceServes),
    ("AGR", E::AgreedToServe),
    ("DTL", E::DisputeTooLate),
    ("NDI", E::NotDisputed),
    ("RMD", E::ResolverMayDecide),
    ("NDU", E::NothingDue),
    ("TLR", E::DecidedTooLate),
    ("NVA", E::NotVacant),
    ("BAR", E::DeviceBarred),
    ("NVY", E::NotVacantYet),
];

/// `leave` is signed by the device's key, `quit` is the same by its owner.
pub const COLUMNS: &str = "match accept decline skip settle timeout leave quit dispute resolve rule extend reduce end cancel expire close refund finish";

pub const TABLE: &str = "
open                               | ?
open, too late                     | ?
open, one matched                  | ?
open, one walked away              | ?
whole                              | ?
whole, one late                    | ?
whole, too late                    | ?
whole, one accepted                | ?
whole, accepted 91 s ago           | ?
whole, one accepted, too late      | ?
active, first hour                 | ?
active, silent                     | ?
active, an hour due                | ?
active, an hour held               | ?
active, an hour released           | ?
active, hardly served              | ?
active, beyond what was booked     | ?
active, one timed out              | ?
active, one timed out and judged   | ?
active, one in another's place     | ?
active, late in another's place    | ?
active, accepted in another's place| ?
active, one in dispute             | ?
active, one in dispute, not judged | ?
active, all due                    | ?
active, at its end without leases  | ?
over, last hour held               | ?
over, window over                  | ?
over, in dispute                   | ?
over, nothing held                 | ?
over, no leases                    | ?
completed, paid out                | ?
ended, one in another's place      | ?
ended, last slots running          | ?
ended, last slots due              | ?
ended, held                        | ?
ended, in dispute                  | ?
ended, three days in dispute       | ?
ended, no leases                   | ?
expired, one matched               | ?
expired, one accepted              | ?
expired, paid out                  | ?
";
