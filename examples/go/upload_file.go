//go:build ignore

// Upload a file and wait until the service has confirmed it.
package main

import (
	"context"
	"fmt"
	"log"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
)

func main() {
	// Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
	client, err := cdpbatch.FromEnv(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this is an error.
	report, err := client.Upload(context.Background(), cdpbatch.Path("examples/data/guests.ndjson"), nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("%d of %d guests are confirmed\n", report.Counts.Confirmed, report.Counts.Read)
	for _, batch := range report.Batches {
		fmt.Printf("one batch of %d records: %s\n", *batch.Records, batch.Status)
	}
}
