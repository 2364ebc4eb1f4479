package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"unsafe"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// queue is what pushes records, or bytes, into a source. Many may use it at a time.
type queue struct {
	handle *handle.Handle[*C.cdpb_writer]
}

// newQueue calls the library for a source that is pushed to.
func newQueue(
	open func(writer **C.cdpb_writer, source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code,
) (*queue, *C.cdpb_source, error) {
	var writer *C.cdpb_writer
	var source *C.cdpb_source
	var failed *C.cdpb_error
	if open(&writer, &source, &failed) != C.CDPB_OK {
		return nil, nil, errorOf(failed)
	}
	own := handle.New(writer, func(pointer *C.cdpb_writer) { C.cdpb_writer_free(pointer) })
	return &queue{own}, source, nil
}

// newRowQueue is a queue of records.
func newRowQueue() (*queue, *C.cdpb_source, error) {
	return newQueue(func(writer **C.cdpb_writer, source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_rows(writer, source, failed)
	})
}

// push pushes one record, or the next bytes, once there is room; false if nothing reads any more, or once stopped is
// closed.
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

// finish says that everything was pushed.
func (q *queue) finish() {
	q.handle.Use(func(writer *C.cdpb_writer) { C.cdpb_writer_finish(writer, nil) })
}

// close frees the queue: unless it was finished, what was pushed is not all.
func (q *queue) close() { q.handle.Close() }
