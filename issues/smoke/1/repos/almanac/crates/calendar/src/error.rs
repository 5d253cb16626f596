//! What can be wrong with a date or a time.

use std::error::Error;
use std::fmt;

/// Numbers that are no date or no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// The year is not one from 1 to 9999.
    Year(u16),
    /// The month is not one from 1 to 12.
    Month(u8),
    /// The month has no such day.
    Day(u8),
    /// The hour is later than 23.
    Hour(u8),
    /// The minute is later than 59.
    Minute(u8),
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalendarError::Year(year) => write!(f, "year {year} is not supported"),
            CalendarError::Month(month) => write!(f, "there is no month {month}"),
            CalendarError::Day(day) => write!(f, "the month has no day {day}"),
            CalendarError::Hour(hour) => write!(f, "there is no hour {hour}"),
            CalendarError::Minute(minute) => write!(f, "there is no minute {minute}"),
        }
    }
}

impl Error for CalendarError {}

/// Why a text cannot be read as a date or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The text is not written as `2026-11-03` or `2026-11-03T09:30`.
    Form,
    /// The text is well written but names no date or time.
    Value(CalendarError),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Form => f.write_str("expected YYYY-MM-DD or YYYY-MM-DDThh:mm"),
            ParseError::Value(error) => error.fmt(f),
        }
    }
}

impl Error for ParseError {}

impl From<CalendarError> for ParseError {
    fn from(error: CalendarError) -> Self {
        ParseError::Value(error)
    }
}
