package cdpbatch_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

// guests are so many records as NDJSON.
func guests(count int) string {
	var text strings.Builder
	for number := range count {
		text.WriteString(guest(number) + "\n")
	}
	return text.String()
}

func TestEveryKindOfSourceIsReadToItsEnd(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(writer, guests(2000)); err != nil || writer.Close() != nil {
		t.Fatal(err)
	}
	file, err := os.Open("guests.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	second := t.TempDir() + "/second.ndjson"
	if err := os.WriteFile(second, []byte(guests(2)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		source  cdpbatch.Source
		records int64
	}{
		"a path":                {cdpbatch.Path("guests.ndjson"), 3},
		"several paths":         {cdpbatch.Paths("guests.ndjson", second), 5},
		"a pattern":             {cdpbatch.Glob("gue?ts.ndjson"), 3},
		"bytes":                 {cdpbatch.Bytes([]byte(guests(3))), 3},
		"a file":                {cdpbatch.Reader("guests.ndjson", file), 3},
		"a reader":              {cdpbatch.Reader("text", strings.NewReader(guests(2000))), 2000},
		"a slow reader":         {cdpbatch.Reader("text", iotest.OneByteReader(strings.NewReader(guests(20)))), 20},
		"data beside its end":   {cdpbatch.Reader("text", iotest.DataErrReader(strings.NewReader(guests(20)))), 20},
		"a reader of gzip":      {cdpbatch.Reader("text", &zipped), 2000},
		"rows":                  {rowsOf(guest(1), guest(2)), 2},
		"rows that are not any": {rowsOf(json.RawMessage(guest(1))), 1},
	} {
		report, err := client.Upload(background(t), test.source, nil)
		if err != nil || report.Counts.Confirmed != test.records {
			t.Errorf("%s: %v, %v", name, report, err)
		}
	}
}

// rowsOf are rows of this type; a string is a record as it is.
func rowsOf[T any](rows ...T) cdpbatch.Source {
	return cdpbatch.Rows(func(yield func(any, error) bool) {
		for _, row := range rows {
			var record any = row
			if text, is := record.(string); is {
				record = json.RawMessage(text)
			}
			if !yield(record, nil) {
				return
			}
		}
	})
}

func TestSourcesWithoutAFileFitEveryCall(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx := background(t)
	for name, source := range map[string]func() cdpbatch.Source{
		"rows":   func() cdpbatch.Source { return rowsOf(guest(1), "[]") },
		"reader": func() cdpbatch.Source { return cdpbatch.Reader("text", strings.NewReader(guest(1)+"\n[]\n")) },
	} {
		checked, err := client.Validate(ctx, source(), nil)
		if err != nil || checked.Read != 2 || checked.Invalid != 1 || checked.OK() || checked.Findings[0].Line != 2 {
			t.Errorf("%s: %+v, %v", name, checked, err)
		}
		packed, err := client.Pack(ctx, source(), t.TempDir(), nil)
		counts := cdpbatch.PackCounts{Read: 2, Packed: 1, Rejected: 1}
		if err != nil || packed.Counts != counts || len(packed.Parts) != 1 {
			t.Fatalf("%s: %+v, %v", name, packed, err)
		}
		for reject, err := range packed.Rejects() {
			if err != nil || reject.Line != 2 || string(reject.Record) != "[]" {
				t.Errorf("%s: %+v, %v", name, reject, err)
			}
		}
		run, err := client.Submit(ctx, source(), &cdpbatch.RunOptions{RaiseOn: cdpbatch.RaiseOnNever})
		if err != nil || len(run.Refs) != 1 {
			t.Fatalf("%s: %+v, %v", name, run, err)
		}
		report, err := run.Wait(ctx)
		if err != nil || report.Counts.Confirmed != 1 || report.Counts.Rejected != 1 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
		if _, err := run.Wait(ctx); !errors.Is(err, cdpbatch.ErrClosed) {
			t.Errorf("%s: a run is waited for once: %v", name, err)
		}
	}
}

func TestRowsAreMadeJSONAndRawOnesTakenByteForByte(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	type row struct {
		Ref    string         `json:"ref"`
		Schema string         `json:"schema"`
		Mode   string         `json:"mode"`
		Value  map[string]any `json:"value"`
	}
	value := map[string]any{"guestType": "customer", "email": "<a&b>@example.com", "identifiers": []any{
		map[string]any{"provider": "CRM", "id": "1"},
	}}
	first := row{"6a6f8cb0-0d51-4c3e-8a3b-000000000001", "guest", "upsert", value}
	second := `{ "ref" :"6a6f8cb0-0d51-4c3e-8a3b-000000000002",` + "\n" + `"schema":"guest","mode":"upsert","value": ` +
		`{"guestType":"customer","score":1.50E+2,"identifiers":[{"provider":"CRM","id":"2"}]} }`
	source := cdpbatch.Rows(func(yield func(any, error) bool) {
		_ = yield(first, nil) && yield(json.RawMessage(second), nil)
	})
	report, err := client.Upload(background(t), source, nil)
	confirmed(t, report, err, 2)
	arrived, err := emulator.Arrived()
	if err != nil || len(arrived) != 2 {
		t.Fatal(arrived, err)
	}
	expected := `{"ref":"6a6f8cb0-0d51-4c3e-8a3b-000000000001","schema":"guest","mode":"upsert","value":{"email":` +
		`"<a&b>@example.com","guestType":"customer","identifiers":[{"id":"1","provider":"CRM"}]}}`
	if arrived[0].Text != expected {
		t.Errorf("expected %s, got %s", expected, arrived[0].Text)
	}
	if expected := strings.ReplaceAll(second, "\n", "\t"); arrived[1].Text != expected {
		t.Errorf("expected %s, got %s", expected, arrived[1].Text)
	}
}

func TestWhatAReaderFailsWithEndsTheRunAndIsFoundInTheError(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	reason := errors.New("the disk is gone")
	for _, beginning := range []string{"", guests(3), guests(5000)} {
		reader := io.MultiReader(strings.NewReader(beginning), iotest.ErrReader(reason))
		_, err := client.Upload(background(t), cdpbatch.Reader("tape", reader), nil)
		var failed *cdpbatch.Error
		if !errors.Is(err, reason) || !errors.Is(err, cdpbatch.ErrIO) || !errors.As(err, &failed) {
			t.Fatalf("the reader's error should be in the chain: %v", err)
		}
		if failed.Message != "the source failed: the disk is gone" || failed.Stage != "read" {
			t.Errorf("it should be told: %+v", failed)
		}
	}
	if arrived, err := emulator.Arrived(); err != nil || len(arrived) > 0 {
		t.Errorf("half an input should not arrive: %d, %v", len(arrived), err)
	}
	noneLeft(t)
}

func TestWhatAnIteratorFailsWithEndsTheRunAndIsFoundInTheError(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	reason := errors.New("the database is gone")
	source := cdpbatch.Rows(func(yield func(any, error) bool) {
		if yield(json.RawMessage(guest(1)), nil) && yield(nil, reason) {
			t.Error("it goes on after an error")
		}
	})
	_, err := client.Upload(background(t), source, nil)
	if !errors.Is(err, reason) || !errors.Is(err, cdpbatch.ErrIO) {
		t.Errorf("the iterator's error should be in the chain: %v", err)
	}
	if arrived, err := emulator.Arrived(); err != nil || len(arrived) > 0 {
		t.Errorf("half an input should not arrive: %d, %v", len(arrived), err)
	}
}

func TestARowThatCannotBeJSONIsNamed(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	source := cdpbatch.Rows(func(yield func(any, error) bool) {
		_ = yield(json.RawMessage(guest(1)), nil) && yield(map[string]any{"f": func() {}}, nil)
	})
	_, err := client.Upload(background(t), source, nil)
	var failed *cdpbatch.Error
	var reason *json.UnsupportedTypeError
	if !errors.Is(err, cdpbatch.ErrInvalidRecord) || !errors.As(err, &failed) || !errors.As(err, &reason) {
		t.Fatalf("the reason should be in the chain: %v", err)
	}
	if failed.Source != "rows" || failed.Line != 2 || failed.RunID == "" {
		t.Errorf("it should say where: %+v", failed)
	}
}

func TestAnIteratorIsToldThatTheRunHasEnded(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{}, func(config *cdpbatch.Config) {
		config.APIToken = "another"
		config.Options.MaxBatchRecords = 1
	})
	left := make(chan struct{})
	source := cdpbatch.Rows(func(yield func(any, error) bool) {
		defer close(left)
		for number := 0; yield(json.RawMessage(guest(number)), nil); number++ {
		}
	})
	_, err := client.Upload(background(t), source, nil)
	if !errors.Is(err, cdpbatch.ErrUnauthorized) {
		t.Errorf("it should end with what happened: %v", err)
	}
	<-left
	noneLeft(t)
}

func TestNeitherReadersNorIteratorsAreAskedForMoreThanIsTaken(t *testing.T) {
	const bound = 400 << 20
	for name, endless := range map[string]func(taken *atomic.Int64) cdpbatch.Source{
		"reader": func(taken *atomic.Int64) cdpbatch.Source {
			return cdpbatch.Reader("endless", readerFunc(func(buffer []byte) (int, error) {
				n := copy(buffer, guest(1)+"\n")
				taken.Add(int64(n))
				return n, nil
			}))
		},
		"rows": func(taken *atomic.Int64) cdpbatch.Source {
			return cdpbatch.Rows(func(yield func(any, error) bool) {
				for record := json.RawMessage(guest(1)); yield(record, nil); {
					taken.Add(int64(len(record)))
				}
			})
		},
	} {
		_, client := service(t, hanging)
		options := &cdpbatch.RunOptions{MaxBatchRecords: 1, Check: cdpbatch.CheckNone}
		var taken atomic.Int64
		upload, err := client.StartUpload(background(t), endless(&taken), options)
		if err != nil {
			t.Fatal(err)
		}
		for seen := int64(-1); seen != taken.Load(); {
			seen = taken.Load()
			if seen > bound {
				t.Fatalf("%s: it is asked for without end", name)
			}
			<-time.After(100 * time.Millisecond)
		}
		upload.Cancel()
		if _, err := upload.Wait(); !errors.Is(err, cdpbatch.ErrCancelled) {
			t.Errorf("%s: it should be cancelled: %v", name, err)
		}
	}
}

func TestSourcesThatCannotBeAreRefusedAtOnce(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	for name, source := range map[string]cdpbatch.Source{
		"nothing":            nil,
		"a nil reader":       cdpbatch.Reader("nil", nil),
		"nil rows":           cdpbatch.Rows[any](nil),
		"a NUL in a path":    cdpbatch.Path("guests\x00.ndjson"),
		"a NUL in a pattern": cdpbatch.Glob("\x00"),
		"a NUL in paths":     cdpbatch.Paths("a", "\x00"),
		"a NUL in a name":    cdpbatch.Reader("\x00", strings.NewReader("")),
	} {
		if _, err := client.Upload(background(t), source, nil); !errors.Is(err, cdpbatch.ErrInvalidOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := client.Upload(background(t), cdpbatch.Bytes(nil), nil)
	var failed *cdpbatch.Error
	if !errors.As(err, &failed) || failed.Code != cdpbatch.ErrIO || failed.Source != "bytes" {
		t.Errorf("no bytes hold no record: %v", err)
	}
}
