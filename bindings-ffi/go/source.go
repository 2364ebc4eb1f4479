package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"io"
	"runtime"
	"unsafe"
)

// Source is where records come from: [Path], [Paths], [Glob], [Bytes], [Reader] or [Rows]. What it gives may be
// NDJSON, a JSON array or JSON over several lines, plain or gzip; the content decides, never the name.
type Source interface {
	// open gives a source of the library, which the caller frees, and what it is fed by.
	open() (*C.cdpb_source, *feed, error)
}

// Path is a file, opened when its turn comes. It fails the run with [ErrIO] if it cannot be read or changes meanwhile.
func Path(path string) Source { return pathSource(path) }

type pathSource string

func (p pathSource) open() (*C.cdpb_source, *feed, error) {
	path, err := text("path", string(p))
	if err != nil {
		return nil, nil, err
	}
	return opened(func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_path(path, source, failed)
	})
}

// Paths are several files, one after the other.
func Paths(paths ...string) Source { return pathsSource(paths) }

type pathsSource []string

func (p pathsSource) open() (*C.cdpb_source, *feed, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	paths, err := texts(&pinner, "path", p)
	if err != nil {
		return nil, nil, err
	}
	return opened(func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_paths(paths, source, failed)
	})
}

// Glob are the files that match a pattern such as "exports/guests-*.ndjson.gz", in the order of their paths. A
// pattern that no file matches is [ErrIO].
func Glob(pattern string) Source { return globSource(pattern) }

type globSource string

func (g globSource) open() (*C.cdpb_source, *feed, error) {
	pattern, err := text("pattern", string(g))
	if err != nil {
		return nil, nil, err
	}
	return opened(func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_glob(pattern, source, failed)
	})
}

// Bytes are records in memory. They are copied when a call begins. Errors and rejects call the source "bytes".
func Bytes(data []byte) Source { return bytesSource(data) }

type bytesSource []byte

func (b bytesSource) open() (*C.cdpb_source, *feed, error) {
	data := unsafe.Pointer(unsafe.SliceData([]byte(b)))
	if data == nil {
		data = unsafe.Pointer(new(byte))
	}
	return opened(func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_bytes(data, C.size_t(len(b)), source, failed)
	})
}

// Reader is what a reader gives, from where it stands to its end. It is read on a goroutine of its own, no faster than
// the records are packed. Errors and rejects call the source by this name.
//
// What the reader fails with ends the call with [ErrIO], and [errors.Is] finds it. A call that is cancelled does not
// wait for a Read that hangs; that one ends in its own time, and no other begins.
func Reader(name string, reader io.Reader) Source { return readerSource{name, reader} }

type readerSource struct {
	name   string
	reader io.Reader
}

func (r readerSource) open() (*C.cdpb_source, *feed, error) {
	name, err := text("name", r.name)
	if err != nil {
		return nil, nil, err
	}
	if r.reader == nil {
		return nil, nil, invalid("the reader is nil; give one")
	}
	queue, source, err := newQueue(
		func(writer **C.cdpb_writer, source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
			return C.cdpb_source_from_stream(name, writer, source, failed)
		})
	if err != nil {
		return nil, nil, err
	}
	return source, newFeed(queue, func(push func([]byte) bool) error { return pump(r.reader, push) }), nil
}

// pump pushes what a reader gives, to its end.
func pump(reader io.Reader, push func([]byte) bool) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := reader.Read(buffer)
		if !push(buffer[:n]) || err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// opened calls the library for a source that needs no feeding.
func opened(open func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code) (*C.cdpb_source, *feed, error) {
	var source *C.cdpb_source
	var failed *C.cdpb_error
	if open(&source, &failed) != C.CDPB_OK {
		return nil, nil, errorOf(failed)
	}
	return source, nil, nil
}
