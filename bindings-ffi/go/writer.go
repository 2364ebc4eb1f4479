package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"bytes"
	"context"
	"iter"
	"sync"
)

// Writer pushes records into an upload as they come. Its methods may be called from any goroutine.
//
// Close must be called after the last record. A writer that is abandoned, or that nothing refers to any more, ends the
// upload with [ErrCancelled], so that half the records are never taken for all of them.
type Writer struct {
	queue  *queue
	upload *Operation[*Report]

	lock sync.Mutex
	// tail is the beginning of a line whose end was not yet written.
	tail []byte
	rows encoder
	// count is how many rows were given to WriteRow.
	count int64
}

// Writer begins an upload that is fed record by record. It ends early when the context is done. Errors and rejects call
// the source "rows", and a record's line is its number, from 1. Options may be nil.
func (c *Client) Writer(ctx context.Context, options *RunOptions) (*Writer, error) {
	queue, source, err := newRowQueue()
	if err != nil {
		return nil, err
	}
	upload, err := c.startUpload(ctx, source, nil, options)
	if err != nil {
		queue.close()
		return nil, err
	}
	return &Writer{queue: queue, upload: upload}, nil
}

// Write takes NDJSON: every line is a record, which may be written in pieces. It fits [io.Copy] and
// [json.NewEncoder]. It waits while the queue of records is full.
//
// When the upload has ended, Write fails with what it ended with.
func (w *Writer) Write(lines []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	written := 0
	for {
		line, rest, found := bytes.Cut(lines[written:], []byte("\n"))
		if !found {
			w.tail = append(w.tail, rest...)
			w.tail = append(w.tail, line...)
			return len(lines), nil
		}
		if len(w.tail) > 0 {
			w.tail = append(w.tail, line...)
			line = w.tail
		}
		if err := w.push(line); err != nil {
			return written, err
		}
		w.tail = w.tail[:0]
		written = len(lines) - len(rest)
	}
}

// WriteRow pushes one record: what [json.Marshal] makes of it, or a [json.RawMessage] byte for byte, but for line
// breaks, which become tabs. It waits while the queue of records is full.
//
// A row that cannot be JSON is [ErrInvalidRecord], and others may follow. When the upload has ended, WriteRow fails
// with what it ended with.
func (w *Writer) WriteRow(row any) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.count++
	record, err := w.rows.encode(row)
	if err != nil {
		return notJSON(w.count, err)
	}
	return w.push(record)
}

func (w *Writer) push(record []byte) error {
	if w.queue.push(record, w.upload.done) {
		return nil
	}
	// Nothing reads any more: the outcome says why.
	if _, err := w.upload.Wait(); err != nil {
		return err
	}
	return closed("the writer")
}

// Close says that every record was written, waits for the end of the upload, and gives its report. It may be called
// again.
//
// Unless RaiseOn says otherwise, records that were refused make it fail with [ErrRecordsRejected].
func (w *Writer) Close() (*Report, error) {
	w.lock.Lock()
	if len(w.tail) > 0 {
		// If nothing reads any more, the outcome says why.
		w.queue.push(w.tail, w.upload.done)
		w.tail = nil
	}
	w.lock.Unlock()
	w.queue.finish()
	defer w.queue.close()
	return w.upload.Wait()
}

// Abandon gives up: what was written is not all, and the upload ends with [ErrCancelled]. After Close it does
// nothing, so that it can be deferred.
func (w *Writer) Abandon() {
	w.queue.close()
}

// Events are what the upload tells, as [Operation.Events].
func (w *Writer) Events() iter.Seq[Event] { return w.upload.Events() }
