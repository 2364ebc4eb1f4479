package cdpbatch

// #include <stdint.h>
// #include <stddef.h>
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// These are called on threads of the library. Each is given the number of a [cgo.Handle].

//export cdpbgoDone
func cdpbgoDone(context C.uintptr_t) {
	handle := cgo.Handle(context)
	bell := handle.Value().(func())
	handle.Delete()
	bell()
}

//export cdpbgoRead
func cdpbgoRead(context C.uintptr_t, buffer *C.uint8_t, length C.size_t) C.int64_t {
	pump := cgo.Handle(context).Value().(*pump)
	return C.int64_t(pump.read(unsafe.Slice((*byte)(unsafe.Pointer(buffer)), int(length))))
}

//export cdpbgoRelease
func cdpbgoRelease(context C.uintptr_t) {
	handle := cgo.Handle(context)
	pump := handle.Value().(*pump)
	handle.Delete()
	pump.feed.stop()
}
