package field

import "math/bits"

// Set is a set of numbers from 0 to 63, enough for every cron field.
// Its zero value is empty.
type Set uint64

// With returns the set with value added.
func (s Set) With(value int) Set {
	return s | 1<<value
}

// Union returns the values that are in either set.
func (s Set) Union(other Set) Set {
	return s | other
}

// Has reports whether value is in the set.
func (s Set) Has(value int) bool {
	return s&(1<<value) != 0
}

// Values returns the members in increasing order.
func (s Set) Values() []int {
	values := make([]int, 0, bits.OnesCount64(uint64(s)))
	for rest := uint64(s); rest != 0; rest &= rest - 1 {
		values = append(values, bits.TrailingZeros64(rest))
	}
	return values
}
