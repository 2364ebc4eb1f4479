package cdpbatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

func TestAWriterTakesRowsAndLinesInAnyPiecesFromAnyGoroutine(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	writer, err := client.Writer(background(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Abandon()
	var rows sync.WaitGroup
	for first := range 4 {
		rows.Go(func() {
			for number := range 100 {
				if err := writer.WriteRow(json.RawMessage(guest(1000 + first*100 + number))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	rows.Wait()
	pieces := iotest.HalfReader(strings.NewReader(guests(100) + guest(200)))
	if _, err := io.CopyBuffer(writer, pieces, make([]byte, 77)); err != nil {
		t.Fatal(err)
	}
	report, err := writer.Close()
	confirmed(t, report, err, 501)
	if again, err := writer.Close(); again != report || err != nil {
		t.Error("closing again gives the same")
	}
	writer.Abandon()
	if err := writer.WriteRow(json.RawMessage(guest(1))); !errors.Is(err, cdpbatch.ErrClosed) {
		t.Errorf("the writer is closed: %v", err)
	}
}

func TestAnEncoderWritesARowEachTime(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	options := &cdpbatch.RunOptions{Schema: "guest", Mode: "upsert"}
	writer, err := client.Writer(background(t), options)
	if err != nil {
		t.Fatal(err)
	}
	encoder := json.NewEncoder(writer)
	for number := range 3 {
		identifiers := []any{map[string]any{"provider": "CRM", "id": string(rune('a' + number))}}
		if err := encoder.Encode(map[string]any{"guestType": "customer", "identifiers": identifiers}); err != nil {
			t.Fatal(err)
		}
	}
	report, err := writer.Close()
	confirmed(t, report, err, 3)
}

func TestAWriterThatIsAbandonedEndsAsCancelledAndSendsNothing(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	writer, err := client.Writer(background(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.WriteRow(json.RawMessage(guest(1))); err != nil {
		t.Fatal(err)
	}
	writer.Abandon()
	if _, err := writer.Close(); !errors.Is(err, cdpbatch.ErrCancelled) {
		t.Errorf("it should be cancelled: %v", err)
	}
	if arrived, err := emulator.Arrived(); err != nil || len(arrived) > 0 {
		t.Errorf("half the records should not arrive: %v, %v", arrived, err)
	}
}

func TestAWriterWhoseUploadHasEndedSaysWhy(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{}, func(config *cdpbatch.Config) {
		config.APIToken = "another"
		config.Options.MaxBatchRecords = 1
	})
	writer, err := client.Writer(background(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for number := 0; err == nil; number++ {
		err = writer.WriteRow(json.RawMessage(guest(number)))
	}
	if !errors.Is(err, cdpbatch.ErrUnauthorized) {
		t.Errorf("it should say why: %v", err)
	}
	if _, err := writer.Write([]byte("{}\n")); !errors.Is(err, cdpbatch.ErrUnauthorized) {
		t.Errorf("it should say why: %v", err)
	}
	if _, err := writer.Close(); !errors.Is(err, cdpbatch.ErrUnauthorized) {
		t.Errorf("it should say why: %v", err)
	}
}

func TestAContextEndsAWriterThatWaitsForRoom(t *testing.T) {
	_, client := service(t, hanging, func(config *cdpbatch.Config) { config.Options.MaxBatchRecords = 1 })
	ctx, cancel := context.WithTimeout(background(t), 50*time.Millisecond)
	defer cancel()
	writer, err := client.Writer(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for number := 0; err == nil; number++ {
		err = writer.WriteRow(json.RawMessage(guest(number)))
	}
	if !errors.Is(err, cdpbatch.ErrCancelled) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it should say why: %v", err)
	}
	if _, err := writer.Close(); !errors.Is(err, cdpbatch.ErrCancelled) {
		t.Errorf("it should say why: %v", err)
	}
}

func TestARowThatCannotBeJSONIsRefusedAndOthersMayFollow(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	writer, err := client.Writer(background(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var failed *cdpbatch.Error
	err = writer.WriteRow(make(chan int))
	if !errors.Is(err, cdpbatch.ErrInvalidRecord) || !errors.As(err, &failed) || failed.Line != 1 {
		t.Errorf("it should be named: %v", err)
	}
	if err := writer.WriteRow(json.RawMessage(guest(1))); err != nil {
		t.Fatal(err)
	}
	report, err := writer.Close()
	confirmed(t, report, err, 1)
}

func TestAForgottenWriterEndsItsUpload(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ended := make(chan struct{})
	func() {
		writer, err := client.Writer(background(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		events := writer.Events()
		go func() {
			defer close(ended)
			for range events {
			}
		}()
	}()
	eventually(t, "the end of the upload", func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	noneLeft(t)
}
