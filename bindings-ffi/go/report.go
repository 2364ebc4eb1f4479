package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"encoding/json"
	"iter"
	"unsafe"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Counts are how many records went which way. Read is Confirmed, Rejected and Unknown together.
type Counts struct {
	// Read are records read from the source, bad ones included.
	Read int64 `json:"read"`
	// Packed are records put into parts.
	Packed int64 `json:"packed"`
	// Sent are records in parts that storage accepted.
	Sent int64 `json:"sent"`
	// Confirmed are records that the service confirmed.
	Confirmed int64 `json:"confirmed"`
	// Rejected are records refused, before they were sent or by the service.
	Rejected int64 `json:"rejected"`
	// Unknown are records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole.
	Unknown int64 `json:"unknown"`
}

// BatchReport is one batch of a run. What is nil is not known.
type BatchReport struct {
	// Ref is its ref, a UUID.
	Ref string `json:"ref"`
	// Status is the service's last word on it; "packed" before it was sent.
	Status string `json:"status"`
	// Size is its size in bytes.
	Size *int64 `json:"size"`
	// MD5 is its MD5 in hex, or empty.
	MD5 string `json:"md5"`
	// Records are those packed into it; nil if another process did.
	Records *int64 `json:"records"`
	// Total are records that the service read.
	Total *int64 `json:"total"`
	// Succeeded are records that the service took.
	Succeeded *int64 `json:"succeeded"`
	// Failed are records that the service refused.
	Failed *int64 `json:"failed"`
	// Logged are records that its error log refuses; nil without a log. It may disagree with Failed.
	Logged *int64 `json:"logged"`
	// CreatedAt is when it was allocated, as the service spells it, or empty.
	CreatedAt string `json:"created_at"`
	// ModifiedAt is when it last changed, as the service spells it, or empty.
	ModifiedAt string `json:"modified_at"`
}

// Reason is why records were refused: those with the same reason together.
type Reason struct {
	// Code is the rule that was broken, or the service's code.
	Code string `json:"code"`
	// Message is the message, with what differs from record to record replaced by "...".
	Message string `json:"message"`
	// Count is how many records.
	Count int64 `json:"count"`
	// Help is what usually helps, in plain words; empty where nobody knows, or where the message says it.
	Help string `json:"help"`
	// Examples are some of them.
	Examples []Example `json:"examples"`
}

// Example is where to find a refused record.
type Example struct {
	// Source is its source, or empty.
	Source string `json:"source"`
	// Line is its line, from 1, or 0.
	Line int64 `json:"line"`
	// Ref is its ref, or empty.
	Ref string `json:"ref"`
}

// Reject is a record that was refused.
type Reject struct {
	// By is who refused it: "us", before it was sent, or "service".
	By string
	// Source is the source it came from, such as a file name; empty if only the service's log is at hand.
	Source string
	// Line is the line it began on, from 1, or 0.
	Line int64
	// Ref is its ref; empty if it has none.
	Ref string
	// Batch is the batch it was in; empty if it was not sent.
	Batch string
	// ByteRange is where it lies in the uncompressed text of that batch, first byte and the one after the last, or nil.
	ByteRange *[2]int64
	// Code is why: the rule that it broke, such as "envelope.ref", or the service's code, such as "400".
	Code string
	// Message is why, in words.
	Message string
	// Help is what usually helps, in plain words; empty where nobody knows, or where the message says it.
	Help string
	// Record is the record as it was read, without its line break; nil if it is not at hand.
	Record []byte
}

// MarshalJSON gives the fields with the names of every language's JSON.
func (r Reject) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"by": r.By, "source": orNull(r.Source), "line": orNull(r.Line), "ref": orNull(r.Ref),
		"batch": orNull(r.Batch), "byte_range": r.ByteRange, "code": r.Code, "message": r.Message,
		"help": orNull(r.Help), "record": string(r.Record),
	})
}

// Report is what came of a run. Its methods may be called from any goroutine.
type Report struct {
	// RunID is the run's name; empty in a report made from refs alone.
	RunID string `json:"run_id"`
	// OK is whether every record that was read is confirmed.
	OK bool `json:"ok"`
	// Resumed is whether parts of the run were sent before.
	Resumed bool `json:"resumed"`
	// Counts are how many records went which way.
	Counts Counts `json:"counts"`
	// Batches are every batch, in order.
	Batches []BatchReport `json:"batches"`
	// Summary is why records were refused, the most frequent reason first.
	Summary []Reason `json:"summary"`
	// Repeats is why records that the service took must be sent again: see [Report.RecordsToRepeat].
	Repeats []Reason `json:"repeats"`

	json   json.RawMessage
	handle *handle.Handle[*C.cdpb_report]
}

func reportOf(pointer *C.cdpb_report) (*Report, error) {
	own := handle.New(pointer, func(pointer *C.cdpb_report) { C.cdpb_report_free(pointer) })
	report := &Report{json: taken(C.cdpb_report_json(pointer)), handle: own}
	if err := json.Unmarshal(report.json, report); err != nil {
		own.Close()
		return nil, internal(err)
	}
	return report, nil
}

