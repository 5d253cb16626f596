package field

import (
	"strconv"
	"strings"
)

// Parse reads a comma-separated list of values, ranges and stepped ranges.
func (f *Field) Parse(text string) (Set, error) {
	var set Set
	for _, item := range strings.Split(text, ",") {
		values, err := f.parseItem(item)
		if err != nil {
			return 0, err
		}
		set = set.Union(values)
	}
	return set, nil
}

// parseItem reads one element of the list.
func (f *Field) parseItem(item string) (Set, error) {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		if span != "*" && !strings.Contains(span, "-") {
			return 0, f.errorf("the step in %q needs a range or * before it", item)
		}
		var err error
		if step, err = f.parseStep(stepText); err != nil {
			return 0, err
		}
	}
	return f.parseSpan(span, step)
}

// parseSpan reads *, a single value or a range and keeps every step-th value.
func (f *Field) parseSpan(span string, step int) (Set, error) {
	if span == "*" {
		return f.collect(f.min, f.max, step), nil
	}
	firstText, lastText, isRange := strings.Cut(span, "-")
	first, err := f.parseNumber(firstText)
	if err != nil {
		return 0, err
	}
	if !isRange {
		return f.collect(first, first, step), nil
	}
	last, err := f.parseNumber(lastText)
	if err != nil {
		return 0, err
	}
	if first > last {
		return 0, f.errorf("range %q starts after its end", span)
	}
	return f.collect(first, last, step), nil
}

// parseStep reads what follows a slash.
func (f *Field) parseStep(text string) (int, error) {
	step, err := parseDigits(text)
	if err != nil || step == 0 {
		return 0, f.errorf("step %q is not a positive number", text)
	}
	return step, nil
}

// parseNumber reads a number within the field's bounds, or a name for one.
func (f *Field) parseNumber(text string) (int, error) {
	for offset, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.min + offset, nil
		}
	}
	number, err := parseDigits(text)
	if err != nil {
		return 0, f.errorf("%q is not a value", text)
	}
	if number < f.min || number > f.max {
		return 0, f.errorf("%d is not between %d and %d", number, f.min, f.max)
	}
	return number, nil
}

// parseDigits reads an unsigned number. Eight bits are enough for any field
// and keep sums of a number and a step far from overflowing.
func parseDigits(text string) (int, error) {
	number, err := strconv.ParseUint(text, 10, 8)
	return int(number), err
}
