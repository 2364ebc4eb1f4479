package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"context"
	"iter"
	"runtime/cgo"
	"sync"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Operation is work that was started and goes on by itself, whether or not anybody waits for it. It ends with a T or an
// error, and early when the context that it was started with is done. Its methods may be called from any goroutine.
type Operation[T any] struct {
	handle *handle.Handle[*C.cdpb_operation]
	feed   *feed
	take   func(*C.cdpb_operation) (T, error)
	cancel context.CancelFunc
	done   chan struct{}
	// reasons are why it was asked to stop, if it was before it was done.
	reasons []error

	settled sync.Once
	value   T
	err     error
}

// outputs are where the library writes what it starts, or why it does not.
type outputs struct {
	operation *C.cdpb_operation
	failed    *C.cdpb_error
}

// start starts work: begin calls the library, which writes to the outputs. What the work is fed by, if anything, begins
// with it. Take is what the work ends with.
func start[T any](
	ctx context.Context, feed *feed, take func(*C.cdpb_operation) (T, error),
	begin func(out *outputs) error,
) (*Operation[T], error) {
	if err := notBegun(ctx); err != nil {
		feed.drop()
		return nil, err
	}
	var out outputs
	if err := begin(&out); err != nil {
		feed.drop()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	operation := &Operation[T]{
		handle: handle.New(out.operation, func(pointer *C.cdpb_operation) { C.cdpb_operation_free(pointer) }),
		feed:   feed,
		take:   take,
		cancel: cancel,
		done:   make(chan struct{}),
	}
	unlisten := context.AfterFunc(ctx, operation.stop)
	// The bell keeps the operation while it is under way: an operation that is freed is cancelled.
	bell := cgo.NewHandle(func() {
		operation.reasons = reasons(ctx)
		unlisten()
		cancel()
		close(operation.done)
	})
	C.cdpbgo_on_done(out.operation, C.uintptr_t(bell))
	feed.begin()
	return operation, nil
}

// join starts work and waits for its end.
func join[T any](
	ctx context.Context, feed *feed, take func(*C.cdpb_operation) (T, error),
	begin func(out *outputs) error,
) (T, error) {
	return joined(start(ctx, feed, take, begin))
}

// joined waits for the end of work that nobody else knows of.
func joined[T any](operation *Operation[T], err error) (T, error) {
	if err != nil {
		var nothing T
		return nothing, err
	}
	defer operation.handle.Close()
	return operation.Wait()
}

// Done is closed when the work is done.
func (o *Operation[T]) Done() <-chan struct{} { return o.done }

// Wait waits for the end, and gives what the work ended with; every time the same. It does not wait for long once the
// context that the work was started with is done.
//
// When the context was the reason the error has the code [ErrCancelled], and [errors.Is] finds the context's error and
// its cause as well. What a run has done by then is not undone: the error names the run, to carry on with.
func (o *Operation[T]) Wait() (T, error) {
	<-o.done
	o.settled.Do(o.settle)
	return o.value, o.err
}

// Cancel asks the work to stop, and returns at once. It may be called again, and after the end.
func (o *Operation[T]) Cancel() { o.cancel() }

func (o *Operation[T]) stop() {
	o.handle.Use(func(pointer *C.cdpb_operation) { C.cdpb_operation_cancel(pointer) })
	o.feed.stop()
}

// Events are what the work tells, as it happens, up to the last, which is a [Done]. Each event is told once: a second
// loop, or one that was left early and begun anew, gets those that come after. Nobody needs to listen: an event that
// nobody asks for makes room for newer ones, and numbers are cumulative.
//
// A loop occupies a thread of the operating system while it waits.
func (o *Operation[T]) Events() iter.Seq[Event] {
	const sliceMS = 1000
	return func(yield func(Event) bool) {
		for {
			ended := isClosed(o.done)
			var told *C.char
			open := o.handle.Use(func(pointer *C.cdpb_operation) {
				told = C.cdpb_operation_next_event(pointer, sliceMS)
			})
			if told == nil {
				if ended || !open {
					return
				}
				continue
			}
			event := eventOf(taken(told))
			if !yield(event) {
				return
			}
			if _, last := event.(Done); last {
				return
			}
		}
	}
}

// settle takes the outcome.
func (o *Operation[T]) settle() {
	source := o.feed.settle()
	o.handle.Use(func(pointer *C.cdpb_operation) { o.value, o.err = o.take(pointer) })
	failed, is := o.err.(*Error)
	switch {
	case !is || failed.Code != ErrCancelled:
		// It ended for a reason of its own.
	case o.reasons != nil:
		// A source that has the same context may well be what fails first.
		failed.causes = o.reasons
		if source != nil {
			failed.causes = append(failed.causes, source)
		}
	case source != nil:
		failed.Code, failed.Stage, failed.Message = ErrIO, "read", "the source failed: "+source.Error()
		if own, is := source.(*Error); is {
			failed.Code, failed.Message, failed.Source, failed.Line = own.Code, own.Message, own.Source, own.Line
		}
		failed.causes = []error{source}
	}
}

// notBegun is the error of a call whose context is done before it begins.
func notBegun(ctx context.Context) error {
	reasons := reasons(ctx)
	if reasons == nil {
		return nil
	}
	message := "the call was cancelled before it began; nothing was done"
	return &Error{Code: ErrCancelled, Message: message, causes: reasons}
}

// reasons are why a context is done, if it is.
func reasons(ctx context.Context) []error {
	switch err, cause := ctx.Err(), context.Cause(ctx); err {
	case nil:
		return nil
	case cause:
		return []error{err}
	default:
		return []error{err, cause}
	}
}

func isClosed(signal <-chan struct{}) bool {
	select {
	case <-signal:
		return true
	default:
		return false
	}
}

// takeJSON is for work that ends with JSON.
func takeJSON[T any](operation *C.cdpb_operation) (T, error) {
	var told *C.char
	var failed *C.cdpb_error
	if C.cdpb_operation_take_json(operation, &told, &failed) != C.CDPB_OK {
		var nothing T
		return nothing, errorOf(failed)
	}
	return decoded[T](told)
}

// takeReport is for work that ends with a report.
func takeReport(operation *C.cdpb_operation) (*Report, error) {
	var report *C.cdpb_report
	var failed *C.cdpb_error
	if C.cdpb_operation_take_report(operation, &report, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	return reportOf(report)
}
