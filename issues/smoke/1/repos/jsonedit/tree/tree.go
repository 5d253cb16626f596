// Package tree reads and changes decoded JSON by pointer.
//
// Values are those of encoding/json, with json.Number for numbers. The functions
// which change a tree return its new root and may reuse the old one's parts.
package tree

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"example.com/jsonedit/pointer"
)

// Reasons why a pointer leads nowhere.
var (
	ErrNotFound  = errors.New("there is no such value")
	ErrIndex     = errors.New("not an index of the array")
	ErrWholeTree = errors.New("the whole document cannot be removed")
)

// pastTheEnd is the token for the place behind an array's last element.
const pastTheEnd = "-"

// Get returns the value a pointer leads to.
func Get(root any, p pointer.Pointer) (any, error) {
	node := root
	for _, token := range p {
		var err error
		if node, err = child(node, token); err != nil {
			return nil, err
		}
	}
	return node, nil
}

// Add sets an object member, or inserts an element before the one at the index.
func Add(root any, p pointer.Pointer, value any) (any, error) {
	if len(p) == 0 {
		return value, nil
	}
	return change(root, p, func(parent any, token string) (any, error) {
		switch parent := parent.(type) {
		case map[string]any:
			parent[token] = value
			return parent, nil
		case []any:
			index, err := insertionIndex(parent, token)
			if err != nil {
				return nil, err
			}
			return slices.Insert(parent, index, value), nil
		}
		return nil, ErrNotFound
	})
}

// Replace puts another value in the place of an existing one.
func Replace(root any, p pointer.Pointer, value any) (any, error) {
	if len(p) == 0 {
		return value, nil
	}
	return change(root, p, func(parent any, token string) (any, error) {
		if _, err := child(parent, token); err != nil {
			return nil, err
		}
		return withChild(parent, token, value)
	})
}

// Remove takes a value out of its object or array.
func Remove(root any, p pointer.Pointer) (any, error) {
	if len(p) == 0 {
		return nil, ErrWholeTree
	}
	return change(root, p, func(parent any, token string) (any, error) {
		switch parent := parent.(type) {
		case map[string]any:
			if _, ok := parent[token]; !ok {
				return nil, ErrNotFound
			}
			delete(parent, token)
			return parent, nil
		case []any:
			index, err := elementIndex(parent, token)
			if err != nil {
				return nil, err
			}
			return slices.Delete(parent, index, index+1), nil
		}
		return nil, ErrNotFound
	})
}

// change walks to the parent of the value at p, has edit rewrite that parent,
// and puts the outcome in its place.
func change(node any, p pointer.Pointer, edit func(parent any, token string) (any, error)) (any, error) {
	if len(p) == 1 {
		return edit(node, p[0])
	}
	next, err := child(node, p[0])
	if err != nil {
		return nil, err
	}
	changed, err := change(next, p[1:], edit)
	if err != nil {
		return nil, err
	}
	return withChild(node, p[0], changed)
}

// child returns the member or element of a node that a token names.
func child(node any, token string) (any, error) {
	switch node := node.(type) {
	case map[string]any:
		if value, ok := node[token]; ok {
			return value, nil
		}
	case []any:
		index, err := elementIndex(node, token)
		if err != nil {
			return nil, err
		}
		return node[index], nil
	}
	return nil, ErrNotFound
}

// withChild returns the node with the member or element a token names exchanged.
func withChild(node any, token string, value any) (any, error) {
	switch node := node.(type) {
	case map[string]any:
		node[token] = value
		return node, nil
	case []any:
		index, err := elementIndex(node, token)
		if err != nil {
			return nil, err
		}
		node[index] = value
		return node, nil
	}
	return nil, ErrNotFound
}

// elementIndex reads the index of an existing element.
func elementIndex(array []any, token string) (int, error) {
	index, err := insertionIndex(array, token)
	if err == nil && index == len(array) {
		err = fmt.Errorf("%q: %w", token, ErrIndex)
	}
	return index, err
}

// insertionIndex reads an index at which an element may be inserted. Signs and
// leading zeros are not allowed in indices.
func insertionIndex(array []any, token string) (int, error) {
	if token == pastTheEnd {
		return len(array), nil
	}
	index, err := strconv.Atoi(token)
	if err != nil || index < 0 || index > len(array) || strconv.Itoa(index) != token {
		return 0, fmt.Errorf("%q: %w", token, ErrIndex)
	}
	return index, nil
}
