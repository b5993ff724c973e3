//! What each instruction does in each state: the order's state behind it (0 open, 1 whole, 2 active, 3 completed, 4 ended,
//! 5 expired), `x` where the order is closed, `-` where there is no lease, or the error's letters.

use iog_client::market::MarketError as E;

pub const LEGEND: [(&str, E); 26] = [
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
    ("ANS", E::AnswersFirst),
    ("NAN", E::NothingAnswered),
];

/// `leave` is signed by the device's key, `quit` is the same by its owner.
pub const COLUMNS: &str = "match accept decline skip settle timeout leave quit dispute answer resolve rule extend reduce end cancel expire close refund finish";

pub const TABLE: &str = "
open                               | 0 - - - - - - - - - - - NAC NAC NAC 5 NXP - NDU NFI
open, too late                     | XPD - - - - - - - - - - - NAC NAC NAC 5 5 - NDU NFI
open, one matched                  | 1 NWH 0 ASO NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC 5 NXP LNS NDU NFI
open, one walked away              | 1 NMA NMA NMA NTS LNR LNR LNR DTL NDI NDI NDI NAC NAC NAC 5 NXP 0 NDU NFI
whole                              | TMG 1 0 ASO NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC 5 NXP LNS NDU NFI
whole, one late                    | TMG LAT 0 0 NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC 5 NXP LNS NDU NFI
whole, too late                    | XPD LAT 0 0 NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC 5 5 LNS NDU NFI
whole, one accepted                | TMG NMA NMA NMA NTS LNR AGR AGR LNR NDI NDI NDI NAC NAC NAC 5 NXP LNS NDU NFI
whole, accepted 91 s ago           | TMG NMA NMA NMA NTS LNR 0 0 LNR NDI NDI NDI NAC NAC NAC 5 NXP LNS NDU NFI
whole, one accepted, too late      | XPD NMA NMA NMA NTS LNR 0 0 LNR NDI NDI NDI NAC NAC NAC 5 5 LNS NDU NFI
active, first hour                 | TMG NMA NMA NMA 2 SRV AGR 2 2 NDI NDI NDI 2 NVA 4 NOP NXP LNS NDU NFI
active, silent                     | TMG NMA NMA NMA 2 2 AGR 2 2 NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, an hour due                | TMG NMA NMA NMA 2 SET SET SET SET NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, an hour held               | TMG NMA NMA NMA NTS SRV AGR 2 2 NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, an hour released           | TMG NMA NMA NMA 2 SET SET SET SET NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, hardly served              | TMG NMA NMA NMA NTS 2 AGR 2 2 NDI NDI NDI 2 NVA 4 NOP NOP LNS 2 NFI
active, beyond what was booked     | TMG NMA NMA NMA NTS SRV 2 2 2 NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, one timed out              | 2 NMA NMA NMA 2 LNR LNR LNR SET NDI NDI NDI 2 2 4 NOP NOP LNS NDU NFI
active, one timed out and judged   | 2 NMA NMA NMA NTS LNR LNR LNR 2 NDI NDI NDI 2 2 4 NOP NOP LNS 2 NFI
active, one in another's place     | TMG 2 2 ASO NTS LNR LNR LNR LNR NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, late in another's place    | TMG LAT 2 2 NTS LNR LNR LNR LNR NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, accepted in another's place| TMG NMA NMA NMA NTS SRV AGR 2 2 NDI NDI NDI 2 NVA 4 NOP NOP LNS NDU NFI
active, one in dispute             | 2 NMA NMA NMA NTS LNR LNR LNR LNR 2 ANS RMD 2 2 4 NOP NOP LNS NDU NFI
active, one in dispute, not judged | 2 NMA NMA NMA 2 LNR LNR LNR LNR SET ANS RMD 2 2 4 NOP NOP LNS NDU NFI
active, all due                    | NOP NMA NMA NMA 2 LNR LNR LNR SET NDI NDI NDI NAC NAC 4 NOP NOP LNS NDU NFI
active, at its end without leases  | NOP - - - - - - - - - - - NAC NAC 4 NOP NOP - 3 NFI
over, last hour held               | NOP NMA NMA NMA NTS LNR LNR LNR 2 NDI NDI NDI NAC NAC 4 NOP NOP LNS NDU NFI
over, window over                  | NOP NMA NMA NMA 2 LNR LNR LNR SET NDI NDI NDI NAC NAC 4 NOP NOP LNS NDU NFI
over, in dispute                   | NOP NMA NMA NMA NTS LNR LNR LNR LNR 2 ANS RMD NAC NAC 4 NOP NOP LNS NDU NFI
over, nothing held                 | NOP NMA NMA NMA NTS LNR LNR LNR DTL NDI NDI NDI NAC NAC 4 NOP NOP 2 NDU NFI
over, no leases                    | NOP - - - - - - - - - - - NAC NAC 4 NOP NOP - NDU x
completed, paid out                | NOP - - - - - - - - - - - NAC NAC NAC NOP NOP - NDU x
ended, one in another's place      | NOP NWH 4 4 4 LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC NOP NOP 4 4 NFI
ended, last slots running          | NOP NMA NMA NMA NTS LNR LNR LNR 4 NDI NDI NDI NAC NAC NAC NOP NOP LNS 4 NFI
ended, last slots due              | NOP NMA NMA NMA 4 LNR LNR LNR SET NDI NDI NDI NAC NAC NAC NOP NOP LNS 4 NFI
ended, held                        | NOP NMA NMA NMA NTS LNR LNR LNR 4 NDI NDI NDI NAC NAC NAC NOP NOP LNS 4 NFI
ended, in dispute                  | NOP NMA NMA NMA NTS LNR LNR LNR LNR 4 ANS RMD NAC NAC NAC NOP NOP LNS 4 NFI
ended, in dispute, answers over    | NOP NMA NMA NMA NTS LNR LNR LNR LNR 4 4 RMD NAC NAC NAC NOP NOP LNS 4 NFI
ended, three days in dispute       | NOP NMA NMA NMA NTS LNR LNR LNR LNR 4 TLR 4 NAC NAC NAC NOP NOP LNS 4 NFI
ended, no leases                   | NOP - - - - - - - - - - - NAC NAC NAC NOP NOP - 4 NFI
expired, one matched               | NOP NWH 5 5 NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC NOP NOP 5 5 NFI
expired, one accepted              | NOP NMA NMA NMA NTS LNR LNR LNR LNR NDI NDI NDI NAC NAC NAC NOP NOP 5 5 NFI
expired, paid out                  | NOP - - - - - - - - - - - NAC NAC NAC NOP NOP - NDU x
";
