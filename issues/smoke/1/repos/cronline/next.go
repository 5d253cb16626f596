package cronline

import "time"

// searchYears is the longest wait between two leap days: 1896 to 1904. What
// does not fire within it, such as the 30th of February, never does.
const searchYears = 8

// Next returns the first minute after t in which the schedule fires, in UTC.
// It reports false if there is none.
func (s Schedule) Next(t time.Time) (time.Time, bool) {
	t = t.UTC().Truncate(time.Minute).Add(time.Minute)
	limit := t.AddDate(searchYears, 0, 0)
	for !t.After(limit) {
		switch {
		case !s.month.Has(int(t.Month())):
			t = startOfDay(t.Year(), t.Month()+1, 1)
		case !s.matchesDay(t):
			t = startOfDay(t.Year(), t.Month(), t.Day()+1)
		case !s.hour.Has(t.Hour()):
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !s.minute.Has(t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t, true
		}
	}
	return time.Time{}, false
}

// Upcoming returns the next n minutes after t in which the schedule fires,
// fewer if there are not that many.
func (s Schedule) Upcoming(t time.Time, n int) []time.Time {
	var moments []time.Time
	for len(moments) < n {
		next, ok := s.Next(t)
		if !ok {
			break
		}
		moments = append(moments, next)
		t = next
	}
	return moments
}

// startOfDay returns midnight; days and months out of bounds carry over.
func startOfDay(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
