package field

import (
	"slices"
	"strings"
	"testing"
)

func TestParseReadsListsRangesAndSteps(t *testing.T) {
	cases := []struct {
		field *Field
		text  string
		want  []int
	}{
		{Minute, "5", []int{5}},
		{Minute, "5,3,5", []int{3, 5}},
		{Hour, "9-12", []int{9, 10, 11, 12}},
		{Hour, "20-23,3", []int{3, 20, 21, 22, 23}},
		{Minute, "*/20", []int{0, 20, 40}},
		{Minute, "10-30/10", []int{10, 20, 30}},
		{Minute, "10-29/10", []int{10, 20}},
		{Minute, "10-12/10", []int{10}},
		{DayOfMonth, "*/10", []int{1, 11, 21, 31}},
		{Month, "JAN-mar,Dec", []int{1, 2, 3, 12}},
		{DayOfWeek, "MON-FRI", []int{1, 2, 3, 4, 5}},
		{DayOfWeek, "7", []int{0}},
		{DayOfWeek, "5-7", []int{0, 5, 6}},
		{DayOfWeek, "*/2", []int{0, 2, 4, 6}},
	}
	for _, c := range cases {
		set, err := c.field.Parse(c.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := set.Values(); !slices.Equal(got, c.want) {
			t.Errorf("Parse(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func TestParseRejectsWhatIsNotInTheField(t *testing.T) {
	cases := []struct {
		field *Field
		text  string
		want  string
	}{
		{Minute, "60", "minute: 60 is not between 0 and 59"},
		{DayOfMonth, "0", "day of month: 0 is not between 1 and 31"},
		{DayOfWeek, "8", "day of week: 8 is not between 0 and 7"},
		{Month, "MON", `month: "MON" is not a value`},
		{Hour, "", `hour: "" is not a value`},
		{Hour, "1,", `hour: "" is not a value`},
		{Hour, "-3", `hour: "" is not a value`},
		{Hour, "3-", `hour: "" is not a value`},
		{Hour, "*/0", `hour: step "0" is not a positive number`},
		{Hour, "*/x", `hour: step "x" is not a positive number`},
		{Hour, "4/2", `needs a range or *`},
	}
	for _, c := range cases {
		_, err := c.field.Parse(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q): error %v, want one with %q", c.text, err, c.want)
		}
	}
}
