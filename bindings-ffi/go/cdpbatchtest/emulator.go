// Package cdpbatchtest is a local Batch API for tests of programs that use cdpbatch: no tenant, no network beyond this
// machine. It is not for production.
//
//	func TestNightlyJob(t *testing.T) {
//		emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{})
//		if err != nil {
//			t.Fatal(err)
//		}
//		defer emulator.Close()
//		client, err := cdpbatch.New(emulator.Config())
//		...
//	}
package cdpbatchtest

// #cgo pkg-config: cdp_batch_testing
// #include <cdp_batch_testing.h>
// #include <stdlib.h>
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unsafe"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Settings are how an emulator is set up. The zero value is an emulator without faults.
type Settings struct {
	// ClientKey is the Client Key that it wants; by default one of its own.
	ClientKey string
	// APIToken is the API Token that it wants; by default one of its own.
	APIToken string
	// RecordsPerSecond is how fast batches are processed; by default at once.
	RecordsPerSecond float64
	// Faults is what goes wrong, as the emulator's README has it; by default nothing.
	Faults json.RawMessage
}

// Emulator is a Batch API with its storage, on this machine and in this process, until it is closed. Its methods may be
// called from any goroutine.
type Emulator struct {
	// BaseURL is where it listens.
	BaseURL string
	// ClientKey is the Client Key that it wants.
	ClientKey string
	// APIToken is the API Token that it wants.
	APIToken string

	handle *handle.Handle[*C.cdpb_emulator]
}

// Start starts an emulator on a free port. If it cannot, for settings that are not valid for instance, standard error
// says why.
func Start(settings Settings) (*Emulator, error) {
	if settings.ClientKey == "" {
		settings.ClientKey = "emulatorclientkey000000000000000"
	}
	if settings.APIToken == "" {
		settings.APIToken = "emulator-api-token"
	}
	asked := map[string]any{"client_key": settings.ClientKey, "api_token": settings.APIToken}
	if settings.RecordsPerSecond != 0 {
		asked["records_per_second"] = settings.RecordsPerSecond
	}
	if settings.Faults != nil {
		asked["faults"] = settings.Faults
	}
	encoded, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("the emulator's settings cannot be made JSON: %w", err)
	}
	text := C.CString(string(encoded))
	defer C.free(unsafe.Pointer(text))
	pointer := C.cdpb_emulator_start(text)
	if pointer == nil {
		return nil, errors.New("the emulator could not be started; standard error says why")
	}
	return &Emulator{
		BaseURL:   C.GoString(C.cdpb_emulator_base_url(pointer)),
		ClientKey: settings.ClientKey,
		APIToken:  settings.APIToken,
		handle:    handle.New(pointer, func(pointer *C.cdpb_emulator) { C.cdpb_emulator_free(pointer) }),
	}, nil
}

// Config is what a client of this service is made with. It asks and tries again within milliseconds; change it at will.
func (e *Emulator) Config() cdpbatch.Config {
	return cdpbatch.Config{
		BaseURL:   e.BaseURL,
		ClientKey: cdpbatch.Secret(e.ClientKey),
		APIToken:  cdpbatch.Secret(e.APIToken),
		Options: cdpbatch.ClientOptions{
			RunOptions: cdpbatch.RunOptions{
				Wait: cdpbatch.Wait{Min: 5 * time.Millisecond, Max: 40 * time.Millisecond},
			},
			Retry: cdpbatch.Retry{Base: time.Millisecond, Max: 10 * time.Millisecond},
		},
	}
}

// Close ends the emulator. It may be called again; an emulator that nothing refers to any more ends by itself.
func (e *Emulator) Close() { e.handle.Close() }

// Record is a record that the emulator accepted.
type Record struct {
	// BatchRef is the batch it came in.
	BatchRef string `json:"batch_ref"`
	// Index is its line in the batch, from 0; refused lines count too.
	Index int64 `json:"index"`
	// Ref is its own ref, or empty.
	Ref string `json:"ref"`
	// Text is the line exactly as it arrived, without its ending.
	Text string `json:"text"`
}

// Arrived are every record that was accepted, in the order of processing.
func (e *Emulator) Arrived() ([]Record, error) {
	return told[Record](e, func(pointer *C.cdpb_emulator) *C.char { return C.cdpb_emulator_arrived(pointer) })
}

// Batch is a batch as the emulator knows it.
type Batch struct {
	// Ref is its ref.
	Ref string `json:"ref"`
	// Status is its status now.
	Status string `json:"status"`
	// Size is its size as declared, in bytes.
	Size int64 `json:"size"`
	// Uploads are how often its file was uploaded whole; more than once is against the documents.
	Uploads int `json:"uploads"`
	// Violations are what the file or the uploads did against the documents.
	Violations []string `json:"violations"`
}

// Batches are every batch, in the order of allocation.
func (e *Emulator) Batches() ([]Batch, error) {
	return told[Batch](e, func(pointer *C.cdpb_emulator) *C.char { return C.cdpb_emulator_batches(pointer) })
}

// Request is a request that the emulator got. Header values, queries and credentials are never kept.
type Request struct {
	// Endpoint is "allocate", "upload", "status", "inspect", "list" or "log"; empty for an unknown path.
	Endpoint string `json:"endpoint"`
	// Ref is the batch in the path, or empty.
	Ref string `json:"ref"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// Path is the path without query.
	Path string `json:"path"`
	// Status is the HTTP status of the answer; 0 if there was none.
	Status int `json:"status"`
	// Faults are those that it met.
	Faults []string `json:"faults"`
	// Violations are what it did against the documents.
	Violations []string `json:"violations"`
}

// Requests are every request, in order.
func (e *Emulator) Requests() ([]Request, error) {
	return told[Request](e, func(pointer *C.cdpb_emulator) *C.char { return C.cdpb_emulator_requests(pointer) })
}

// SetFaults replaces what goes wrong, as the emulator's README has it; requests are counted anew.
func (e *Emulator) SetFaults(faults json.RawMessage) error {
	text := C.CString(string(faults))
	defer C.free(unsafe.Pointer(text))
	valid := false
	open := e.handle.Use(func(pointer *C.cdpb_emulator) { valid = bool(C.cdpb_emulator_set_faults(pointer, text)) })
	switch {
	case !open:
		return errClosed
	case !valid:
		return errors.New("the fault plan is not valid; the emulator's README describes it")
	}
	return nil
}

// AdvanceClock moves the emulator's clock forward: locations expire, batches leave the list, paced processing goes on.
func (e *Emulator) AdvanceClock(by time.Duration) {
	e.handle.Use(func(pointer *C.cdpb_emulator) {
		C.cdpb_emulator_advance_clock(pointer, C.uint64_t(by.Milliseconds()))
	})
}

var errClosed = errors.New("the emulator is closed; start a new one")

// told reads what the emulator tells.
func told[T any](e *Emulator, ask func(*C.cdpb_emulator) *C.char) ([]T, error) {
	var text *C.char
	if !e.handle.Use(func(pointer *C.cdpb_emulator) { text = ask(pointer) }) {
		return nil, errClosed
	}
	defer C.cdpb_emulator_string_free(text)
	var all []T
	if err := json.Unmarshal([]byte(C.GoString(text)), &all); err != nil {
		return nil, fmt.Errorf("the emulator's answer cannot be read: %w", err)
	}
	return all, nil
}
