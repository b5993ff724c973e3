//! The treasury: fees and their books, the auction that buys IO, and what is refused.

mod accounts;
mod auction;
mod books;
mod caps;
mod kept;
mod model;
mod prices;

mod refusals;
mod selling;
mod stage;
