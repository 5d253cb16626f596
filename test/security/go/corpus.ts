// Forging submissions and reviews for Go, beside honest ones: ordinary source files only, as a contestant may write.
import { readFileSync } from "node:fs";
import type { Job } from "../../../src/domain/instance.ts";
import { goTest } from "../../../src/grading/runners/go-test.ts";
import type { Corpus, CorpusEntry } from "../compiled-runs.ts";
import { forgingReviews } from "./reviews.ts";
import { attacks } from "./submissions.ts";

const library = "text/text.go";
const base = readFileSync(new URL(`../repos/go-tally/${library}`, import.meta.url), "utf8");

const gold = `// Package text cuts texts into words.
package text

import (
	"strings"
	"unicode"
)

// Split gives the words of a text in lower case: its runs of letters and digits.
func Split(input string) []string {
	return strings.FieldsFunc(strings.ToLower(input), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
`;

const otherFix = `// Package text cuts texts into words.
package text

import (
	"regexp"
	"strings"
)

var word = regexp.MustCompile("[\\\\pL\\\\p{Nd}]+")

// Split gives the words of a text in lower case: its runs of letters and digits.
func Split(input string) []string {
	return word.FindAllString(strings.ToLower(input), -1)
}
`;

const wrongFix = `// Package text cuts texts into words.
package text

import "strings"

// Split gives the words of a text in lower case.
func Split(input string) []string {
	return strings.Fields(strings.ToLower(input))
}
`;

const hiddenText = `package text

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestSplitIgnoresPunctuation(t *testing.T) {
	cases := []struct {
		in   string
		want []string
	}{
		{"one, two", []string{"one", "two"}},
		{"(three)", []string{"three"}},
		{"plain", []string{"plain"}},
	}
	for _, c := range cases {
		t.Run(c.in, func(t *testing.T) {
			if got := Split(c.in); !reflect.DeepEqual(got, c.want) {
				t.Errorf("Split(%q) = %v, want %v", c.in, got, c.want)
			}
		})
	}
}

func TestSplitIsLowerCase(t *testing.T) {
	got := strings.Join(Split("The END"), " ")
	if got != "the end" {
		t.Errorf("got %q", got)
	}
}

func ExampleSplit() {
	fmt.Println(Split("Well, well!"))
	// Output: [well well]
}
`;

const hiddenTally = `package tally_test

import (
	"testing"

	"example.com/tally"
)

func TestCaseDoesNotMatter(t *testing.T) {
	counts, err := tally.Words("The the THE end.")
	if err != nil {
		t.Fatalf("error %v", err)
	}
	if len(counts) != 2 {
		t.Fatalf("%d words: %v", len(counts), counts)
	}
	if counts[0].Uses != 3 {
		t.Errorf("%d uses, want 3", counts[0].Uses)
	}
}

func TestOnlyPunctuation(t *testing.T) {
	if _, err := tally.Words("?!"); err == nil {
		t.Error("no error")
	}
}
`;

const job: Job = {
  name: "test",
  run: "go test ./...",
  runner: "go-test",
  timeoutSeconds: 240,
  env: {},
  tags: [],
};

const controls: readonly CorpusEntry[] = [
  {
    id: "gold",
    kind: "control",
    files: { [library]: gold },
    expectation: "resolved",
    what: "the gold patch",
  },
  {
    id: "other-fix",
    kind: "control",
    files: { [library]: otherFix },
    expectation: "resolved",
    what: "another correct fix",
  },
  {
    id: "wrong-fix",
    kind: "control",
    files: { [library]: wrongFix },
    expectation: "unresolved",
    what: "lower case only",
  },
  {
    id: "base",
    kind: "control",
    files: { [library]: base },
    expectation: "unresolved",
    what: "nothing done",
  },
  {
    id: "does-not-compile",
    kind: "control",
    files: { [library]: `${base}\nfunc broken( {\n` },
    expectation: "unresolved",
    what: "does not even compile",
  },
  {
    id: "panics",
    kind: "control",
    files: {
      [library]: base.replace("return strings.Fields(input)", 'panic("later: " + strings.ToLower(input))'),
    },
    expectation: "unresolved",
    what: "panics in every test",
  },
];

export const goCorpus: Corpus = {
  language: "go",
  repository: "go-tally",
  job,
  runner: goTest,
  hidden: { "text/punctuation_test.go": hiddenText, "case_test.go": hiddenTally },
  gold: { [library]: gold },
  otherFix: { [library]: otherFix },
  entries: [
    ...controls,
    ...attacks.map(
      ({ id, what, code, library: changed, expectation = "forged" }): CorpusEntry => ({
        id,
        kind: "submission",
        // A file of its own beside the library's: as ordinary as a source file can be.
        files: { "text/extra.go": `package text\n\n${code}`, [library]: changed ?? base },
        expectation,
        what,
      }),
    ),
    ...forgingReviews,
  ],
};
