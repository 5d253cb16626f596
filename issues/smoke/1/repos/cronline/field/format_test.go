package field

import "testing"

func TestFormatIsCanonical(t *testing.T) {
	cases := []struct {
		field *Field
		text  string
		want  string
	}{
		{Minute, "0-59", "*"},
		{Minute, "*/15", "0,15,30,45"},
		{Hour, "3,2,1", "1-3"},
		{Hour, "8,9,11-13", "8,9,11-13"},
		{Month, "JAN,DEC", "1,12"},
		{DayOfWeek, "SAT,SUN", "0,6"},
		{DayOfWeek, "SUN-SAT", "*"},
	}
	for _, c := range cases {
		set, err := c.field.Parse(c.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := c.field.Format(set); got != c.want {
			t.Errorf("%q is written %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSetKeepsItsMembers(t *testing.T) {
	set := Set(0).With(0).With(63)
	if !set.Has(0) || !set.Has(63) || set.Has(1) {
		t.Errorf("members of %v are wrong", set.Values())
	}
}
