//! Finds the due time next to a given one, in both directions.

use std::iter::successors;

use almanac_calendar::DateTime;

use crate::schedule::Schedule;

/// How many days a search looks at before it gives up: as many as it takes to see every date once.
const HORIZON: usize = 366;

/// The first time due later than `after`.
pub(crate) fn first_after(schedule: &Schedule, after: DateTime) -> Option<DateTime> {
    let today = after.date();
    if schedule.runs_on(today) {
        if let Some(time) = schedule.times().find(|&time| time > after.time()) {
            return Some(today.at(time));
        }
    }
    let date = successors(today.next_day(), |date| date.next_day())
        .take(HORIZON)
        .find(|&date| schedule.runs_on(date))?;
    Some(date.at(schedule.times().next()?))
}

/// The last time due earlier than `before`.
pub(crate) fn last_before(schedule: &Schedule, before: DateTime) -> Option<DateTime> {
    let today = before.date();
    if schedule.runs_on(today) {
        if let Some(time) = schedule.times().rfind(|&time| time < before.time()) {
            return Some(today.at(time));
        }
    }
    let date = successors(today.previous_day(), |date| date.previous_day())
        .take(HORIZON)
        .find(|&date| schedule.runs_on(date))?;
    Some(date.at(schedule.times().next_back()?))
}
