package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"context"
	"iter"
	"time"
)

// Query is what a list of batches is asked by. The zero value asks for all.
type Query struct {
	// Status are the statuses a batch may have: any by default.
	Status []string
	// CreatedAfter is a time that it was allocated after, within the last 30 days.
	CreatedAfter time.Time
	// CreatedBefore is a time that it was allocated before.
	CreatedBefore time.Time
	// ModifiedAfter is a time that it last changed after.
	ModifiedAfter time.Time
	// ModifiedBefore is a time that it last changed before.
	ModifiedBefore time.Time
	// RefPrefix is how its ref begins.
	RefPrefix string
	// Sort is the order, such as "modified", or "-modified" for the newest first; also "created". By default it is the
	// service's own. Sorting reads the whole list first.
	Sort string
	// Offset is how many batches are skipped.
	Offset int
	// Limit is how many batches there are at most; by default all.
	Limit int
}

func (q *Query) json() (*C.char, error) {
	if q == nil {
		return nil, nil
	}
	asked := fields{}
	if len(q.Status) > 0 {
		asked["status"] = q.Status
	}
	for name, at := range map[string]time.Time{
		"created_after": q.CreatedAfter, "created_before": q.CreatedBefore,
		"modified_after": q.ModifiedAfter, "modified_before": q.ModifiedBefore,
	} {
		if !at.IsZero() {
			asked[name] = at.UTC().Format(time.RFC3339Nano)
		}
	}
	set(asked, "ref_prefix", q.RefPrefix)
	set(asked, "sort", q.Sort)
	set(asked, "offset", q.Offset)
	set(asked, "limit", q.Limit)
	return asked.json(nil)
}

// Batches are the batches of the last 30 days, fetched page by page as they are read. Query may be nil for all. An
// error is the last that a loop gets.
func (c *Client) Batches(ctx context.Context, query *Query) iter.Seq2[BatchInfo, error] {
	return func(yield func(BatchInfo, error) bool) {
		batches, err := c.list(query)
		if err != nil {
			yield(BatchInfo{}, err)
			return
		}
		defer C.cdpb_batches_free(batches)
		for {
			batch, err := join(ctx, nil, takeBatch, func(out *outputs) error {
				if C.cdpb_batches_next(batches, &out.operation, &out.failed) != C.CDPB_OK {
					return errorOf(out.failed)
				}
				return nil
			})
			if err != nil {
				yield(BatchInfo{}, err)
				return
			}
			if batch == nil || !yield(*batch, nil) {
				return
			}
		}
	}
}

func (c *Client) list(query *Query) (*C.cdpb_batches, error) {
	asked, err := query.json()
	if err != nil {
		return nil, err
	}
	var batches *C.cdpb_batches
	var failed *C.cdpb_error
	code := C.cdpb_code(C.CDPB_OK)
	open := c.handle.Use(func(client *C.cdpb_client) {
		code = C.cdpb_client_batches(client, asked, &batches, &failed)
	})
	switch {
	case !open:
		return nil, closed("the client")
	case code != C.CDPB_OK:
		return nil, errorOf(failed)
	}
	return batches, nil
}

// takeBatch is for work that ends with a batch, or with nothing after the last.
func takeBatch(operation *C.cdpb_operation) (*BatchInfo, error) {
	var told *C.char
	var failed *C.cdpb_error
	if C.cdpb_operation_take_json(operation, &told, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	if told == nil {
		return nil, nil
	}
	return decoded[*BatchInfo](told)
}
