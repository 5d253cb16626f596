// Package tally counts words.
package tally

import (
	"errors"
	"sort"

	"example.com/tally/text"
)

// ErrEmpty is returned for a text without words.
var ErrEmpty = errors.New("tally: no words")

// Count is a word with the number of its uses.
type Count struct {
	Word string
	Uses int
}

// Words counts the words of a text, most used first, ties in alphabetical order.
func Words(input string) ([]Count, error) {
	uses := map[string]int{}
	for _, word := range text.Split(input) {
		uses[word]++
	}
	if len(uses) == 0 {
		return nil, ErrEmpty
	}
	counts := make([]Count, 0, len(uses))
	for word, number := range uses {
		counts = append(counts, Count{word, number})
	}
	sort.Slice(counts, func(i, j int) bool {
		if counts[i].Uses != counts[j].Uses {
			return counts[i].Uses > counts[j].Uses
		}
		return counts[i].Word < counts[j].Word
	})
	return counts, nil
}
