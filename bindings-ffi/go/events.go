package cdpbatch

import "encoding/json"

// Event is one thing that happened: a [Started], [Packed], [Allocated], [Uploaded], [StatusChanged], [Retried],
// [Progress] or [Done]; or an [OtherEvent], if the library is newer than this package.
type Event interface {
	// Type is the event's name in every language, such as "uploaded".
	Type() string
}

// Started says that the run has a name.
type Started struct {
	// RunID is the run's name.
	RunID string `json:"run_id"`
}

// Packed says that a part is finished and waits to be sent.
type Packed struct {
	// Part is the number of the part, from 0.
	Part int64 `json:"part"`
	// Records are its records.
	Records int64 `json:"records"`
	// Size is its size in bytes.
	Size int64 `json:"size"`
	// MD5 is its MD5 in hex.
	MD5 string `json:"md5"`
}

// Allocated says that the service has a location for a part.
type Allocated struct {
	// Part is the number of the part, from 0.
	Part int64 `json:"part"`
	// Ref is the batch.
	Ref string `json:"ref"`
}

// Uploaded says that storage has accepted a part.
type Uploaded struct {
	// Part is the number of the part, from 0.
	Part int64 `json:"part"`
	// Ref is the batch.
	Ref string `json:"ref"`
}

// StatusChanged says that a batch is in another state.
type StatusChanged struct {
	// Ref is the batch.
	Ref string `json:"ref"`
	// From is its state before; empty if none was known.
	From string `json:"from"`
	// To is its state now.
	To string `json:"to"`
}

// Retried says that a request failed and is tried again after a pause.
type Retried struct {
	// Stage is what was tried.
	Stage string `json:"stage"`
	// Ref is the batch; empty if it was not about one.
	Ref string `json:"ref"`
	// Attempt is how often it was tried so far.
	Attempt int `json:"attempt"`
	// DelayMS is the pause, in milliseconds.
	DelayMS int64 `json:"delay_ms"`
	// Code is why it failed.
	Code Code `json:"code"`
}

// Progress says how far a run is. Every number only grows, and none is ever more than the truth.
type Progress struct {
	// Read are records read from the source, bad ones included.
	Read int64 `json:"read"`
	// Packed are records in finished parts.
	Packed int64 `json:"packed"`
	// PackedBytes are the bytes of finished parts.
	PackedBytes int64 `json:"packed_bytes"`
	// SentBytes are the bytes handed to the network, counted once also when a part is sent again.
	SentBytes int64 `json:"sent_bytes"`
	// Sent are records in parts that storage has accepted.
	Sent int64 `json:"sent"`
	// Confirmed are records that the service has confirmed.
	Confirmed int64 `json:"confirmed"`
	// Rejected are records refused, before they were sent or by the service.
	Rejected int64 `json:"rejected"`
}

// Done says that the work is over. It is the last event.
type Done struct{ Progress }

// OtherEvent is an event that this package does not know.
type OtherEvent struct {
	// Name is its type.
	Name string
	// JSON is all of it.
	JSON json.RawMessage
}

// Type is "started".
func (Started) Type() string { return "started" }

// Type is "packed".
func (Packed) Type() string { return "packed" }

// Type is "allocated".
func (Allocated) Type() string { return "allocated" }

// Type is "uploaded".
func (Uploaded) Type() string { return "uploaded" }

// Type is "status".
func (StatusChanged) Type() string { return "status" }

// Type is "retry".
func (Retried) Type() string { return "retry" }

// Type is "progress".
func (Progress) Type() string { return "progress" }

// Type is "done".
func (Done) Type() string { return "done" }

// Type is its name.
func (o OtherEvent) Type() string { return o.Name }

// eventOf reads an event.
func eventOf(text []byte) Event {
	var kind struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(text, &kind)
	switch kind.Type {
	case "started":
		return read[Started](text)
	case "packed":
		return read[Packed](text)
	case "allocated":
		return read[Allocated](text)
	case "uploaded":
		return read[Uploaded](text)
	case "status":
		return read[StatusChanged](text)
	case "retry":
		return read[Retried](text)
	case "progress":
		return read[Progress](text)
	case "done":
		return read[Done](text)
	default:
		return OtherEvent{kind.Type, text}
	}
}

func read[T Event](text []byte) T {
	var event T
	// What the library writes can be read; what it may add is left out.
	_ = json.Unmarshal(text, &event)
	return event
}
