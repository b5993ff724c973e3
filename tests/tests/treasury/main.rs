//! The treasury: fees and their books, the auction that buys IO, and what is refused.

mod accounts;
mod auction;
mod books;
mod caps;
mod model;

mod refusals;
mod selling;
mod stage;
