package cdpbatch

// #cgo pkg-config: cdp_batch
// #include "callbacks.h"
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"
)

// text is a copy of s for C to read during one call, ending with NUL.
func text(name, s string) (*C.char, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return nil, invalid(fmt.Sprintf("%s holds a NUL, which C takes for its end; leave it out", name))
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(append([]byte(s), 0)))), nil
}

// optional is as text, but nil for nothing.
func optional(name, s string) (*C.char, error) {
	if s == "" {
		return nil, nil
	}
	return text(name, s)
}

// texts are pointers for C to read while they are pinned, ending with NULL.
func texts(pinner *runtime.Pinner, name string, all []string) (**C.char, error) {
	pointers := make([]*C.char, 0, len(all)+1)
	for _, s := range all {
		pointer, err := text(name, s)
		if err != nil {
			return nil, err
		}
		pinner.Pin(pointer)
		pointers = append(pointers, pointer)
	}
	pointers = append(pointers, nil)
	return unsafe.SliceData(pointers), nil
}

// taken is text that the library gave away, which is freed.
func taken(text *C.char) []byte {
	defer C.cdpb_string_free(text)
	return []byte(C.GoString(text))
}
