package jsonedit

import (
	"errors"
	"fmt"

	"example.com/jsonedit/tree"
)

// Reasons why an operation fails, besides those of package tree.
var (
	ErrTestFailed = errors.New("the value is another one")
	ErrIntoItself = errors.New("a value cannot be moved into itself")
)

// requirements lists the operations, and what each needs besides a path.
var requirements = map[string]struct{ from, value bool }{
	"add":     {value: true},
	"remove":  {},
	"replace": {value: true},
	"move":    {from: true},
	"copy":    {from: true},
	"test":    {value: true},
}

// apply carries the operation out and returns the new root.
func (o Operation) apply(root any) (any, error) {
	switch o.Op {
	case "add":
		return tree.Add(root, o.Path, o.Value)
	case "remove":
		return tree.Remove(root, o.Path)
	case "replace":
		return tree.Replace(root, o.Path, o.Value)
	case "move":
		return o.move(root)
	case "copy":
		return o.copy(root)
	case "test":
		return root, o.test(root)
	}
	return nil, fmt.Errorf("%q is not an operation", o.Op)
}

func (o Operation) move(root any) (any, error) {
	if o.From.Contains(o.Path) {
		return nil, ErrIntoItself
	}
	value, err := tree.Get(root, o.From)
	if err != nil {
		return nil, err
	}
	if len(o.From) == 0 {
		// The whole document can only be moved to where it is.
		return root, nil
	}
	if root, err = tree.Remove(root, o.From); err != nil {
		return nil, err
	}
	return tree.Add(root, o.Path, value)
}

func (o Operation) copy(root any) (any, error) {
	value, err := tree.Get(root, o.From)
	if err != nil {
		return nil, err
	}
	return tree.Add(root, o.Path, value)
}

func (o Operation) test(root any) error {
	value, err := tree.Get(root, o.Path)
	if err != nil {
		return err
	}
	if !tree.Equal(value, o.Value) {
		return ErrTestFailed
	}
	return nil
}
