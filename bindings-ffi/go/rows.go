package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
)

// Rows are records that an iterator gives one by one, from a query for instance, without a file in between. It runs
// on a goroutine of its own, no faster than the records are packed. Errors and rejects call the source "rows", and a
// record's line is its number, from 1.
//
// A row is what [json.Marshal] makes of it; a [json.RawMessage] is taken byte for byte, but for line breaks, which
// become tabs. What the iterator fails with ends the call with [ErrIO], and a row that cannot be JSON with
// [ErrInvalidRecord]; [errors.Is] finds either error. A call that ended is told to the iterator with its next row.
// One that was cancelled does not wait for an iterator that hangs.
func Rows[T any](rows iter.Seq2[T, error]) Source { return rowsSource[T]{rows} }

type rowsSource[T any] struct{ rows iter.Seq2[T, error] }

func (r rowsSource[T]) open() (*C.cdpb_source, *feed, error) {
	if r.rows == nil {
		return nil, nil, invalid("the rows are nil; give an iterator")
	}
	queue, source, err := newRowQueue()
	if err != nil {
		return nil, nil, err
	}
	return source, newFeed(queue, r.pump), nil
}

// pump pushes every row.
func (r rowsSource[T]) pump(push func([]byte) bool) error {
	var encoder encoder
	number := int64(0)
	for row, err := range r.rows {
		if err != nil {
			return err
		}
		number++
		record, err := encoder.encode(row)
		if err != nil {
			return notJSON(number, err)
		}
		if !push(record) {
			return nil
		}
	}
	return nil
}

// notJSON says which row cannot be a record.
func notJSON(number int64, err error) error {
	message := fmt.Sprintf("row %d cannot be made JSON: %v", number, err)
	return &Error{Code: ErrInvalidRecord, Message: message, Source: "rows", Line: number, causes: []error{err}}
}

// encoder makes records of rows.
type encoder struct {
	buffer bytes.Buffer
	json   *json.Encoder
}

// encode gives JSON that holds until the next call. What HTML needs escaped is left as it is.
func (e *encoder) encode(row any) ([]byte, error) {
	if raw, is := row.(json.RawMessage); is {
		return raw, nil
	}
	if e.json == nil {
		e.json = json.NewEncoder(&e.buffer)
		e.json.SetEscapeHTML(false)
	}
	e.buffer.Reset()
	if err := e.json.Encode(row); err != nil {
		return nil, err
	}
	return e.buffer.Bytes(), nil
}
