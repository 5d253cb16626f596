//! The five fields of an expression.

use std::fmt;
use std::ops::RangeInclusive;

/// A field of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Minute of the hour.
    Minute,
    /// Hour of the day.
    Hour,
    /// Day of the month.
    DayOfMonth,
    /// Month of the year.
    Month,
    /// Day of the week; both 0 and 7 stand for Sunday.
    DayOfWeek,
}

impl Field {
    /// The fields in the order in which they are written.
    pub(crate) const ALL: [Field; 5] = [
        Field::Minute,
        Field::Hour,
        Field::DayOfMonth,
        Field::Month,
        Field::DayOfWeek,
    ];

    /// The numbers that may be written in this field.
    pub(crate) fn range(self) -> RangeInclusive<u8> {
        match self {
            Field::Minute => 0..=59,
            Field::Hour => 0..=23,
            Field::DayOfMonth => 1..=31,
            Field::Month => 1..=12,
            Field::DayOfWeek => 0..=7,
        }
    }

    /// The last number that `*` and a range without an end reach.
    pub(crate) fn last(self) -> u8 {
        match self {
            // 7 would be Sunday a second time, which a step could then hit out of turn.
            Field::DayOfWeek => 6,
            _ => *self.range().end(),
        }
    }

    /// The number that a name stands for.
    pub(crate) fn named(self, name: &str) -> Option<u8> {
        let (names, first): (&[&str], u8) = match self {
            Field::Month => (&MONTHS, 1),
            Field::DayOfWeek => (&WEEKDAYS, 0),
            Field::Minute | Field::Hour | Field::DayOfMonth => return None,
        };
        let known = names.iter().zip(first..);
        known
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, number)| number)
            .next()
    }
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::DayOfMonth => "day of the month",
            Field::Month => "month",
            Field::DayOfWeek => "day of the week",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_from_the_first_number_of_the_field() {
        assert_eq!(Field::Month.named("jan"), Some(1));
        assert_eq!(Field::Month.named("DEC"), Some(12));
        assert_eq!(Field::DayOfWeek.named("Sun"), Some(0));
        assert_eq!(Field::DayOfWeek.named("JAN"), None);
        assert_eq!(Field::Hour.named("MON"), None);
    }
}
