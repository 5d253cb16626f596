//! Dates.

use std::fmt;
use std::str::FromStr;

use crate::date_time::{DateTime, TimeOfDay};
use crate::error::{CalendarError, ParseError};
use crate::weekday::Weekday;

/// A day of the Gregorian calendar in the years 1 to 9999.
// The derived order is the order in time: the fields go from the longest unit to the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The first supported date.
    pub const MIN: Date = Date {
        year: 1,
        month: 1,
        day: 1,
    };

    /// The last supported date.
    pub const MAX: Date = Date {
        year: 9999,
        month: 12,
        day: 31,
    };

    /// The date made of these numbers.
    ///
    /// # Errors
    ///
    /// When there is no such date, as for 30 February.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, CalendarError> {
        if !(Self::MIN.year..=Self::MAX.year).contains(&year) {
            return Err(CalendarError::Year(year));
        }
        if !(1..=12).contains(&month) {
            return Err(CalendarError::Month(month));
        }
        if !(1..=days_in_month(year, month)).contains(&day) {
            return Err(CalendarError::Day(day));
        }
        Ok(Date { year, month, day })
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        // Day 1 is 0001-01-01, a Monday, which makes every seventh day a Sunday.
        Weekday::ALL[(self.days_since_start() % 7) as usize]
    }

    /// The day after, unless this is the last supported one.
    pub fn next_day(self) -> Option<Date> {
        let Date { year, month, day } = self;
        Date::new(year, month, day + 1)
            .or_else(|_| Date::new(year, month + 1, 1))
            .or_else(|_| Date::new(year + 1, 1, 1))
            .ok()
    }

    /// The day before, unless this is the first supported one.
    pub fn previous_day(self) -> Option<Date> {
        let Date { year, month, day } = self;
        if day > 1 {
            Date::new(year, month, day - 1).ok()
        } else if month > 1 {
            Date::new(year, month - 1, days_in_month(year, month - 1)).ok()
        } else {
            Date::new(year - 1, 12, 31).ok()
        }
    }

    /// A time on this day.
    pub fn at(self, time: TimeOfDay) -> DateTime {
        DateTime::new(self, time)
    }

    /// Days from the start of year 1 to this day, both included.
    fn days_since_start(self) -> u32 {
        let past_years = u32::from(self.year) - 1;
        let leap_days = past_years / 4 - past_years / 100 + past_years / 400;
        let past_months = (1..self.month).map(|month| u32::from(days_in_month(self.year, month)));
        past_years * 365 + leap_days + past_months.sum::<u32>() + u32::from(self.day)
    }
}

/// Whether the year has a 29 February.
pub fn is_leap_year(year: u16) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days the month has; a `month` above 12 has none.
pub fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    /// As in `2026-11-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parts = text.splitn(3, '-');
        let mut part = |width| digits(parts.next().unwrap_or_default(), width);
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        // Two digits always fit.
        Ok(Date::new(year, month as u8, day as u8)?)
    }
}

/// A number written with exactly `width` digits.
pub(crate) fn digits(text: &str, width: usize) -> Result<u16, ParseError> {
    let well_formed = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if !well_formed {
        return Err(ParseError::Form);
    }
    text.parse().map_err(|_| ParseError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centuries_are_leap_years_only_every_400_years() {
        let leap: Vec<u16> = (1896..=2004).filter(|&year| is_leap_year(year)).collect();
        assert_eq!(leap[..2], [1896, 1904]);
        assert!(leap.contains(&2000));
    }

    #[test]
    fn start_days_count_up_without_gaps() {
        let mut date = Date::MIN;
        for expected in 1..=1461 {
            assert_eq!(date.days_since_start(), expected, "{date}");
            date = date.next_day().unwrap();
        }
    }
}
