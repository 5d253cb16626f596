package jsonedit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/jsonedit"
	"example.com/jsonedit/tree"
)

func apply(patch, document string) (string, error) {
	decoded, err := jsonedit.Decode([]byte(patch))
	if err != nil {
		return "", err
	}
	edited, err := decoded.Apply([]byte(document))
	return string(edited), err
}

func TestApply(t *testing.T) {
	cases := []struct{ name, patch, document, want string }{
		{"add a member", `[{"op":"add","path":"/b","value":2}]`, `{"a":1}`, `{"a":1,"b":2}`},
		{"add over a member", `[{"op":"add","path":"/a","value":null}]`, `{"a":1}`, `{"a":null}`},
		{"add an element", `[{"op":"add","path":"/1","value":"x"}]`, `["a","b"]`, `["a","x","b"]`},
		{"append", `[{"op":"add","path":"/-","value":["x"]}]`, `["a"]`, `["a",["x"]]`},
		{"remove", `[{"op":"remove","path":"/a/0"}]`, `{"a":[1,2]}`, `{"a":[2]}`},
		{"replace", `[{"op":"replace","path":"/a/b","value":{}}]`, `{"a":{"b":1}}`, `{"a":{"b":{}}}`},
		{"replace everything", `[{"op":"replace","path":"","value":[]}]`, `{"a":1}`, `[]`},
		{"move", `[{"op":"move","from":"/a/b","path":"/c"}]`, `{"a":{"b":[1]}}`, `{"a":{},"c":[1]}`},
		{"move in an array", `[{"op":"move","from":"/0","path":"/2"}]`, `[1,2,3]`, `[2,3,1]`},
		{"copy", `[{"op":"copy","from":"/a","path":"/b"}]`, `{"a":{"x":[1]}}`, `{"a":{"x":[1]},"b":{"x":[1]}}`},
		{"copy within an array", `[{"op":"copy","from":"/1","path":"/0"}]`, `[1,2]`, `[2,1,2]`},
		{"test", `[{"op":"test","path":"/a","value":1.0}]`, `{"a":1}`, `{"a":1}`},
		{"in order", `[{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":1}]`, `{}`, `{"a":{"b":1}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := apply(c.patch, c.document)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestNumbersAndTextStayAsWritten(t *testing.T) {
	const document = `{"big":12345678901234567890,"price":1.10,"text":"<a & b>"}`
	got, err := apply(`[{"op":"move","from":"/big","path":"/large"}]`, document)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"large":12345678901234567890,"price":1.10,"text":"<a & b>"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestApplySaysWhichOperationFailed(t *testing.T) {
	cases := []struct {
		name, patch string
		index       int
		reason      error
	}{
		{"no member", `[{"op":"remove","path":"/x"}]`, 0, tree.ErrNotFound},
		{"no parent", `[{"op":"add","path":"/x/y","value":1}]`, 0, tree.ErrNotFound},
		{"no source", `[{"op":"copy","from":"/x","path":"/y"}]`, 0, tree.ErrNotFound},
		{"whole document", `[{"op":"remove","path":""}]`, 0, tree.ErrWholeTree},
		{"into itself", `[{"op":"move","from":"/a","path":"/a/b"}]`, 0, jsonedit.ErrIntoItself},
		{"test", `[{"op":"remove","path":"/b"},{"op":"test","path":"/a","value":{}}]`, 1, jsonedit.ErrTestFailed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := apply(c.patch, `{"a":[1],"b":2}`)
			var operationError *jsonedit.OperationError
			if !errors.As(err, &operationError) {
				t.Fatalf("%q and error %v, want an operation error", got, err)
			}
			if operationError.Index != c.index || !errors.Is(err, c.reason) {
				t.Errorf("error %v, want %v in operation %d", err, c.reason, c.index)
			}
		})
	}
}

func TestDecodeChecksEachOperation(t *testing.T) {
	cases := map[string]string{
		`{}`:                               "cannot unmarshal object",
		`[] []`:                            "there is more",
		`[{"op":"edit","path":""}]`:        `operation 0: "edit" is not an operation`,
		`[{"op":"remove"}]`:                `there is no "path"`,
		`[{"op":"add","path":"/a"}]`:       `there is no "value"`,
		`[{"op":"copy","path":"/a"}]`:      `there is no "from"`,
		`[{"op":"remove","path":"a"}]`:     "does not start with a slash",
		`[{"op":"test","path":"","value"]`: "invalid character",
	}
	for patch, want := range cases {
		if _, err := jsonedit.Decode([]byte(patch)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Decode(%s): error %v, want one with %q", patch, err, want)
		}
	}
}

func ExamplePatch_Apply() {
	patch, err := jsonedit.Decode([]byte(`[
		{"op": "test", "path": "/version", "value": 1},
		{"op": "replace", "path": "/version", "value": 2},
		{"op": "add", "path": "/tags/-", "value": "new"}
	]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	edited, err := patch.Apply([]byte(`{"version": 1, "tags": ["a"]}`))
	fmt.Println(string(edited), err)
	// Output: {"tags":["a","new"],"version":2} <nil>
}
