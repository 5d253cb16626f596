//! Schedules and the questions they answer.

use std::str::FromStr;

use almanac_calendar::{Date, DateTime, TimeOfDay};

use crate::error::ParseError;
use crate::expression;
use crate::search;
use crate::value_set::ValueSet;

/// A cron expression, read and ready to be asked when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub(crate) minutes: ValueSet,
    pub(crate) hours: ValueSet,
    pub(crate) days_of_month: ValueSet,
    pub(crate) months: ValueSet,
    pub(crate) days_of_week: ValueSet,
}

impl Schedule {
    /// Whether the schedule is due at that minute.
    pub fn is_due(&self, at: DateTime) -> bool {
        let time = at.time();
        self.runs_on(at.date())
            && self.hours.contains(time.hour())
            && self.minutes.contains(time.minute())
    }

    /// The first time due later than `after`, or `None` when the schedule is never due again.
    pub fn next_after(&self, after: DateTime) -> Option<DateTime> {
        search::first_after(self, after)
    }

    /// The last time due earlier than `before`, or `None` when the schedule was never due before.
    pub fn previous_before(&self, before: DateTime) -> Option<DateTime> {
        search::last_before(self, before)
    }

    /// All times due later than `after`, in order.
    pub fn upcoming(&self, after: DateTime) -> Upcoming<'_> {
        Upcoming {
            schedule: self,
            last: Some(after),
        }
    }

    /// Whether the date fits all three fields that are about days.
    pub(crate) fn runs_on(&self, date: Date) -> bool {
        self.months.contains(date.month())
            && self.days_of_month.contains(date.day())
            && self.days_of_week.contains(date.weekday() as u8)
    }

    /// The times at which the schedule is due on every date that fits, in order.
    pub(crate) fn times(&self) -> impl DoubleEndedIterator<Item = TimeOfDay> {
        let Schedule { hours, minutes, .. } = *self;
        hours
            .iter()
            .flat_map(move |hour| minutes.iter().map(move |minute| (hour, minute)))
            .filter_map(|(hour, minute)| TimeOfDay::new(hour, minute).ok())
    }
}

impl FromStr for Schedule {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let [minutes, hours, days_of_month, months, days_of_week] = expression::parse(text)?;
        Ok(Schedule {
            minutes,
            hours,
            days_of_month,
            months,
            days_of_week,
        })
    }
}

/// The times at which a schedule is due; made by [`Schedule::upcoming`].
#[derive(Clone, Debug)]
pub struct Upcoming<'a> {
    schedule: &'a Schedule,
    /// The time found last, or `None` once there are no more.
    last: Option<DateTime>,
}

impl Iterator for Upcoming<'_> {
    type Item = DateTime;

    fn next(&mut self) -> Option<DateTime> {
        self.last = self.schedule.next_after(self.last?);
        self.last
    }
}
