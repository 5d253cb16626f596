// Package text cuts texts into words.
package text

import "strings"

// Split gives the words of a text: what stands between white space.
func Split(input string) []string {
	return strings.Fields(input)
}
