//! Dates and times of day of the Gregorian calendar, without clocks and time zones.
#![warn(missing_docs)]

mod date;
mod date_time;
mod error;
mod weekday;

pub use date::{days_in_month, is_leap_year, Date};
pub use date_time::{DateTime, TimeOfDay};
pub use error::{CalendarError, ParseError};
pub use weekday::Weekday;
