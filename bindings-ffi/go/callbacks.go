package cdpbatch

// #include <stdint.h>
import "C"

import "runtime/cgo"

// cdpbgoDone is called on a thread of the library, once, with the number of a [cgo.Handle].
//
//export cdpbgoDone
func cdpbgoDone(context C.uintptr_t) {
	handle := cgo.Handle(context)
	bell := handle.Value().(func())
	handle.Delete()
	bell()
}
