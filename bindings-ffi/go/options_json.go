package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"encoding/json"
	"maps"
	"time"
)

// fields are options as the library takes them, by their names there; those that are not set are left out.
type fields map[string]any

// set adds an option unless it has its zero value, which stands for the default.
func set[T comparable](to fields, name string, value T) {
	var unset T
	if value == unset {
		return
	}
	switch value := any(value).(type) {
	case time.Duration:
		// Up to the next millisecond, so that a pause does not become none, which means the default.
		to[name] = (value + time.Millisecond - 1).Milliseconds()
	case Secret:
		to[name] = string(value)
	default:
		to[name] = value
	}
}

// nest adds options of their own name, unless none is set.
func nest(to fields, name string, nested fields) {
	if len(nested) > 0 {
		to[name] = nested
	}
}

// json is text for the library; nil for no options.
func (f fields) json(extra map[string]any) (*C.char, error) {
	maps.Copy(f, extra)
	encoded, err := json.Marshal(f)
	if err != nil {
		return nil, invalid("the options cannot be made JSON: "+err.Error(), err)
	}
	return text("options", string(encoded))
}

func (o *RunOptions) json() (*C.char, error) {
	if o == nil {
		return nil, nil
	}
	return o.fields().json(o.Extra)
}

func (o *ClientOptions) json() (*C.char, error) {
	if o == nil {
		return nil, nil
	}
	return o.fields().json(o.Extra)
}
