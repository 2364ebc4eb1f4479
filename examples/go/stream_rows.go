//go:build ignore

// Upload rows as they come, from a query for instance, without a file in between.
package main

import (
	"context"
	"fmt"
	"iter"
	"log"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
)

type guest struct {
	GuestType   string       `json:"guestType"`
	Email       string       `json:"email"`
	Identifiers []identifier `json:"identifiers"`
}

type identifier struct {
	Provider string `json:"provider"`
	ID       string `json:"id"`
}

// query stands for a database.
func query() iter.Seq2[guest, error] {
	return func(yield func(guest, error) bool) {
		for number := 1; number <= 1000; number++ {
			row := guest{
				GuestType:   "customer",
				Email:       fmt.Sprintf("customer%d@example.com", number),
				Identifiers: []identifier{{Provider: "CRM", ID: fmt.Sprintf("C-%d", number)}},
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func main() {
	client, err := cdpbatch.FromEnv(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// The rows are bare values. Schema and Mode make records of them, and a guest's ref is made from the e-mail
	// address, so that it is the same tomorrow. The iterator is asked for no more than is being packed.
	options := &cdpbatch.RunOptions{Schema: "guest", Mode: "upsert", RefField: "email"}
	report, err := client.Upload(context.Background(), cdpbatch.Rows(query()), options)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("%d of %d rows are confirmed\n", report.Counts.Confirmed, report.Counts.Read)
}
