//! Times of day, and times of day on a date.

use std::fmt;
use std::str::FromStr;

use crate::date::{digits, Date};
use crate::error::{CalendarError, ParseError};

/// A minute of the day.
// The derived order is the order in time: the fields go from the longest unit to the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// The time made of these numbers.
    ///
    /// # Errors
    ///
    /// When there is no such time, as for 24:00.
    pub fn new(hour: u8, minute: u8) -> Result<Self, CalendarError> {
        if hour > 23 {
            return Err(CalendarError::Hour(hour));
        }
        if minute > 59 {
            return Err(CalendarError::Minute(minute));
        }
        Ok(TimeOfDay { hour, minute })
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> u8 {
        self.minute
    }
}

/// A minute of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    date: Date,
    time: TimeOfDay,
}

impl DateTime {
    /// A time on a date.
    pub fn new(date: Date, time: TimeOfDay) -> Self {
        DateTime { date, time }
    }

    /// The date.
    pub fn date(self) -> Date {
        self.date
    }

    /// The time of day.
    pub fn time(self) -> TimeOfDay {
        self.time
    }
}

impl fmt::Display for TimeOfDay {
    /// As in `09:30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl fmt::Display for DateTime {
    /// As in `2026-11-03T09:30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (hour, minute) = text.split_once(':').ok_or(ParseError::Form)?;
        // Two digits always fit.
        let (hour, minute) = (digits(hour, 2)? as u8, digits(minute, 2)? as u8);
        Ok(TimeOfDay::new(hour, minute)?)
    }
}

impl FromStr for DateTime {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (date, time) = text.split_once('T').ok_or(ParseError::Form)?;
        Ok(DateTime::new(date.parse()?, time.parse()?))
    }
}
