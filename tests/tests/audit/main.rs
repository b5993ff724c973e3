//! What the audits of the market and the attack on their first answers found, each as the test that holds it: `audit: market H1` names a
//! finding, `redteam 3a` a break. Those of registry, staking and emission stand beside the other tests of these programs.

mod accounts;
mod booking;
mod consent;
mod disputes;
mod fees;
mod hire;
mod io_prices;
mod prices;
mod slots;
mod stage;
mod start;
mod states;
mod stopping;
mod utilisation;
