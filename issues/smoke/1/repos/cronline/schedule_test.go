package cronline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/cronline"
)

// at reads a moment such as "2026-03-01 09:30" in UTC.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestStringIsCanonical(t *testing.T) {
	cases := map[string]string{
		"0 9 * * MON-FRI":      "0 9 * * 1-5",
		"  */30\t1-2 * JAN 7 ": "0,30 1,2 * 1 0",
		"@weekly":              "0 0 * * 0",
		"0-59 * 1-31 1-12 0-6": "* * * * *",
	}
	for expression, want := range cases {
		schedule := cronline.MustParse(expression)
		if got := schedule.String(); got != want {
			t.Errorf("%q is written %q, want %q", expression, got, want)
		}
		if cronline.MustParse(schedule.String()) != schedule {
			t.Errorf("%q does not survive being written and read", expression)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	cases := map[string]string{
		"* * * *":    "has 4 fields, not 5",
		"@sometimes": "has 1 fields, not 5",
		"* 24 * * *": "hour: 24 is not between 0 and 23",
	}
	for expression, want := range cases {
		_, err := cronline.Parse(expression)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): error %v, want one with %q", expression, err, want)
		}
	}
}

func TestMatchesLooksAtUTC(t *testing.T) {
	schedule := cronline.MustParse("30 9 * * *")
	east := time.FixedZone("east", 2*60*60)
	if !schedule.Matches(time.Date(2026, 3, 1, 11, 30, 59, 0, east)) {
		t.Error("11:30 two hours east is 09:30 UTC")
	}
	if schedule.Matches(time.Date(2026, 3, 1, 9, 30, 0, 0, east)) {
		t.Error("09:30 two hours east is 07:30 UTC")
	}
}

func TestEitherRestrictedDayFieldMayAllowADay(t *testing.T) {
	both := cronline.MustParse("0 0 13 * FRI")
	for day, want := range map[string]bool{
		"2026-02-13 00:00": true,  // both
		"2026-04-13 00:00": true,  // the 13th, a Monday
		"2026-04-17 00:00": true,  // a Friday
		"2026-04-18 00:00": false, // neither
	} {
		if got := both.Matches(at(t, day)); got != want {
			t.Errorf("Matches(%s) = %v, want %v", day, got, want)
		}
	}
	if cronline.MustParse("0 0 13 * *").Matches(at(t, "2026-04-17 00:00")) {
		t.Error("an unrestricted day of week must not allow every day")
	}
}

func ExampleSchedule_Upcoming() {
	schedule := cronline.MustParse("0 18 * * SAT,SUN")
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, moment := range schedule.Upcoming(start, 3) {
		fmt.Println(moment.Format("Mon 2 Jan 15:04"))
	}
	// Output:
	// Sat 2 May 18:00
	// Sun 3 May 18:00
	// Sat 9 May 18:00
}
