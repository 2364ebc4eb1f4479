//go:build ignore

// Look at every refused record, and keep them in a file to fix and send again.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
)

func main() {
	client, err := cdpbatch.FromEnv(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	_, err = client.Upload(context.Background(), cdpbatch.Path("examples/data/guests-with-faults.ndjson"), nil)
	if err == nil {
		fmt.Println("every record is confirmed")
		return
	}
	// Whatever ended the run, what is known of it comes with the error.
	var failed *cdpbatch.Error
	if !errors.As(err, &failed) || failed.Report == nil {
		log.Fatal(err)
	}
	report := failed.Report
	fmt.Printf("%s: %d of %d records are confirmed\n", failed.Code, report.Counts.Confirmed, report.Counts.Read)
	for reject, err := range report.Rejects() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s:%d: %s: %s\n", reject.Source, reject.Line, reject.Code, reject.Message)
	}

	// Exactly as they were read, so that the file can be corrected and uploaded.
	written, err := report.WriteRejects(filepath.Join(os.TempDir(), "rejects.ndjson"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d rejects are written\n", written)
}
