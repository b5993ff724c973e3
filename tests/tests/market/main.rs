//! The market program: prices, orders in three currencies, leases, disputes, and every way that money leaves.

mod attacks;
mod booking;
mod consent;
mod counters;
mod credit_line;
mod currencies;
mod decisions;
mod disputes;
mod ends;
mod extensions;
mod extremes;
mod forfeits;
mod holding;
mod layout;
mod life;
mod listings;
mod pairs;
mod price_books;
mod quotes;
mod records;
mod refusals;
mod replacements;
mod settling;
mod stage;
mod states;
mod sweep;
