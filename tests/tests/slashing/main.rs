//! Slash cases: amounts, deadlines, exits that they hold, and who may do what.

mod accounts;
mod appeals;
mod burning;
mod caps;
mod exits;
mod model;
mod parts;
mod restitution;
mod roles;
mod stage;
mod whole;
