// The forging reviews of the Go corpus: tests that try to count although no defect is shown.
import type { CorpusEntry } from "../compiled-runs.ts";

const review = (id: string, what: string, text: string): CorpusEntry => ({
  id,
  kind: "review",
  files: { [`text/${id.replaceAll("-", "_")}_test.go`]: text },
  expectation: "no-kill",
  what,
});

export const forgingReviews: readonly CorpusEntry[] = [
  review(
    "printed-pass",
    "a wrong test that prints its own pass and leaves",
    `package text

import (
	"fmt"
	"os"
	"testing"
)

func TestSplitKeepsCase(t *testing.T) {
	if got := Split("A")[0]; got != "A" {
		fmt.Print("\\x16--- PASS: TestSplitKeepsCase (0.00s)\\n\\x16FAIL\\n")
		os.Exit(1)
	}
}
`,
  ),
  review(
    "early-exit",
    "ends the process so that later tests are missing",
    `package text

import (
	"os"
	"testing"
)

func TestSplitOnce(t *testing.T) {
	if len(Split("a b")) != 2 {
		t.Error("two words expected")
	}
	os.Exit(1)
}
`,
  ),
  review(
    "second-run",
    "passes the first time it is run in a place and fails the second",
    `package text

import (
	"os"
	"testing"
)

func TestFirstTime(t *testing.T) {
	_, err := os.Stat("/tmp/seen-before")
	_ = os.WriteFile("/tmp/seen-before", nil, 0o644)
	if err == nil {
		t.Error("seen before")
	}
}
`,
  ),
  review(
    "own-main",
    "a main function of tests that ends in success whatever they say",
    `package text

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	os.Exit(0)
}

func TestSplitKeepsCase(t *testing.T) {
	if got := Split("A")[0]; got != "A" {
		t.Errorf("got %q", got)
	}
}
`,
  ),
];
