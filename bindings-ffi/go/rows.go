package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"unsafe"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
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
	feed := newFeed()
	queue, source, err := newQueue()
	if err != nil {
		return nil, nil, err
	}
	feed.isEager = true
	feed.work = func() error {
		// Unless it was finished the call ends, as not all is there.
		defer queue.close()
		var encoder encoder
		number := int64(0)
		for row, err := range r.rows {
			if err != nil {
				return err
			}
			number++
			record, err := encoder.encode(row)
			if err != nil {
				message := fmt.Sprintf("row %d cannot be made JSON: %v", number, err)
				return &Error{
					Code: ErrInvalidRecord, Message: message, Source: "rows", Line: number, causes: []error{err},
				}
			}
			if !queue.push(record, feed.stopped) {
				return nil
			}
		}
		queue.finish()
		return nil
	}
	return source, feed, nil
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

// queue is what pushes records into a source of rows. It is free to be used by many.
type queue struct {
	handle *handle.Handle[*C.cdpb_writer]
}

func newQueue() (*queue, *C.cdpb_source, error) {
	var writer *C.cdpb_writer
	source, _, err := opened(nil, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_rows(&writer, source, failed)
	})
	if err != nil {
		return nil, nil, err
	}
	own := handle.New(writer, func(pointer *C.cdpb_writer) { C.cdpb_writer_free(pointer) })
	return &queue{own}, source, nil
}

// push pushes one record once there is room; false if nothing reads any more, or once stopped is closed.
func (q *queue) push(record []byte, stopped <-chan struct{}) bool {
	const sliceMS = 100
	if len(record) == 0 {
		return true
	}
	for {
		code := C.cdpb_code(C.CDPB_CLOSED)
		q.handle.Use(func(writer *C.cdpb_writer) {
			data := (*C.char)(unsafe.Pointer(unsafe.SliceData(record)))
			code = C.cdpb_writer_push(writer, data, C.size_t(len(record)), sliceMS, nil)
		})
		if code != C.CDPB_TIMEOUT {
			return code == C.CDPB_OK
		}
		if isClosed(stopped) {
			return false
		}
	}
}

// finish says that every record was pushed.
func (q *queue) finish() {
	q.handle.Use(func(writer *C.cdpb_writer) { C.cdpb_writer_finish(writer, nil) })
}

// close frees the queue: unless it was finished, what was pushed is not all.
func (q *queue) close() { q.handle.Close() }
