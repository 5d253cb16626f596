// Package pointer reads and writes JSON Pointers (RFC 6901).
package pointer

import (
	"fmt"
	"strings"
)

// Pointer is the list of names and indices that lead from a document to one of
// its values. The empty Pointer is the document itself.
type Pointer []string

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~0", "~", "~1", "/")
)

// Parse reads a pointer such as "/servers/0/name".
func Parse(text string) (Pointer, error) {
	if text == "" {
		return Pointer{}, nil
	}
	if text[0] != '/' {
		return nil, fmt.Errorf("pointer %q does not start with a slash", text)
	}
	tokens := strings.Split(text[1:], "/")
	for i, token := range tokens {
		if !wellEscaped(token) {
			return nil, fmt.Errorf("pointer %q has a ~ without 0 or 1", text)
		}
		tokens[i] = unescaper.Replace(token)
	}
	return tokens, nil
}

// wellEscaped reports whether every ~ is followed by 0 or 1.
func wellEscaped(token string) bool {
	_, rest, found := strings.Cut(token, "~")
	for found {
		if rest == "" || (rest[0] != '0' && rest[0] != '1') {
			return false
		}
		_, rest, found = strings.Cut(rest, "~")
	}
	return true
}

// String writes the pointer the way Parse reads it.
func (p Pointer) String() string {
	var text strings.Builder
	for _, token := range p {
		text.WriteByte('/')
		text.WriteString(escaper.Replace(token))
	}
	return text.String()
}

// Contains reports whether other leads to a value inside the one p leads to.
// A value is not inside itself.
func (p Pointer) Contains(other Pointer) bool {
	if len(other) <= len(p) {
		return false
	}
	for i, token := range p {
		if other[i] != token {
			return false
		}
	}
	return true
}
