package jsonedit_test

import (
	"testing"

	"example.com/jsonedit"
)

func TestMerge(t *testing.T) {
	cases := []struct{ document, patch, want string }{
		{`{"a":1}`, `{"b":2.50}`, `{"a":1,"b":2.50}`},
		{`{"a":1,"b":2}`, `{"a":null}`, `{"b":2}`},
		{`{"a":{"x":1,"y":2}}`, `{"a":{"y":null,"z":3}}`, `{"a":{"x":1,"z":3}}`},
		{`{"a":[1,2]}`, `{"a":[3]}`, `{"a":[3]}`},
		{`[1]`, `{"a":{"b":null}}`, `{"a":{}}`},
		{`{"a":1}`, `null`, `null`},
	}
	for _, c := range cases {
		got, err := jsonedit.Merge([]byte(c.document), []byte(c.patch))
		if err != nil {
			t.Errorf("%s with %s: %v", c.document, c.patch, err)
			continue
		}
		if string(got) != c.want {
			t.Errorf("%s with %s: %s, want %s", c.document, c.patch, got, c.want)
		}
	}
}

func TestMergeNamesTheBadInput(t *testing.T) {
	for _, c := range []struct{ document, patch, want string }{
		{`{`, `{}`, "jsonedit: document: unexpected EOF"},
		{`{}`, `{`, "jsonedit: merge patch: unexpected EOF"},
	} {
		if _, err := jsonedit.Merge([]byte(c.document), []byte(c.patch)); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}
