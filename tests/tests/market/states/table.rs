//! What each instruction does in each state: the order's state behind it (0 open, 1 matched, 2 active, 3 completed, 4 ended,
//! 5 expired), `x` where the order is closed, `-` where there is no lease, or the error's letters.

use iog_client::market::MarketError as E;

pub const LEGEND: [(&str, E); 21] = [
    ("NOP", E::OrderNotOpen),
    ("XPD", E::OrderExpired),
    ("NXP", E::OrderNotExpired),
    ("NAC", E::OrderNotActive),
    ("NFI", E::OrderNotFinished),
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
    ("ACC", E::AlreadyAccepted),
    ("NDU", E::NothingDue),
    ("TLR", E::DecidedTooLate),
];

pub const COLUMNS: &str =
    "match accept skip settle timeout leave dispute resolve rule extend end cancel expire close refund finish";

pub const TABLE: &str = "
open                              | 0 - - - - - - - - NAC NAC 5 NXP - NDU NFI
open, too late                    | XPD - - - - - - - - NAC NAC 5 5 - NDU NFI
open, one matched                 | 1 0 ASO NTS LNR LNR LNR NDI NDI NAC NAC 5 NXP LNS NDU NFI
open, one late                    | 1 LAT 0 NTS LNR LNR LNR NDI NDI NAC NAC 5 NXP LNS NDU NFI
open, one accepted                | 1 NMA NMA NTS LNR LNR LNR NDI NDI NAC NAC ACC NXP LNS NDU NFI
open, one accepted, too late      | XPD NMA NMA NTS LNR LNR LNR NDI NDI NAC NAC ACC 5 LNS NDU NFI
matched                           | NOP 1 ASO NTS LNR LNR LNR NDI NDI NAC NAC 5 NXP LNS NDU NFI
matched, one late                 | NOP LAT 0 NTS LNR LNR LNR NDI NDI NAC NAC 5 NXP LNS NDU NFI
matched, too late                 | NOP LAT 0 NTS LNR LNR LNR NDI NDI NAC NAC 5 5 LNS NDU NFI
active, first hour                | TMG NMA NMA NTS SRV AGR 2 NDI NDI 2 4 ACC NXP LNS NDU NFI
active, silent                    | TMG NMA NMA NTS 2 AGR 2 NDI NDI 2 4 ACC NOP LNS NDU NFI
active, an hour due               | TMG NMA NMA 2 SET SET SET NDI NDI 2 4 ACC NOP LNS NDU NFI
active, an hour held              | TMG NMA NMA NTS SRV AGR 2 NDI NDI 2 4 ACC NOP LNS NDU NFI
active, an hour released          | TMG NMA NMA 2 SRV AGR SET NDI NDI 2 4 ACC NOP LNS NDU NFI
active, beyond what was booked    | TMG NMA NMA NTS SRV 2 2 NDI NDI 2 4 ACC NOP LNS NDU NFI
active, one timed out             | 2 NMA NMA NTS LNR LNR DTL NDI NDI 2 4 ACC NOP 2 NDU NFI
active, one in another's place    | TMG 2 ASO NTS LNR LNR LNR NDI NDI 2 4 ACC NOP LNS NDU NFI
active, late in another's place   | TMG LAT 2 NTS LNR LNR LNR NDI NDI 2 4 ACC NOP LNS NDU NFI
active, accepted in another's place| TMG NMA NMA NTS SRV AGR 2 NDI NDI 2 4 ACC NOP LNS NDU NFI
ended, late in another's place    | NOP LAT 4 NTS LNR LNR LNR NDI NDI NAC NAC ACC NOP LNS 4 NFI
active, one in dispute            | 2 NMA NMA NTS LNR LNR LNR 2 RMD 2 4 ACC NOP LNS NDU NFI
active, all due                   | NOP NMA NMA 2 SET SET SET NDI NDI NAC 4 ACC NOP LNS NDU NFI
active, at its end without leases | NOP - - - - - - - - NAC 4 NOP NOP - 3 NFI
completed, last hour held         | NOP NMA NMA NTS LNR LNR 3 NDI NDI NAC NAC ACC NOP LNS NDU NFI
completed, window over            | NOP NMA NMA 3 LNR LNR DTL NDI NDI NAC NAC ACC NOP LNS NDU NFI
completed, in dispute             | NOP NMA NMA NTS LNR LNR LNR 3 RMD NAC NAC ACC NOP LNS NDU NFI
completed, nothing held           | NOP NMA NMA NTS LNR LNR DTL NDI NDI NAC NAC ACC NOP 3 NDU NFI
completed, no leases              | NOP - - - - - - - - NAC NAC ACC NOP - NDU x
ended, an interval due            | NOP NMA NMA 4 LNR LNR LNR NDI NDI NAC NAC ACC NOP LNS 4 NFI
ended, held                       | NOP NMA NMA NTS LNR LNR 4 NDI NDI NAC NAC ACC NOP LNS 4 NFI
ended, in dispute                 | NOP NMA NMA NTS LNR LNR LNR 4 RMD NAC NAC ACC NOP LNS 4 NFI
ended, three days in dispute      | NOP NMA NMA NTS LNR LNR LNR TLR 4 NAC NAC ACC NOP LNS 4 NFI
ended, no leases                  | NOP - - - - - - - - NAC NAC ACC NOP - 4 NFI
expired, one matched              | NOP LAT NMA NTS LNR LNR LNR NDI NDI NAC NAC NOP NOP 5 5 NFI
expired, one accepted             | NOP NMA NMA NTS LNR LNR LNR NDI NDI NAC NAC ACC NOP 5 5 NFI
expired, paid out                 | NOP - - - - - - - - NAC NAC NOP NOP - NDU x
";
