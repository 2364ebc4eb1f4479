package cdpbatch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

func TestAnErrorIsFoundByItsCodeAndHasEveryField(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	options := &cdpbatch.RunOptions{RunID: "nightly"}
	_, err := client.Upload(background(t), cdpbatch.Path("guests-with-faults.ndjson"), options)
	err = fmt.Errorf("the nightly job: %w", err)
	if !errors.Is(err, cdpbatch.ErrRecordsRejected) || errors.Is(err, cdpbatch.ErrCancelled) {
		t.Fatalf("it should be found by its code alone: %v", err)
	}
	var failed *cdpbatch.Error
	if !errors.As(err, &failed) {
		t.Fatalf("it should be an *Error: %v", err)
	}
	switch failed.Code {
	case cdpbatch.ErrRecordsRejected:
	default:
		t.Errorf("a code is a constant: %s", failed.Code)
	}
	report := failed.Report
	if failed.RunID != "nightly" || len(failed.Refs) != 1 || failed.Retryable || report == nil {
		t.Fatalf("fields are missing: %+v", failed)
	}
	if report.Counts.Read != 5 || report.Counts.Rejected != 3 || len(report.Summary) != 3 {
		t.Errorf("the report should tell of every record: %+v", report)
	}
	encoded, err := json.Marshal(failed)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil || len(fields) != 12 {
		t.Fatalf("the fields of every language: %s", encoded)
	}
	if fields["code"] != "records_rejected" || fields["run_id"] != "nightly" || fields["line"] != nil {
		t.Errorf("the names of every language: %s", encoded)
	}
}

func TestAnAnswerOfTheServiceIsToldWithItsStatus(t *testing.T) {
	faults := `{"rules": [{"on": "inspect", "do": {"type": "status", "status": 429, "headers": {"retry-after": "0"}}}]}`
	_, client := service(t, cdpbatchtest.Settings{Faults: json.RawMessage(faults)})
	_, err := client.Batch(nobody).Status(background(t))
	var failed *cdpbatch.Error
	if !errors.As(err, &failed) || failed.Code != cdpbatch.ErrRateLimited {
		t.Fatalf("it should be rate_limited: %v", err)
	}
	if failed.HTTPStatus != 429 || failed.Attempts < 2 || !failed.Retryable {
		t.Errorf("fields are missing: %+v", failed)
	}
	if failed.RetryAfter == nil || *failed.RetryAfter != 0 {
		t.Errorf("it asks for no pause, which is not the same as asking for nothing: %v", failed.RetryAfter)
	}
}

func TestWhatIsClosedSaysSo(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx := background(t)
	report, err := client.Upload(ctx, cdpbatch.Path("guests.ndjson"), nil)
	confirmed(t, report, err, 3)
	report.Close()
	report.Close()
	for _, err := range report.Rejects() {
		if !errors.Is(err, cdpbatch.ErrClosed) {
			t.Errorf("the report is closed: %v", err)
		}
	}
	if _, err := report.WriteRejects(t.TempDir() + "/rejects"); !errors.Is(err, cdpbatch.ErrClosed) {
		t.Errorf("the report is closed: %v", err)
	}
	if report.Counts.Confirmed != 3 {
		t.Error("its fields stay")
	}
	upload, err := client.StartUpload(ctx, cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	client.Close()
	report, err = upload.Wait()
	confirmed(t, report, err, 3)
	for name, err := range map[string]error{
		"Upload":  last(client.Upload(ctx, cdpbatch.Path("guests.ndjson"), nil)),
		"Status":  last(client.Batch(nobody).Status(ctx)),
		"Runs":    last(client.Runs()),
		"Writer":  last(client.Writer(ctx, nil)),
		"Resume":  last(client.Resume(ctx, "nightly")),
		"Reports": last(client.Report(ctx, []string{nobody})),
	} {
		if !errors.Is(err, cdpbatch.ErrClosed) {
			t.Errorf("%s: the client is closed: %v", name, err)
		}
	}
	for _, err := range client.Batches(ctx, nil) {
		if !errors.Is(err, cdpbatch.ErrClosed) {
			t.Errorf("the client is closed: %v", err)
		}
	}
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	for name, config := range map[string]cdpbatch.Config{
		"no service":     {ClientKey: "key", APIToken: "token"},
		"two services":   {Region: "eu", BaseURL: "https://localhost", ClientKey: "key", APIToken: "token"},
		"no credentials": {Region: "eu"},
		"a region":       {Region: "moon", ClientKey: "key", APIToken: "token"},
		"a NUL":          {Region: "eu", ClientKey: "\x00", APIToken: "token"},
		"an option": {Region: "eu", ClientKey: "key", APIToken: "token", Options: cdpbatch.ClientOptions{
			RunOptions: cdpbatch.RunOptions{Extra: map[string]any{"levle": 1}},
		}},
		"no JSON": {Region: "eu", ClientKey: "key", APIToken: "token", Options: cdpbatch.ClientOptions{
			RunOptions: cdpbatch.RunOptions{Extra: map[string]any{"level": func() {}}},
		}},
	} {
		if _, err := cdpbatch.New(config); !errors.Is(err, cdpbatch.ErrInvalidOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	config := cdpbatch.Config{ClientKey: "hidden", APIToken: "hidden"}
	config.Options.HTTP.Proxy = "http://user:hidden@proxy.example"
	encoded, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	printed := string(encoded) + fmt.Sprintln(config, config.APIToken, config.Options)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed += fmt.Sprintf(verb, config) + fmt.Sprintf(verb, &config) + fmt.Sprintf(verb, config.ClientKey)
	}
	if strings.Contains(printed, "hidden") || strings.Contains(printed, fmt.Sprintf("%x", "hidden")) {
		t.Errorf("a secret is shown: %s", printed)
	}
}
