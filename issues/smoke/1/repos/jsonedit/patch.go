// Package jsonedit applies JSON Patch and JSON Merge Patch to documents.
package jsonedit

import (
	"encoding/json"
	"errors"
	"fmt"

	"example.com/jsonedit/pointer"
)

// Patch is a list of operations. It may be applied any number of times.
type Patch []Operation

// Operation is one step of a patch.
type Operation struct {
	Op   string
	Path pointer.Pointer
	// From is where copy and move take their value.
	From pointer.Pointer
	// Value is what add, replace and test are given.
	Value any
}

// OperationError says which operation of a patch failed, and why.
type OperationError struct {
	// Index is the position in the patch, starting with 0.
	Index     int
	Operation Operation
	Err       error
}

func (e *OperationError) Error() string {
	return fmt.Sprintf("operation %d (%s %q): %v", e.Index, e.Operation.Op, e.Operation.Path, e.Err)
}

func (e *OperationError) Unwrap() error { return e.Err }

// writtenOperation is an operation as JSON has it. What is missing stays nil.
type writtenOperation struct {
	Op    string          `json:"op"`
	Path  *string         `json:"path"`
	From  *string         `json:"from"`
	Value json.RawMessage `json:"value"`
}

// Decode reads a JSON array of operations and checks that each is complete.
func Decode(data []byte) (Patch, error) {
	var written []writtenOperation
	if err := decode(data, &written); err != nil {
		return nil, fmt.Errorf("jsonedit: patch: %w", err)
	}
	patch := make(Patch, 0, len(written))
	for i, w := range written {
		operation, err := w.operation()
		if err != nil {
			return nil, fmt.Errorf("jsonedit: patch: operation %d: %w", i, err)
		}
		patch = append(patch, operation)
	}
	return patch, nil
}

// operation checks and converts what was written.
func (w writtenOperation) operation() (Operation, error) {
	needs, known := requirements[w.Op]
	if !known {
		return Operation{}, fmt.Errorf("%q is not an operation", w.Op)
	}
	operation := Operation{Op: w.Op}
	var err error
	if operation.Path, err = parseMember("path", w.Path); err != nil {
		return Operation{}, err
	}
	if needs.from {
		if operation.From, err = parseMember("from", w.From); err != nil {
			return Operation{}, err
		}
	}
	if needs.value {
		if w.Value == nil {
			return Operation{}, errors.New(`there is no "value"`)
		}
		err = decode(w.Value, &operation.Value)
	}
	return operation, err
}

// parseMember reads an operation's pointer.
func parseMember(name string, text *string) (pointer.Pointer, error) {
	if text == nil {
		return nil, fmt.Errorf("there is no %q", name)
	}
	return pointer.Parse(*text)
}

// Apply returns the edited document. If an operation fails it returns an
// *OperationError and no document.
func (p Patch) Apply(document []byte) ([]byte, error) {
	root, err := decodeDocument(document)
	if err != nil {
		return nil, err
	}
	for i, operation := range p {
		if root, err = operation.apply(root); err != nil {
			return nil, &OperationError{Index: i, Operation: operation, Err: err}
		}
	}
	return encode(root)
}
