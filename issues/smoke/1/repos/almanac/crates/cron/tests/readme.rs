//! The example of the README.

use almanac_calendar::DateTime;
use almanac_cron::Schedule;

#[test]
fn the_example_holds() {
    let schedule: Schedule = "30 9 * * MON-FRI".parse().unwrap();
    let friday: DateTime = "2026-11-06T09:30".parse().unwrap();

    let next = schedule.next_after(friday).unwrap();
    assert_eq!(next.to_string(), "2026-11-09T09:30");
    assert_eq!(schedule.previous_before(next), Some(friday));
}
