//! Slash cases: amounts, deadlines, exits that they hold, and who may do what.

mod accounts;
mod appeals;
mod burning;
mod caps;
mod exits;
mod judging;
mod kept_caps;
mod late;
mod model;
mod parts;
mod pausing;
mod restitution;
mod roles;
mod stage;
mod whole;
mod withdrawn;
