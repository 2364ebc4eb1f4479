// Package handle owns objects of a C library.
package handle

import (
	"runtime"
	"sync"
)

// Handle is an object of a C library, which P points to. Many may use it at a time, and it is freed once: by Close, or
// when nothing refers to the handle any more.
type Handle[P any] struct {
	lock    sync.RWMutex
	pointer P
	free    func(P)
	cleanup runtime.Cleanup
	closed  bool
}

// New owns what the pointer points to; free frees it, on any goroutine.
func New[P any](pointer P, free func(P)) *Handle[P] {
	handle := &Handle[P]{pointer: pointer, free: free}
	handle.cleanup = runtime.AddCleanup(handle, free, pointer)
	return handle
}

// Use calls work with the pointer, which is not freed meanwhile; false if it was freed before. A nil handle was.
func (h *Handle[P]) Use(work func(P)) bool {
	if h == nil {
		return false
	}
	h.lock.RLock()
	defer h.lock.RUnlock()
	if h.closed {
		return false
	}
	work(h.pointer)
	return true
}

// Close frees the object once nobody uses it. It may be called again, and of a nil handle.
func (h *Handle[P]) Close() {
	if h == nil {
		return
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	h.cleanup.Stop()
	h.free(h.pointer)
}
