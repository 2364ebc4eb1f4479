package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"io"
	"runtime"
	"runtime/cgo"
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
	return opened(nil, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
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
	return opened(nil, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
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
	return opened(nil, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
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
	return opened(nil, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_source_from_bytes(data, C.size_t(len(b)), source, failed)
	})
}

// Reader is what a reader gives, from where it stands to its end. It is read on a goroutine of its own, no faster
// than the records are packed, and not before the call asks for them. Errors and rejects call the source by this
// name.
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
	pump := &pump{feed: newFeed(), reader: r.reader, chunks: make(chan []byte)}
	pump.feed.work = pump.run
	context := cgo.NewHandle(pump)
	source, feed, err := opened(pump.feed, func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpbgo_source_from_reader(C.uintptr_t(context), name, source, failed)
	})
	if err != nil {
		context.Delete()
	}
	return source, feed, err
}

// pump hands what a reader gives to a thread of the library.
type pump struct {
	feed   *feed
	reader io.Reader
	chunks chan []byte
	// isWhole is whether the reader was read to its end.
	isWhole bool
	// rest is what was read and not yet handed over.
	rest []byte
}

// run reads into two buffers by turns: one is handed over while the other is filled.
func (p *pump) run() error {
	const size = 64 << 10
	buffers := [2][]byte{make([]byte, size), make([]byte, size)}
	for turn := 0; !isClosed(p.feed.stopped); turn ^= 1 {
		n, err := p.reader.Read(buffers[turn])
		if err != nil && err != io.EOF {
			return err
		}
		if n > 0 {
			select {
			case p.chunks <- buffers[turn][:n]:
			case <-p.feed.stopped:
				return nil
			}
		}
		if err == io.EOF {
			p.isWhole = true
			return nil
		}
	}
	return nil
}

// read fills a buffer of the library, on its thread: how many bytes, 0 at the end, or -1. What was not read to its
// end never ends here, so that half of it is not taken for all.
func (p *pump) read(buffer []byte) int {
	p.feed.run()
	for len(p.rest) == 0 {
		select {
		case p.rest = <-p.chunks:
		case <-p.feed.stopped:
			p.feed.cutOff()
			return -1
		case <-p.feed.ended:
			if p.isWhole {
				return 0
			}
			p.feed.cutOff()
			return -1
		}
	}
	n := copy(buffer, p.rest)
	p.rest = p.rest[n:]
	return n
}

// opened calls the library for a source that is fed by this.
func opened(
	feed *feed, open func(source **C.cdpb_source, failed **C.cdpb_error) C.cdpb_code,
) (*C.cdpb_source, *feed, error) {
	var source *C.cdpb_source
	var failed *C.cdpb_error
	if open(&source, &failed) != C.CDPB_OK {
		return nil, nil, errorOf(failed)
	}
	return source, feed, nil
}
