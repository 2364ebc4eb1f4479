package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"encoding/json"
	"time"
)

// Code is the kind of an error, the same in every language. Every code is an error of its own, for [errors.Is]:
//
//	if errors.Is(err, cdpbatch.ErrRecordsRejected) {
type Code string

// Error is the code itself.
func (c Code) Error() string { return string(c) }

// Error is what every call of this package fails with. Its Code says what to do about it, and [errors.Is] finds the
// code as well as what a context or a source said, if that is why.
type Error struct {
	// Code is the kind of error, such as [ErrRecordsRejected].
	Code Code
	// Message is one sentence: what failed, and what to do. Its words may change: act on the code.
	Message string
	// Stage is where in the run it happened, such as "upload"; empty before any.
	Stage string
	// Retryable is whether the same call may succeed later without a change.
	Retryable bool
	// Attempts is how often the request was tried; 0 when none was made.
	Attempts int
	// HTTPStatus is the status of the last answer, or 0.
	HTTPStatus int
	// RequestID is the service's id of the request, for its support, or empty.
	RequestID string
	// RetryAfter is how long the service asks to wait; nil if it does not say.
	RetryAfter *time.Duration
	// RunID is the run it belongs to, to carry on with; empty if none had begun.
	RunID string
	// Refs are the batches it is about.
	Refs []string
	// Source is the source of the record it is about, such as a file name, or empty.
	Source string
	// Line is the line of that record, counted from 1, or 0.
	Line int64
	// Report is what is known of the run, or nil if it had not begun.
	Report *Report

	causes []error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Is finds the error's code.
func (e *Error) Is(target error) bool {
	code, is := target.(Code)
	return is && code == e.Code
}

// Unwrap is why, if something outside of the library is: a cancelled context, or what a source failed with.
func (e *Error) Unwrap() []error { return e.causes }

// MarshalJSON gives the fields with the names of every language's JSON; without the report.
func (e *Error) MarshalJSON() ([]byte, error) {
	refs := e.Refs
	if refs == nil {
		refs = []string{}
	}
	var retryAfter *int64
	if e.RetryAfter != nil {
		ms := e.RetryAfter.Milliseconds()
		retryAfter = &ms
	}
	return json.Marshal(map[string]any{
		"code": e.Code, "message": e.Message, "stage": orNull(e.Stage), "retryable": e.Retryable,
		"attempts": e.Attempts, "http_status": orNull(e.HTTPStatus), "request_id": orNull(e.RequestID),
		"retry_after_ms": retryAfter, "run_id": orNull(e.RunID), "refs": refs,
		"source": orNull(e.Source), "line": orNull(e.Line),
	})
}

// orNull is nil for what is not known.
func orNull[T comparable](value T) *T {
	var nothing T
	if value == nothing {
		return nil
	}
	return &value
}

// errorOf takes an error of the library, which is freed.
func errorOf(failed *C.cdpb_error) *Error {
	defer C.cdpb_error_free(failed)
	var known struct {
		Code         Code     `json:"code"`
		Message      string   `json:"message"`
		Stage        string   `json:"stage"`
		Retryable    bool     `json:"retryable"`
		Attempts     int      `json:"attempts"`
		HTTPStatus   int      `json:"http_status"`
		RequestID    string   `json:"request_id"`
		RetryAfterMS *int64   `json:"retry_after_ms"`
		RunID        string   `json:"run_id"`
		Refs         []string `json:"refs"`
		Source       string   `json:"source"`
		Line         int64    `json:"line"`
	}
	if err := json.Unmarshal(taken(C.cdpb_error_json(failed)), &known); err != nil {
		return internal(err)
	}
	err := &Error{
		Code: known.Code, Message: known.Message, Stage: known.Stage, Retryable: known.Retryable,
		Attempts: known.Attempts, HTTPStatus: known.HTTPStatus, RequestID: known.RequestID,
		RunID: known.RunID, Refs: known.Refs, Source: known.Source, Line: known.Line,
	}
	if known.RetryAfterMS != nil {
		asked := time.Duration(*known.RetryAfterMS) * time.Millisecond
		err.RetryAfter = &asked
	}
	var report *C.cdpb_report
	if C.cdpb_error_report(failed, &report) {
		attached, failure := reportOf(report)
		if failure != nil {
			return failure.(*Error)
		}
		err.Report = attached
	}
	return err
}

// invalid says that the caller must fix the call.
func invalid(message string, causes ...error) *Error {
	return &Error{Code: ErrInvalidOptions, Message: message, Stage: "options", causes: causes}
}

// closed says that an object was closed before.
func closed(what string) *Error {
	return &Error{Code: ErrClosed, Message: what + " is closed; make a new one"}
}

// internal says that the library and this package do not understand each other.
func internal(cause error) *Error {
	message := "the library's answer cannot be read; please report this bug"
	return &Error{Code: ErrInternal, Message: message, causes: []error{cause}}
}

// decoded reads JSON that the library gave away.
func decoded[T any](text *C.char) (T, error) {
	var value T
	if err := json.Unmarshal(taken(text), &value); err != nil {
		return value, internal(err)
	}
	return value, nil
}
