// Package cdpbatch moves guest and order data into Sitecore CDP through its Batch API.
//
// One call takes records in, checks and packs them, sends them, waits until the service has processed them, and
// explains every record that was refused:
//
//	client, err := cdpbatch.FromEnv(nil)
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	report, err := client.Upload(ctx, cdpbatch.Path("guests.ndjson"), nil)
//
// A [Source] is a file, several, bytes, an [io.Reader] or an iterator of rows; a [Writer] is pushed to.
// [Client.Submit] does not wait for the service, and [Client.StartUpload] tells what happens meanwhile.
//
// # Errors
//
// Every error is an [*Error]. [errors.Is] finds its [Code] and what is behind it, such as [context.Canceled] or what
// a reader failed with:
//
//	var failed *cdpbatch.Error
//	switch {
//	case errors.Is(err, cdpbatch.ErrRecordsRejected) && errors.As(err, &failed):
//		_, err = failed.Report.WriteRejects("rejects.ndjson")
//	case errors.Is(err, context.Canceled):
//		// Nothing is undone: the same RunID, source and options go on from there.
//	}
//
// # Memory
//
// What has a Close method is freed by it, or some time after nothing refers to it any more. The library keeps no
// pointer of Go's.
package cdpbatch

// #include "callbacks.h"
import "C"

// Version is the version of the library, such as "0.1.0".
func Version() string { return C.GoString(C.cdpb_version()) }
