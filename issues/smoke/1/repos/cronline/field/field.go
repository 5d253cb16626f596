// Package field reads single cron fields into the sets of values they allow.
package field

import "fmt"

// Field describes what may be written in one position of a cron expression.
type Field struct {
	title string
	// min and max are the smallest and the largest number that may be written.
	min, max int
	// names[i] is another way to write min+i.
	names []string
	// synonyms maps numbers to the value they are another way to write.
	synonyms map[int]int
}

// The five fields, in the order in which an expression has them.
var (
	Minute     = &Field{title: "minute", min: 0, max: 59}
	Hour       = &Field{title: "hour", min: 0, max: 23}
	DayOfMonth = &Field{title: "day of month", min: 1, max: 31}
	Month      = &Field{
		title: "month", min: 1, max: 12,
		names: []string{
			"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
			"JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
		},
	}
	DayOfWeek = &Field{
		title: "day of week", min: 0, max: 7,
		names:    []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"},
		synonyms: map[int]int{7: 0},
	}
)

// All returns the set of every value of the field.
func (f *Field) All() Set {
	return f.collect(f.min, f.max, 1)
}

// collect returns every step-th value from first up to last.
func (f *Field) collect(first, last, step int) Set {
	var set Set
	for number := first; number <= last; number += step {
		set = set.With(f.value(number))
	}
	return set
}

// value returns the value that a number stands for.
func (f *Field) value(number int) int {
	if value, ok := f.synonyms[number]; ok {
		return value
	}
	return number
}

// errorf builds an error that starts with the field's title.
func (f *Field) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", f.title, fmt.Errorf(format, args...))
}
