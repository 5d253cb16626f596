package jsonedit

import "fmt"

// Merge applies a JSON Merge Patch (RFC 7396): objects are merged member by
// member, null removes a member, and anything else replaces what was there.
func Merge(document, patch []byte) ([]byte, error) {
	target, err := decodeDocument(document)
	if err != nil {
		return nil, err
	}
	var changes any
	if err := decode(patch, &changes); err != nil {
		return nil, fmt.Errorf("jsonedit: merge patch: %w", err)
	}
	return encode(merged(target, changes))
}

// merged returns the target with the changes made. Both were decoded for this
// call alone, so their parts can be reused.
func merged(target, changes any) any {
	members, ok := changes.(map[string]any)
	if !ok {
		return changes
	}
	result, ok := target.(map[string]any)
	if !ok {
		result = map[string]any{}
	}
	for name, change := range members {
		if change == nil {
			delete(result, name)
			continue
		}
		result[name] = merged(result[name], change)
	}
	return result
}