// Close frees the rejects, which may lie in a temporary file. The fields stay, and loops that have begun go on. It
// may be called again; a report that nothing refers to any more is freed by itself.
func (r *Report) Close() { r.handle.Close() }

// MarshalJSON gives the whole report but its rejects, with the names of every language's JSON.
func (r *Report) MarshalJSON() ([]byte, error) { return r.json, nil }

// Rejects are every record that was refused, in input order: read one by one, from the first in every loop. An error
// is the last that a loop gets: [ErrIO] if what keeps them cannot be read, [ErrClosed] after Close.
func (r *Report) Rejects() iter.Seq2[Reject, error] {
	return rejectsOf(func(rejects **C.cdpb_rejects, failed **C.cdpb_error) (code C.cdpb_code, open bool) {
		open = r.handle.Use(func(report *C.cdpb_report) { code = C.cdpb_report_rejects(report, rejects, failed) })
		return code, open
	})
}

// RecordsToRepeat are every record that must be sent again although it was taken, in input order: a deletion that
// matched several guests deletes one of them. It is read as [Report.Rejects].
func (r *Report) RecordsToRepeat() iter.Seq2[Reject, error] {
	return rejectsOf(func(records **C.cdpb_rejects, failed **C.cdpb_error) (code C.cdpb_code, open bool) {
		open = r.handle.Use(func(report *C.cdpb_report) {
			code = C.cdpb_report_records_to_repeat(report, records, failed)
		})
		return code, open
	})
}

// WriteRejects writes the refused records to a file, which is replaced, each exactly as it was read, so that they can
// be fixed and uploaded again; the reasons go to a file beside it whose name ends in ".reasons.jsonl". It gives how
// many were written: those whose record is not at hand are left out. A file that cannot be written is [ErrIO].
func (r *Report) WriteRejects(path string) (int64, error) {
	file, err := text("path", path)
	if err != nil {
		return 0, err
	}
	var written C.uint64_t
	var failed *C.cdpb_error
	code := C.cdpb_code(C.CDPB_OK)
	open := r.handle.Use(func(report *C.cdpb_report) {
		code = C.cdpb_report_write_rejects(report, file, &written, &failed)
	})
	switch {
	case !open:
		return 0, closed("the report")
	case code != C.CDPB_OK:
		return 0, errorOf(failed)
	}
	return int64(written), nil
}

// rejectsOf reads rejects that are opened anew for every loop.
func rejectsOf(
	open func(rejects **C.cdpb_rejects, failed **C.cdpb_error) (C.cdpb_code, bool),
) iter.Seq2[Reject, error] {
	return func(yield func(Reject, error) bool) {
		var rejects *C.cdpb_rejects
		var failed *C.cdpb_error
		switch code, isOpen := open(&rejects, &failed); {
		case !isOpen:
			yield(Reject{}, closed("the report"))
		case code != C.CDPB_OK:
			yield(Reject{}, errorOf(failed))
		default:
			readRejects(rejects, yield)
		}
	}
}

// readRejects reads one by one, and frees what reads.
func readRejects(rejects *C.cdpb_rejects, yield func(Reject, error) bool) {
	defer C.cdpb_rejects_free(rejects)
	for {
		var next *C.cdpb_reject
		var failed *C.cdpb_error
		if C.cdpb_rejects_next(rejects, &next, &failed) != C.CDPB_OK {
			yield(Reject{}, errorOf(failed))
			return
		}
		if next == nil || !yield(rejectOf(next)) {
			return
		}
	}
}

// rejectOf takes a reject of the library, which is freed.
func rejectOf(pointer *C.cdpb_reject) (Reject, error) {
	defer C.cdpb_reject_free(pointer)
	var known struct {
		ByteRange *[2]int64 `json:"byte_range"`
	}
	reject := Reject{
		By:      C.GoString(C.cdpb_reject_by(pointer)),
		Source:  C.GoString(C.cdpb_reject_source(pointer)),
		Line:    int64(C.cdpb_reject_line(pointer)),
		Ref:     C.GoString(C.cdpb_reject_ref(pointer)),
		Batch:   C.GoString(C.cdpb_reject_batch(pointer)),
		Code:    C.GoString(C.cdpb_reject_code(pointer)),
		Message: C.GoString(C.cdpb_reject_message(pointer)),
		Help:    C.GoString(C.cdpb_reject_help(pointer)),
	}
	if reject.Batch != "" {
		// Only the JSON has it, and only of what was sent.
		if err := json.Unmarshal(taken(C.cdpb_reject_json(pointer)), &known); err != nil {
			return Reject{}, internal(err)
		}
		reject.ByteRange = known.ByteRange
	}
	var length C.size_t
	if record := C.cdpb_reject_record(pointer, &length); record != nil {
		reject.Record = append([]byte{}, unsafe.Slice((*byte)(unsafe.Pointer(record)), int(length))...)
	}
	return reject, nil
}
