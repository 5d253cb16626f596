package text

import "testing"

func TestSplit(t *testing.T) {
	got := Split("one two  three")
	if len(got) != 3 {
		t.Fatalf("%d words", len(got))
	}
	if got[2] != "three" {
		t.Errorf("last word %q", got[2])
	}
}
