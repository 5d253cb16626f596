package cronline_test

import (
	"testing"

	"example.com/cronline"
)

func TestNextSkipsToTheFirstMatch(t *testing.T) {
	cases := []struct{ expression, after, want string }{
		{"* * * * *", "2026-01-31 23:59", "2026-02-01 00:00"},
		{"30 9 * * *", "2026-01-31 09:29", "2026-01-31 09:30"},
		{"30 9 * * *", "2026-01-31 09:30", "2026-02-01 09:30"},
		{"0 0 31 * *", "2026-01-31 00:00", "2026-03-31 00:00"},
		{"0 0 29 2 *", "2096-02-29 00:00", "2104-02-29 00:00"},
		{"15 6 1 JAN *", "2026-01-01 06:15", "2027-01-01 06:15"},
		{"0 12 * * MON", "2026-12-31 12:00", "2027-01-04 12:00"},
	}
	for _, c := range cases {
		next, ok := cronline.MustParse(c.expression).Next(at(t, c.after))
		if want := at(t, c.want); !ok || !next.Equal(want) {
			t.Errorf("%q after %s: %v, want %v", c.expression, c.after, next, want)
		}
	}
}

func TestNextEndsWhenThereIsNoSuchDay(t *testing.T) {
	if next, ok := cronline.MustParse("0 0 30 FEB *").Next(at(t, "2026-01-01 00:00")); ok {
		t.Errorf("the 30th of February came on %v", next)
	}
}

func TestUpcomingContinuesFromEachMoment(t *testing.T) {
	moments := cronline.MustParse("0 22-23 * * *").Upcoming(at(t, "2026-06-30 22:00"), 3)
	want := []string{"2026-06-30 23:00", "2026-07-01 22:00", "2026-07-01 23:00"}
	if len(moments) != len(want) {
		t.Fatalf("%d moments, want %d", len(moments), len(want))
	}
	for i, moment := range moments {
		if !moment.Equal(at(t, want[i])) {
			t.Errorf("moment %d is %v, want %s", i, moment, want[i])
		}
	}
}
