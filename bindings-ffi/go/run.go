package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"context"
	"iter"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Run is a run whose parts storage has all accepted.
type Run struct {
	// ID is the run's name.
	ID string
	// Refs are the refs of its batches. They are all that another process needs to carry on: see [Client.Wait] and
	// [Client.Report].
	Refs []string

	handle *handle.Handle[*C.cdpb_run]
}

func takeRun(operation *C.cdpb_operation) (*Run, error) {
	var pointer *C.cdpb_run
	var failed *C.cdpb_error
	if C.cdpb_operation_take_run(operation, &pointer, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	run := &Run{ID: C.GoString(C.cdpb_run_id(pointer)), Refs: []string{}}
	for index := C.size_t(0); ; index++ {
		ref := C.cdpb_run_ref(pointer, index)
		if ref == nil {
			break
		}
		run.Refs = append(run.Refs, C.GoString(ref))
	}
	run.handle = handle.New(pointer, func(pointer *C.cdpb_run) { C.cdpb_run_free(pointer) })
	return run, nil
}

// Wait waits until every batch is processed, as [Client.Upload] does. A run is waited for once; after that it is
// [ErrClosed].
func (r *Run) Wait(ctx context.Context) (*Report, error) { return joined(r.StartWait(ctx)) }

// StartWait begins what [Run.Wait] does.
func (r *Run) StartWait(ctx context.Context) (*Operation[*Report], error) {
	return start(ctx, nil, takeReport, func(out *outputs) error {
		code := C.cdpb_code(C.CDPB_OK)
		open := r.handle.Use(func(run *C.cdpb_run) { code = C.cdpb_run_wait(run, &out.operation, &out.failed) })
		if !open {
			return closed("the run")
		}
		if code != C.CDPB_OK {
			return errorOf(out.failed)
		}
		return nil
	})
}

// Close frees the run, which ends the waiting here; the service goes on. It may be called again; a run that nothing
// refers to any more is freed by itself.
func (r *Run) Close() { r.handle.Close() }

// Batch is one batch, whoever sent it. Nothing on this machine is needed.
type Batch struct {
	// Ref is its ref, a UUID.
	Ref    string
	client *Client
}

// Batch is the batch of this ref. What is not a ref makes its methods fail with [ErrInvalidOptions], and one that the
// service does not know with [ErrNotFound].
func (c *Client) Batch(ref string) Batch { return Batch{ref, c} }

// Status asks for the batch's state.
func (b Batch) Status(ctx context.Context) (*BatchInfo, error) {
	ref, err := text("ref", b.Ref)
	if err != nil {
		return nil, err
	}
	return join(ctx, nil, takeJSON[*BatchInfo], b.client.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_batch_status(client, ref, &out.operation, &out.failed)
	}))
}

// Wait waits until the batch has finished.
func (b Batch) Wait(ctx context.Context) (*BatchInfo, error) {
	ref, err := text("ref", b.Ref)
	if err != nil {
		return nil, err
	}
	return join(ctx, nil, takeJSON[*BatchInfo], b.client.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_batch_wait(client, ref, &out.operation, &out.failed)
	}))
}

// Errors are the records that the service refused in the batch, fetched anew for every loop. An error is the last
// that a loop gets.
func (b Batch) Errors(ctx context.Context) iter.Seq2[Reject, error] {
	return func(yield func(Reject, error) bool) {
		ref, err := text("ref", b.Ref)
		if err != nil {
			yield(Reject{}, err)
			return
		}
		begin := b.client.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
			return C.cdpb_client_batch_errors(client, ref, &out.operation, &out.failed)
		})
		rejects, err := join(ctx, nil, takeRejects, begin)
		if err != nil {
			yield(Reject{}, err)
			return
		}
		readRejects(rejects, yield)
	}
}

func takeRejects(operation *C.cdpb_operation) (*C.cdpb_rejects, error) {
	var rejects *C.cdpb_rejects
	var failed *C.cdpb_error
	if C.cdpb_operation_take_rejects(operation, &rejects, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	return rejects, nil
}
