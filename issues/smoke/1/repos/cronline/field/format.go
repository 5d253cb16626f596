package field

import (
	"strconv"
	"strings"
)

// shortestRun is how many consecutive values are worth writing as a range.
const shortestRun = 3

// Format writes a set of the field's values in canonical form: increasing
// numbers, with ranges for runs, and * for all of them.
func (f *Field) Format(set Set) string {
	if set == f.All() {
		return "*"
	}
	var items []string
	values := set.Values()
	for len(values) > 0 {
		length := runLength(values)
		items = append(items, formatRun(values[:length])...)
		values = values[length:]
	}
	return strings.Join(items, ",")
}

// runLength returns how many of the first values are consecutive.
func runLength(values []int) int {
	length := 1
	for length < len(values) && values[length] == values[0]+length {
		length++
	}
	return length
}

// formatRun writes consecutive values as one range or one by one.
func formatRun(run []int) []string {
	first, last := strconv.Itoa(run[0]), strconv.Itoa(run[len(run)-1])
	switch {
	case len(run) >= shortestRun:
		return []string{first + "-" + last}
	case len(run) == 1:
		return []string{first}
	default:
		return []string{first, last}
	}
}
