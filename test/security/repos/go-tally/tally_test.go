package tally_test

import (
	"errors"
	"testing"

	"example.com/tally"
)

func TestMostUsedComesFirst(t *testing.T) {
	counts, err := tally.Words("b a b")
	if err != nil {
		t.Fatal(err)
	}
	if counts[0] != (tally.Count{Word: "b", Uses: 2}) {
		t.Errorf("first is %v", counts[0])
	}
}

func TestNoWords(t *testing.T) {
	if _, err := tally.Words("  "); !errors.Is(err, tally.ErrEmpty) {
		t.Errorf("error %v", err)
	}
}
