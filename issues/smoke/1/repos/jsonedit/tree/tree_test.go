package tree_test

import (
	"encoding/json"
	"errors"
	"testing"

	"example.com/jsonedit/pointer"
	"example.com/jsonedit/tree"
)

func sample() any {
	return map[string]any{
		"list":   []any{"a", "b"},
		"object": map[string]any{"key": "value"},
	}
}

func TestGetFollowsNamesAndIndices(t *testing.T) {
	for _, c := range []struct {
		path pointer.Pointer
		want any
	}{
		{pointer.Pointer{"list", "1"}, "b"},
		{pointer.Pointer{"object", "key"}, "value"},
	} {
		if got, err := tree.Get(sample(), c.path); err != nil || got != c.want {
			t.Errorf("%s: %v, %v, want %v", c.path, got, err, c.want)
		}
	}
}

func TestPointersThatLeadNowhere(t *testing.T) {
	for _, c := range []struct {
		path pointer.Pointer
		want error
	}{
		{pointer.Pointer{"other"}, tree.ErrNotFound},
		{pointer.Pointer{"object", "key", "deeper"}, tree.ErrNotFound},
		{pointer.Pointer{"list", "2"}, tree.ErrIndex},
		{pointer.Pointer{"list", "01"}, tree.ErrIndex},
		{pointer.Pointer{"list", "-1"}, tree.ErrIndex},
		{pointer.Pointer{"list", "-"}, tree.ErrIndex},
	} {
		if _, err := tree.Get(sample(), c.path); !errors.Is(err, c.want) {
			t.Errorf("Get %s: %v, want %v", c.path, err, c.want)
		}
		if _, err := tree.Remove(sample(), c.path); !errors.Is(err, c.want) {
			t.Errorf("Remove %s: %v, want %v", c.path, err, c.want)
		}
		if _, err := tree.Replace(sample(), c.path, "x"); !errors.Is(err, c.want) {
			t.Errorf("Replace %s: %v, want %v", c.path, err, c.want)
		}
	}
}

func TestAddInsertsBeforeTheIndex(t *testing.T) {
	for token, want := range map[string][]any{
		"0": {"x", "a", "b"},
		"1": {"a", "x", "b"},
		"2": {"a", "b", "x"},
		"-": {"a", "b", "x"},
	} {
		root, err := tree.Add(sample(), pointer.Pointer{"list", token}, "x")
		if err != nil {
			t.Errorf("at %s: %v", token, err)
			continue
		}
		if list, err := tree.Get(root, pointer.Pointer{"list"}); err != nil || !tree.Equal(list, want) {
			t.Errorf("at %s: %v, %v, want %v", token, list, err, want)
		}
	}
	if _, err := tree.Add(sample(), pointer.Pointer{"list", "3"}, "x"); !errors.Is(err, tree.ErrIndex) {
		t.Errorf("behind the end: %v, want %v", err, tree.ErrIndex)
	}
}

func TestEqualComparesNumbersByValue(t *testing.T) {
	for _, c := range []struct {
		a, b json.Number
		want bool
	}{
		{"1", "1.0", true},
		{"100", "1e2", true},
		{"0.010", "1E-2", true},
		{"0", "-0.0", true},
		{"1", "-1", false},
		{"9007199254740993", "9007199254740992", false},
	} {
		if got := tree.Equal(c.a, c.b); got != c.want {
			t.Errorf("%s equals %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestEqualLooksInside(t *testing.T) {
	if !tree.Equal(sample(), sample()) {
		t.Error("a tree must equal itself")
	}
	for _, other := range []any{
		nil,
		map[string]any{},
		map[string]any{"list": []any{"a", "b"}, "other": map[string]any{"key": "value"}},
		map[string]any{"list": []any{"b", "a"}, "object": map[string]any{"key": "value"}},
	} {
		if tree.Equal(sample(), other) {
			t.Errorf("%v must not equal %v", sample(), other)
		}
	}
}
