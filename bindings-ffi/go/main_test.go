package cdpbatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"runtime"
	"testing"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

// The examples find a service in the environment, and their files here.
func TestMain(m *testing.M) {
	emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{})
	if err != nil {
		log.Fatal(err)
	}
	for name, value := range map[string]string{
		"CDP_BASE_URL": emulator.BaseURL, "CDP_CLIENT_KEY": emulator.ClientKey, "CDP_API_TOKEN": emulator.APIToken,
	} {
		if err := os.Setenv(name, value); err != nil {
			log.Fatal(err)
		}
	}
	if err := os.Chdir("testdata"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	emulator.Close()
	os.Exit(code)
}

// nobody is a ref that no batch has.
const nobody = "6a6f8cb0-0d51-4c3e-8a3b-0f6d7b0f4aff"

// service is an emulator of the test's own, and a client of it.
func service(t *testing.T, settings cdpbatchtest.Settings, change ...func(*cdpbatch.Config)) (
	*cdpbatchtest.Emulator, *cdpbatch.Client,
) {
	t.Helper()
	emulator, err := cdpbatchtest.Start(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulator.Close)
	config := emulator.Config()
	for _, change := range change {
		change(&config)
	}
	client, err := cdpbatch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return emulator, client
}

// slow is a service that takes days to process a record: what was uploaded stays under way.
var slow = cdpbatchtest.Settings{RecordsPerSecond: 0.00001}

// hanging is a service that never answers.
var hanging = cdpbatchtest.Settings{Faults: json.RawMessage(`{"rules": [{"on": "any", "do": {"type": "hang"}}]}`)}

// guest is a record of its own for every number.
func guest(number int) string {
	return fmt.Sprintf(`{"ref":"6a6f8cb0-0d51-4c3e-8a3b-%012d","schema":"guest","mode":"upsert","value":{"guestType":`+
		`"customer","email":"a%d@example.com","identifiers":[{"provider":"CRM","id":"%d"}]}}`, number, number, number)
}

// background is the context of a test; no call needs longer than the test itself.
func background(t *testing.T) context.Context {
	t.Helper()
	return t.Context()
}

// confirmed fails the test unless so many records were confirmed, and no other was read.
func confirmed(t *testing.T, report *cdpbatch.Report, err error, records int64) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if report.Counts.Read != records || report.Counts.Confirmed != records || !report.OK {
		t.Fatalf("%d records should be confirmed: %+v", records, report.Counts)
	}
}

// eventually waits until something holds that nobody tells of, collecting garbage meanwhile.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for !holds() {
		runtime.GC()
		select {
		case <-limit:
			t.Fatalf("it never came: %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// noneLeft fails the test unless every goroutine that the package began has ended. Those that Go counts for threads
// of the library, which call it back and then rest, are none of them.
func noneLeft(t *testing.T) {
	t.Helper()
	const began = "created by github.com/cdp-batch/cdp-batch/bindings-ffi/go."
	stacks := make([]byte, 1<<20)
	eventually(t, "the end of every goroutine", func() bool {
		return !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte(began))
	})
}
