package tree

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Equal reports whether two values are the same, with numbers compared by value.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalObjects(a, b)
	case []any:
		b, ok := b.([]any)
		return ok && equalArrays(a, b)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && decimalOf(a) == decimalOf(b)
	}
	return a == b
}

func equalObjects(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		other, ok := b[name]
		if !ok || !Equal(value, other) {
			return false
		}
	}
	return true
}

func equalArrays(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i, value := range a {
		if !Equal(value, b[i]) {
			return false
		}
	}
	return true
}

// decimal is a number as sign, digits and power of ten. Equal numbers have equal
// decimals, as digits neither start nor end with a zero.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// decimalOf takes a number apart as text, which is exact however many digits or
// whatever exponent it has.
func decimalOf(number json.Number) decimal {
	text, negative := strings.CutPrefix(string(number), "-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	// An exponent beyond any int stays at the largest or smallest one.
	exponent, _ := strconv.Atoi(exponentText)
	significant := strings.TrimRight(digits, "0")
	return decimal{negative, significant, exponent - len(fraction) + len(digits) - len(significant)}
}
