//! Cron expressions: when a schedule is due next, and when it was due last.
//!
//! Parse a [`Schedule`] from an expression such as `30 9 * * MON-FRI`, then ask it.
#![warn(missing_docs)]

mod error;
mod expression;
mod field;
mod schedule;
mod search;
mod value_set;

pub use error::ParseError;
pub use field::Field;
pub use schedule::{Schedule, Upcoming};
