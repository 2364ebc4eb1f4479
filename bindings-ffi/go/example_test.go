package cdpbatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
)

func ExampleNew() {
	client, err := cdpbatch.New(cdpbatch.Config{
		Region:    "eu",
		ClientKey: "the Client Key of the tenant",
		APIToken:  cdpbatch.Secret(os.Getenv("CDP_API_TOKEN")),
		Options: cdpbatch.ClientOptions{
			RunOptions: cdpbatch.RunOptions{Wait: cdpbatch.Wait{Timeout: time.Hour}},
			Retry:      cdpbatch.Retry{Attempts: 10},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

// connected is a client of the service that the environment names, which asks it often.
func connected() *cdpbatch.Client {
	wait := cdpbatch.Wait{Min: 5 * time.Millisecond}
	client, err := cdpbatch.FromEnv(&cdpbatch.ClientOptions{RunOptions: cdpbatch.RunOptions{Wait: wait}})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func ExampleClient_Upload() {
	client := connected()
	defer client.Close()
	// The same RunID, file and options send only what is not there yet.
	options := &cdpbatch.RunOptions{RunID: "today"}
	report, err := client.Upload(context.Background(), cdpbatch.Path("guests.ndjson"), options)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Counts.Confirmed, "of", report.Counts.Read)
	// Output: 3 of 3
}

func ExampleClient_Upload_cancel() {
	client := connected()
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	_, err := client.Upload(ctx, cdpbatch.Path("guests.ndjson"), nil)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleClient_StartUpload() {
	client := connected()
	defer client.Close()
	upload, err := client.StartUpload(context.Background(), cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		log.Fatal(err)
	}
	for event := range upload.Events() {
		switch event := event.(type) {
		case cdpbatch.Packed:
			fmt.Println("a part of", event.Records, "records")
		case cdpbatch.Done:
			fmt.Println(event.Confirmed, "are confirmed")
		}
	}
	if _, err := upload.Wait(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// a part of 3 records
	// 3 are confirmed
}

func ExampleClient_Submit() {
	client := connected()
	defer client.Close()
	ctx := context.Background()
	run, err := client.Submit(ctx, cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		log.Fatal(err)
	}
	// Any process can carry on with the refs.
	batches, err := client.Wait(ctx, run.Refs, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, batch := range batches {
		fmt.Println(batch.Status)
	}
	// Output: success
}

func ExampleRows() {
	client := connected()
	defer client.Close()
	type guest struct {
		GuestType string `json:"guestType"`
		Email     string `json:"email"`
	}
	var query iter.Seq2[guest, error] = func(yield func(guest, error) bool) {
		_ = yield(guest{"visitor", "ada@example.com"}, nil) && yield(guest{"visitor", "grace@example.com"}, nil)
	}
	checked, err := client.Validate(context.Background(), cdpbatch.Rows(query), &cdpbatch.RunOptions{
		Schema: "guest", Mode: "upsert", RefField: "email",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(checked.Read, checked.OK())
	// Output: 2 true
}

func ExampleReader() {
	client := connected()
	defer client.Close()
	answer := strings.NewReader(`[{"schema": "guest", "mode": "upsert"}]`)
	checked, err := client.Validate(context.Background(), cdpbatch.Reader("the answer", answer), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range checked.Findings {
		fmt.Printf("%s:%d: %s\n", finding.Source, finding.Line, finding.Rule)
	}
	// Output: the answer:1: envelope.value
}

func ExampleClient_Writer() {
	client := connected()
	defer client.Close()
	writer, err := client.Writer(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	// Whatever happens before Close, half the records are not taken for all of them.
	defer writer.Abandon()
	record := json.RawMessage(`{"ref":"6a6f8cb0-0d51-4c3e-8a3b-000000000001","schema":"guest","mode":"upsert",` +
		`"value":{"guestType":"customer","identifiers":[{"provider":"CRM","id":"1"}]}}`)
	if err := writer.WriteRow(record); err != nil {
		log.Fatal(err)
	}
	report, err := writer.Close()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.OK)
	// Output: true
}

func ExampleError() {
	client := connected()
	defer client.Close()
	_, err := client.Upload(context.Background(), cdpbatch.Path("guests-with-faults.ndjson"), nil)
	var failed *cdpbatch.Error
	if errors.Is(err, cdpbatch.ErrRecordsRejected) && errors.As(err, &failed) {
		for _, reason := range failed.Report.Summary {
			fmt.Println(reason.Count, reason.Code)
		}
	}
	// Unordered output:
	// 1 json.syntax
	// 1 envelope.mode
	// 1 400
}

func ExampleReport_Rejects() {
	client := connected()
	defer client.Close()
	options := &cdpbatch.RunOptions{RaiseOn: cdpbatch.RaiseOnNever}
	report, err := client.Upload(context.Background(), cdpbatch.Path("guests-with-faults.ndjson"), options)
	if err != nil {
		log.Fatal(err)
	}
	defer report.Close()
	for reject, err := range report.Rejects() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s:%d: %s\n", reject.Source, reject.Line, reject.Code)
	}
	// Output:
	// guests-with-faults.ndjson:2: json.syntax
	// guests-with-faults.ndjson:3: envelope.mode
	// guests-with-faults.ndjson:4: 400
}

func ExampleClient_Batches() {
	client := connected()
	defer client.Close()
	query := &cdpbatch.Query{Status: []string{"success"}, CreatedAfter: time.Now().AddDate(0, 0, -7), Limit: 1}
	for batch, err := range client.Batches(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch.Status)
	}
	// Output: success
}

func ExampleClient_Pack() {
	client := connected()
	defer client.Close()
	folder, err := os.MkdirTemp("", "parts")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	packed, err := client.Pack(context.Background(), cdpbatch.Path("guests.ndjson"), folder, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range packed.Parts {
		fmt.Println(filepath.Dir(part.Path) == folder, part.Records, "records")
	}
	// Output: true 3 records
}
