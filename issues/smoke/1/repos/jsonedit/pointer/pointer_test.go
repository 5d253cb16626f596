package pointer_test

import (
	"slices"
	"testing"

	"example.com/jsonedit/pointer"
)

func TestParseAndStringAreInverse(t *testing.T) {
	cases := map[string][]string{
		"":                {},
		"/":               {""},
		"/servers/0/name": {"servers", "0", "name"},
		"/a~1b/~0":        {"a/b", "~"},
		"/~01":            {"~1"},
	}
	for text, want := range cases {
		p, err := pointer.Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		if !slices.Equal(p, want) {
			t.Errorf("Parse(%q) = %q, want %q", text, p, want)
		}
		if got := p.String(); got != text {
			t.Errorf("%q is written %q", text, got)
		}
	}
}

func TestParseRejectsWhatIsNoPointer(t *testing.T) {
	for _, text := range []string{"a", "a/b", "/~", "/~2", "/ok/~0~"} {
		if p, err := pointer.Parse(text); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", text, p)
		}
	}
}

func TestContainsMeansStrictlyInside(t *testing.T) {
	outer := pointer.Pointer{"a", "b"}
	for text, want := range map[string]bool{
		"/a/b/c": true, "/a/b": false, "/a": false, "/a/bc/d": false,
	} {
		other, err := pointer.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := outer.Contains(other); got != want {
			t.Errorf("%s contains %s: %v, want %v", outer, other, got, want)
		}
	}
}
