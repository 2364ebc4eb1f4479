package cdpbatchtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

const record = `{"ref":"6a6f8cb0-0d51-4c3e-8a3b-000000000001","schema":"guest","mode":"upsert",` +
	`"value":{"guestType":"customer","identifiers":[{"provider":"CRM","id":"1"}]}}`

func ExampleStart() {
	emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{})
	if err != nil {
		log.Fatal(err)
	}
	defer emulator.Close()
	client, err := cdpbatch.New(emulator.Config())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Upload(context.Background(), cdpbatch.Bytes([]byte(record)), nil); err != nil {
		log.Fatal(err)
	}
	arrived, err := emulator.Arrived()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(arrived), arrived[0].Text == record)
	// Output: 1 true
}

func TestTheEmulatorTellsWhatItWasAskedAndFailsOnPurpose(t *testing.T) {
	once := `{"rules": [{"on": "allocate", "match": {"try": [1]}, "do": {"type": "status", "status": 503}}]}`
	emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{
		ClientKey: "key", APIToken: "token", RecordsPerSecond: 0.5, Faults: json.RawMessage(once),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer emulator.Close()
	client, err := cdpbatch.New(emulator.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	upload, err := client.StartUpload(t.Context(), cdpbatch.Bytes([]byte(record)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for event := range upload.Events() {
		if _, is := event.(cdpbatch.Uploaded); is {
			emulator.AdvanceClock(time.Hour)
		}
	}
	report, err := upload.Wait()
	if err != nil || report.Counts.Confirmed != 1 {
		t.Fatal(report, err)
	}
	requests, err := emulator.Requests()
	if err != nil || requests[0].Status != 503 || requests[0].Endpoint != "allocate" || len(requests[0].Faults) != 1 {
		t.Errorf("%+v, %v", requests, err)
	}
	batches, err := emulator.Batches()
	if err != nil || len(batches) != 1 || batches[0].Status != "success" || batches[0].Uploads != 1 ||
		batches[0].Ref != report.Batches[0].Ref || len(batches[0].Violations) > 0 {
		t.Errorf("%+v, %v", batches, err)
	}
	if err := emulator.SetFaults(json.RawMessage(`{"rules": [{"on": "moon"}]}`)); err == nil {
		t.Error("that fault plan is not valid")
	}
	if err := emulator.SetFaults(json.RawMessage(`{"rules": []}`)); err != nil {
		t.Error(err)
	}
}

func TestAnEmulatorThatIsClosedSaysSoAndOneThatCannotBeIsAnError(t *testing.T) {
	emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	emulator.Close()
	emulator.Close()
	emulator.AdvanceClock(time.Hour)
	if _, err := emulator.Arrived(); err == nil {
		t.Error("it is closed")
	}
	if err := emulator.SetFaults(json.RawMessage("{}")); err == nil {
		t.Error("it is closed")
	}
	if _, err := cdpbatchtest.Start(cdpbatchtest.Settings{Faults: json.RawMessage(`{"rules": 1}`)}); err == nil {
		t.Error("that fault plan is not valid")
	}
	if _, err := cdpbatchtest.Start(cdpbatchtest.Settings{Faults: json.RawMessage(`{`)}); err == nil {
		t.Error("that is no JSON")
	}
}
