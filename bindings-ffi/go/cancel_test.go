package cdpbatch_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

func TestACancelledContextStopsTheRunAndIsFoundInTheErrorWithItsCause(t *testing.T) {
	_, client := service(t, slow)
	ctx, cancel := context.WithCancelCause(background(t))
	defer cancel(nil)
	reason := errors.New("the night is over")
	upload, err := client.StartUpload(ctx, cdpbatch.Path("guests.ndjson"), &cdpbatch.RunOptions{RunID: "nightly"})
	if err != nil {
		t.Fatal(err)
	}
	for event := range upload.Events() {
		if _, is := event.(cdpbatch.Uploaded); is {
			cancel(reason)
		}
	}
	_, err = upload.Wait()
	for _, expected := range []error{cdpbatch.ErrCancelled, context.Canceled, reason} {
		if !errors.Is(err, expected) {
			t.Errorf("%v is not in the chain of %v", expected, err)
		}
	}
	var failed *cdpbatch.Error
	if !errors.As(err, &failed) || failed.RunID != "nightly" || len(failed.Refs) != 1 || failed.Report == nil {
		t.Fatalf("the error should tell the run: %+v", failed)
	}
	if failed.Report.Counts.Sent != 3 || failed.Report.Counts.Unknown != 3 {
		t.Errorf("the report should tell how far it came: %+v", failed.Report.Counts)
	}
}

func TestAContextThatIsDoneBeginsNothing(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	ctx, cancel := context.WithCancel(background(t))
	cancel()
	reader := readerFunc(func([]byte) (int, error) { panic("it is read") })
	_, err := client.Upload(ctx, cdpbatch.Reader("untouched", reader), nil)
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("it should be cancelled: %v", err)
	}
	if requests, err := emulator.Requests(); err != nil || len(requests) > 0 {
		t.Errorf("nothing should be asked: %v, %v", requests, err)
	}
}

func TestEveryCallThatWaitsEndsWithItsContext(t *testing.T) {
	_, client := service(t, hanging, func(config *cdpbatch.Config) { config.Options.StateDir = t.TempDir() })
	refs := []string{nobody}
	guests := cdpbatch.Path("guests.ndjson")
	endless := cdpbatch.Reader("endless", readerFunc(func(buffer []byte) (int, error) {
		return copy(buffer, guest(1)+"\n"), nil
	}))
	// There is a journal once a run has begun.
	begun, stop := context.WithTimeout(background(t), 50*time.Millisecond)
	defer stop()
	if err := last(client.Upload(begun, guests, nil)); !errors.Is(err, cdpbatch.ErrCancelled) {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"Upload":       func(ctx context.Context) error { return last(client.Upload(ctx, guests, nil)) },
		"Submit":       func(ctx context.Context) error { return last(client.Submit(ctx, guests, nil)) },
		"Wait":         func(ctx context.Context) error { return last(client.Wait(ctx, refs, nil)) },
		"Report":       func(ctx context.Context) error { return last(client.Report(ctx, refs)) },
		"Reconcile":    func(ctx context.Context) error { return last(client.Reconcile(ctx)) },
		"Validate":     func(ctx context.Context) error { return last(client.Validate(ctx, endless, nil)) },
		"Pack":         func(ctx context.Context) error { return last(client.Pack(ctx, endless, t.TempDir(), nil)) },
		"Batch.Status": func(ctx context.Context) error { return last(client.Batch(nobody).Status(ctx)) },
		"Batch.Wait":   func(ctx context.Context) error { return last(client.Batch(nobody).Wait(ctx)) },
		"Batch.Errors": func(ctx context.Context) (failed error) {
			for _, err := range client.Batch(nobody).Errors(ctx) {
				failed = err
			}
			return failed
		},
		"Batches": func(ctx context.Context) (failed error) {
			for _, err := range client.Batches(ctx, nil) {
				failed = err
			}
			return failed
		},
	} {
		ctx, cancel := context.WithTimeout(background(t), 50*time.Millisecond)
		err := call(ctx)
		cancel()
		var failed *cdpbatch.Error
		isOver := errors.Is(err, cdpbatch.ErrCancelled) && errors.Is(err, context.DeadlineExceeded)
		if !isOver || !errors.As(err, &failed) {
			t.Errorf("%s should tell that its time is over: %v", name, err)
		}
	}
}

func TestAnOperationIsCancelledWithoutItsContextAndAsOftenAsWanted(t *testing.T) {
	_, client := service(t, slow)
	upload, err := client.StartUpload(background(t), cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		t.Fatal(err)
	}
	upload.Cancel()
	upload.Cancel()
	<-upload.Done()
	_, err = upload.Wait()
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("it should be cancelled: %v", err)
	}
	upload.Cancel()
}

func TestCancellingAfterTheEndChangesNothing(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx, cancel := context.WithCancel(background(t))
	upload, err := client.StartUpload(ctx, cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-upload.Done()
	cancel()
	report, err := upload.Wait()
	confirmed(t, report, err, 3)
}

func TestAReaderThatFailsWithTheContextOfItsCallIsCancelled(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx, cancel := context.WithCancel(background(t))
	reader := readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	})
	_, err := client.Upload(ctx, cdpbatch.Reader("socket", reader), nil)
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("it should be cancelled: %v", err)
	}
}

func TestHalfOfACancelledReaderIsNeverTakenForAllOfIt(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	for round := range 100 {
		ctx, cancel := context.WithCancel(background(t))
		reads := 0
		reader := readerFunc(func(buffer []byte) (int, error) {
			if reads++; reads > round%5 {
				cancel()
			}
			return copy(buffer, guest(reads)+"\n"), nil
		})
		checked, err := client.Validate(ctx, cdpbatch.Reader("endless", reader), nil)
		if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
			t.Fatalf("round %d: it should be cancelled: %+v, %v", round, checked, err)
		}
	}
}

func TestAReaderThatHangsHoldsUpNoCancelledCall(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx, cancel := context.WithCancel(background(t))
	release := make(chan struct{})
	reader := readerFunc(func([]byte) (int, error) {
		cancel()
		<-release
		return 0, io.EOF
	})
	_, err := client.Upload(ctx, cdpbatch.Reader("socket", reader), nil)
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("it should be cancelled: %v", err)
	}
	close(release)
	noneLeft(t)
}

func TestAnIteratorThatHangsHoldsUpNoCancelledCall(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx, cancel := context.WithCancel(background(t))
	release := make(chan struct{})
	rows := func(func(any, error) bool) {
		cancel()
		<-release
	}
	_, err := client.Upload(ctx, cdpbatch.Rows(rows), nil)
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Errorf("it should be cancelled: %v", err)
	}
	close(release)
	noneLeft(t)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }

// last is the error of a call.
func last[T any](_ T, err error) error { return err }
