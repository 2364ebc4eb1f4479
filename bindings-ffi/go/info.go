package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"encoding/json"
	"iter"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Stats are what came of a batch's records, by the service's count. What is nil is not known.
type Stats struct {
	// TimeToProcessMS is the time the service took, in milliseconds.
	TimeToProcessMS *int64 `json:"time_to_process_ms"`
	// Total are records read.
	Total *int64 `json:"total"`
	// Succeeded are records taken.
	Succeeded *int64 `json:"succeeded"`
	// Failed are records refused.
	Failed *int64 `json:"failed"`
}

// BatchInfo is a batch as the service tells of it.
type BatchInfo struct {
	// Ref is its ref, a UUID.
	Ref string `json:"ref"`
	// Status is where it is on its way: "uploading", "file_uploaded", "processing", and in the end "success", "error"
	// or "corrupted".
	Status string `json:"status"`
	// Size is its declared size in bytes; nil in lists.
	Size *int64 `json:"size"`
	// Checksum is its declared MD5 in hex; empty in lists.
	Checksum string `json:"checksum"`
	// Stats are what came of its records, once processed; nil in lists.
	Stats *Stats `json:"stats"`
	// CreatedAt is when it was allocated, as the service spells it, or empty.
	CreatedAt string `json:"created_at"`
	// ModifiedAt is when it last changed, as the service spells it, or empty.
	ModifiedAt string `json:"modified_at"`
	// Expiry is when its upload location stops working, or empty.
	Expiry string `json:"expiry"`
	// HasLog is whether there is an error log.
	HasLog bool `json:"has_log"`
}

// Finding is one remark about one place of a record.
type Finding struct {
	// Source is the source of the record, such as a file name.
	Source string `json:"source"`
	// Line is the line it began on, from 1.
	Line int64 `json:"line"`
	// Path is the place in it, such as "$.value.identifiers[0].id".
	Path string `json:"path"`
	// Rule is the rule's stable name, such as "envelope.ref".
	Rule string `json:"rule"`
	// Severity is "error" if the record would not be sent, or "warning".
	Severity string `json:"severity"`
	// Message is what is wrong and what is expected.
	Message string `json:"message"`
	// Section is where the rule is from.
	Section string `json:"section"`
}

// CheckReport is what a check found.
type CheckReport struct {
	// Read are records read.
	Read int64 `json:"read"`
	// Invalid are records with an error: they would not be sent.
	Invalid int64 `json:"invalid"`
	// Errors are the errors found.
	Errors int64 `json:"errors"`
	// Warnings are the warnings found: the record would be sent.
	Warnings int64 `json:"warnings"`
	// Findings are each error and warning with its place, in input order.
	Findings []Finding `json:"findings"`
}

// OK is whether every record would be sent.
func (c *CheckReport) OK() bool { return c.Invalid == 0 }

// Part is a file made by packing.
type Part struct {
	// Path is the gzip file.
	Path string `json:"path"`
	// Size is its size in bytes.
	Size int64 `json:"size"`
	// MD5 is its MD5 in hex, as the service wants it when the batch is allocated.
	MD5 string `json:"md5"`
	// ContentMD5 is the same in Base64, as the Content-MD5 header wants it.
	ContentMD5 string `json:"content_md5"`
	// Records are the records in it.
	Records int64 `json:"records"`
}

// PackCounts are how many records were packed. Read is Packed and Rejected together.
type PackCounts struct {
	// Read are records read, bad ones included.
	Read int64 `json:"read"`
	// Packed are records in the files.
	Packed int64 `json:"packed"`
	// Rejected are records refused.
	Rejected int64 `json:"rejected"`
}

// PackReport is what packing made.
type PackReport struct {
	// Parts are the files, in order.
	Parts []Part `json:"parts"`
	// Counts are how many records went which way.
	Counts PackCounts `json:"counts"`

	handle *handle.Handle[*C.cdpb_packed]
}

func takePacked(operation *C.cdpb_operation) (*PackReport, error) {
	var pointer *C.cdpb_packed
	var failed *C.cdpb_error
	if C.cdpb_operation_take_packed(operation, &pointer, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	own := handle.New(pointer, func(pointer *C.cdpb_packed) { C.cdpb_packed_free(pointer) })
	report := &PackReport{handle: own}
	if err := json.Unmarshal(taken(C.cdpb_packed_json(pointer)), report); err != nil {
		own.Close()
		return nil, internal(err)
	}
	return report, nil
}

// Rejects are every record that is in no file, in input order. They are read as [Report.Rejects].
func (p *PackReport) Rejects() iter.Seq2[Reject, error] {
	return rejectsOf(func(rejects **C.cdpb_rejects, failed **C.cdpb_error) (code C.cdpb_code, open bool) {
		open = p.handle.Use(func(packed *C.cdpb_packed) { code = C.cdpb_packed_rejects(packed, rejects, failed) })
		return code, open
	})
}

// Close frees the rejects, not the files. The fields stay. It may be called again; what nothing refers to any more is
// freed by itself.
func (p *PackReport) Close() { p.handle.Close() }

// RunInfo is a run as its journal has it.
type RunInfo struct {
	// RunID is its name.
	RunID string `json:"run_id"`
	// CreatedAt is when it was begun.
	CreatedAt string `json:"created_at"`
	// State is "packing" until its last part is packed, "packed" until every part is settled, then "finished".
	State string `json:"state"`
	// Sources are the names of its sources.
	Sources []string `json:"sources"`
	// Parts are the parts packed so far.
	Parts int64 `json:"parts"`
	// Packed are the records in them.
	Packed int64 `json:"packed"`
	// Confirmed are records that the service confirmed.
	Confirmed int64 `json:"confirmed"`
	// Rejected are records refused, before they were sent or by the service.
	Rejected int64 `json:"rejected"`
}

// OpenBatch is a batch that needs a look.
type OpenBatch struct {
	// Ref is its ref, a UUID.
	Ref string `json:"ref"`
	// RunID is the run it belongs to; empty if the journal does not know it.
	RunID string `json:"run_id"`
	// Part is the part it holds, from 0; nil if the journal does not know it.
	Part *int64 `json:"part"`
	// Status is what the service says; empty if it does not list it.
	Status string `json:"status"`
}

// Reconciliation is what the journal and the service together tell. Batches that are done and known are left out.
type Reconciliation struct {
	// NeverUploaded are packed, perhaps allocated, but storage does not have them: resume the run.
	NeverUploaded []OpenBatch `json:"never_uploaded"`
	// Processing are uploaded, and the service has not finished with them.
	Processing []OpenBatch `json:"processing"`
	// Failed are those that the service could not read or refused records of, and that were not sent again.
	Failed []OpenBatch `json:"failed"`
	// Unknown are listed by the service, but not in this journal: sent from elsewhere.
	Unknown []OpenBatch `json:"unknown"`
}
