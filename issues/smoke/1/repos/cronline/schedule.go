// Package cronline answers when five-field cron expressions fire.
package cronline

import (
	"fmt"
	"strings"
	"time"

	"example.com/cronline/field"
)

// Schedule is a parsed cron expression. Schedules that fire at the same
// moments for the same reasons compare equal.
type Schedule struct {
	minute, hour, dayOfMonth, month, dayOfWeek field.Set
}

// shorthands are the expressions that have a name of their own.
var shorthands = map[string]string{
	"@hourly":  "0 * * * *",
	"@daily":   "0 0 * * *",
	"@weekly":  "0 0 * * 0",
	"@monthly": "0 0 1 * *",
	"@yearly":  "0 0 1 1 *",
}

// Parse reads an expression of five blank-separated fields, or a shorthand
// such as @daily.
func Parse(expression string) (Schedule, error) {
	text := strings.TrimSpace(expression)
	if long, ok := shorthands[text]; ok {
		text = long
	}
	parts := strings.Fields(text)
	var schedule Schedule
	targets := schedule.targets()
	if len(parts) != len(targets) {
		return Schedule{}, fmt.Errorf("cronline: %q has %d fields, not %d", expression, len(parts), len(targets))
	}
	for i, target := range targets {
		set, err := target.field.Parse(parts[i])
		if err != nil {
			return Schedule{}, fmt.Errorf("cronline: %q: %w", expression, err)
		}
		*target.set = set
	}
	return schedule, nil
}

// MustParse is Parse for expressions known to be right; it panics otherwise.
func MustParse(expression string) Schedule {
	schedule, err := Parse(expression)
	if err != nil {
		panic(err)
	}
	return schedule
}

// target pairs a field with the set it is kept in.
type target struct {
	field *field.Field
	set   *field.Set
}

// targets lists the schedule's fields in the order of an expression.
func (s *Schedule) targets() [5]target {
	return [5]target{
		{field.Minute, &s.minute},
		{field.Hour, &s.hour},
		{field.DayOfMonth, &s.dayOfMonth},
		{field.Month, &s.month},
		{field.DayOfWeek, &s.dayOfWeek},
	}
}

// String writes the schedule in canonical form, which Parse reads back.
func (s Schedule) String() string {
	var parts []string
	for _, target := range s.targets() {
		parts = append(parts, target.field.Format(*target.set))
	}
	return strings.Join(parts, " ")
}

// Matches reports whether the schedule fires in the minute of t, in UTC.
func (s Schedule) Matches(t time.Time) bool {
	t = t.UTC()
	return s.month.Has(int(t.Month())) && s.matchesDay(t) &&
		s.hour.Has(t.Hour()) && s.minute.Has(t.Minute())
}

// matchesDay applies both day fields. When both are restricted either may allow
// the day; otherwise the unrestricted one allows it anyway, so both have to.
func (s Schedule) matchesDay(t time.Time) bool {
	byMonth := s.dayOfMonth.Has(t.Day())
	byWeek := s.dayOfWeek.Has(int(t.Weekday()))
	bothRestricted := s.dayOfMonth != field.DayOfMonth.All() && s.dayOfWeek != field.DayOfWeek.All()
	if bothRestricted {
		return byMonth || byWeek
	}
	return byMonth && byWeek
}
