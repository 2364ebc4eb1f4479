package cdpbatch

// #include "callbacks.h"
import "C"

import (
	"cmp"
	"context"
	"fmt"
	"runtime"

	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/internal/handle"
)

// Client is a service, credentials, and default options. Its methods may be called from any goroutine.
//
// Every method that waits takes a context and ends early when that is done: see [Operation.Wait].
type Client struct {
	handle *handle.Handle[*C.cdpb_client]
}

// Secret is text that does not print. %v and its like show "[secret]", and so do JSON and slog.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// Format hides the secret from every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(s.String())) }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Config says which service a client is of, and who it is.
type Config struct {
	// Region is the service's region: "eu", "us", "ap" or "jp". Either it or BaseURL is given.
	Region string
	// BaseURL is where the service is, if it is in no region: https, or http on this machine.
	BaseURL string
	// ClientKey is the Client Key of the tenant.
	ClientKey Secret
	// APIToken is the API Token of the tenant.
	APIToken Secret
	// Options are the defaults of the client's runs, and how the service is reached.
	Options ClientOptions
}

// New makes a client. It does not connect yet. What is wrong with the configuration is [ErrInvalidOptions].
func New(config Config) (*Client, error) {
	if (config.Region == "") == (config.BaseURL == "") {
		return nil, invalid("give either Region or BaseURL, and leave the other out")
	}
	region, regionErr := optional("Region", config.Region)
	base, baseErr := optional("BaseURL", config.BaseURL)
	key, keyErr := text("ClientKey", string(config.ClientKey))
	token, tokenErr := text("APIToken", string(config.APIToken))
	options, optionsErr := config.Options.json()
	if err := cmp.Or(regionErr, baseErr, keyErr, tokenErr, optionsErr); err != nil {
		return nil, err
	}
	return made(func(client **C.cdpb_client, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_client_new(region, base, key, token, options, client, failed)
	})
}

// FromEnv makes a client of the environment: CDP_REGION or CDP_BASE_URL, CDP_CLIENT_KEY and CDP_API_TOKEN. Options
// may be nil.
func FromEnv(options *ClientOptions) (*Client, error) {
	encoded, err := options.json()
	if err != nil {
		return nil, err
	}
	return made(func(client **C.cdpb_client, failed **C.cdpb_error) C.cdpb_code {
		return C.cdpb_client_from_env(encoded, client, failed)
	})
}

func made(make func(client **C.cdpb_client, failed **C.cdpb_error) C.cdpb_code) (*Client, error) {
	var client *C.cdpb_client
	var failed *C.cdpb_error
	if make(&client, &failed) != C.CDPB_OK {
		return nil, errorOf(failed)
	}
	free := func(pointer *C.cdpb_client) { C.cdpb_client_free(pointer) }
	return &Client{handle.New(client, free)}, nil
}

// Close frees the client, after which its methods fail with [ErrClosed]. Work under way goes on. It may be called
// again; a client that nothing refers to any more is freed by itself.
func (c *Client) Close() { c.handle.Close() }

// Upload checks, packs and sends every record, waits until the service has processed them, and explains what it
// refused. Options may be nil.
//
// Unless RaiseOn says otherwise, records that were refused make it fail with [ErrRecordsRejected]; the report is on the
// error. So it is whenever a run had begun.
func (c *Client) Upload(ctx context.Context, source Source, options *RunOptions) (*Report, error) {
	return joined(c.StartUpload(ctx, source, options))
}

// StartUpload begins what [Client.Upload] does.
func (c *Client) StartUpload(ctx context.Context, source Source, options *RunOptions) (*Operation[*Report], error) {
	pointer, feed, err := openedFor(ctx, source)
	if err != nil {
		return nil, err
	}
	return c.startUpload(ctx, pointer, feed, options)
}

func (c *Client) startUpload(
	ctx context.Context, source *C.cdpb_source, feed *feed, options *RunOptions,
) (*Operation[*Report], error) {
	return startFrom(ctx, c, source, feed, options, takeReport,
		func(client *C.cdpb_client, options *C.char, out *outputs) C.cdpb_code {
			return C.cdpb_client_upload(client, source, options, &out.operation, &out.failed)
		})
}

// Submit is as [Client.Upload], but ends as soon as storage has accepted every part. Options may be nil.
func (c *Client) Submit(ctx context.Context, source Source, options *RunOptions) (*Run, error) {
	return joined(c.StartSubmit(ctx, source, options))
}

// StartSubmit begins what [Client.Submit] does.
func (c *Client) StartSubmit(ctx context.Context, source Source, options *RunOptions) (*Operation[*Run], error) {
	pointer, feed, err := openedFor(ctx, source)
	if err != nil {
		return nil, err
	}
	return startFrom(ctx, c, pointer, feed, options, takeRun,
		func(client *C.cdpb_client, options *C.char, out *outputs) C.cdpb_code {
			return C.cdpb_client_submit(client, pointer, options, &out.operation, &out.failed)
		})
}

// Validate checks every record without the service. Options may be nil. That records are not valid is no error.
func (c *Client) Validate(ctx context.Context, source Source, options *RunOptions) (*CheckReport, error) {
	pointer, feed, err := openedFor(ctx, source)
	if err != nil {
		return nil, err
	}
	return joined(startFrom(ctx, c, pointer, feed, options, takeJSON[*CheckReport],
		func(client *C.cdpb_client, options *C.char, out *outputs) C.cdpb_code {
			return C.cdpb_client_validate(client, pointer, options, &out.operation, &out.failed)
		}))
}

// Pack packs records into files in a folder, which is made if needed, without the service. Options may be nil. That
// records are refused is no error.
func (c *Client) Pack(ctx context.Context, source Source, folder string, options *RunOptions) (*PackReport, error) {
	path, err := text("folder", folder)
	if err != nil {
		return nil, err
	}
	pointer, feed, err := openedFor(ctx, source)
	if err != nil {
		return nil, err
	}
	return joined(startFrom(ctx, c, pointer, feed, options, takePacked,
		func(client *C.cdpb_client, options *C.char, out *outputs) C.cdpb_code {
			return C.cdpb_client_pack(client, pointer, path, options, &out.operation, &out.failed)
		}))
}

// Resume goes on with a run from its journal in StateDir: nothing is lost, and nothing is sent twice. A run that the
// journal does not have, or that was fed from something that cannot be read again, is [ErrJournal].
func (c *Client) Resume(ctx context.Context, runID string) (*Report, error) {
	return joined(c.StartResume(ctx, runID))
}

// StartResume begins what [Client.Resume] does.
func (c *Client) StartResume(ctx context.Context, runID string) (*Operation[*Report], error) {
	id, err := text("the run id", runID)
	if err != nil {
		return nil, err
	}
	return start(ctx, nil, takeReport, c.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_resume(client, id, &out.operation, &out.failed)
	}))
}

// Runs are every run in the journal of StateDir, the latest first. It reads a file.
func (c *Client) Runs() ([]RunInfo, error) {
	var told *C.char
	var failed *C.cdpb_error
	code := C.cdpb_code(C.CDPB_OK)
	open := c.handle.Use(func(client *C.cdpb_client) { code = C.cdpb_client_runs(client, &told, &failed) })
	switch {
	case !open:
		return nil, closed("the client")
	case code != C.CDPB_OK:
		return nil, errorOf(failed)
	}
	return decoded[[]RunInfo](told)
}

// Reconcile compares the journal of StateDir with the service's list of the last 30 days.
func (c *Client) Reconcile(ctx context.Context) (*Reconciliation, error) {
	return join(ctx, nil, takeJSON[*Reconciliation], c.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_reconcile(client, &out.operation, &out.failed)
	}))
}

// Wait waits until these batches have finished, and gives what the service says of each. Any process may ask: nothing
// on this machine is needed. Options may be nil; of them only Wait counts. A batch that does not finish in that time
// is [ErrTimeout], which is no failure: the error names the refs, to wait again.
func (c *Client) Wait(ctx context.Context, refs []string, options *RunOptions) ([]BatchInfo, error) {
	encoded, err := options.json()
	if err != nil {
		return nil, err
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pointers, err := texts(&pinner, "ref", refs)
	if err != nil {
		return nil, err
	}
	return join(ctx, nil, takeJSON[[]BatchInfo], c.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_wait(client, pointers, encoded, &out.operation, &out.failed)
	}))
}

// Report asks what came of these batches. Its rejects have a ref, a code and a message, but neither source nor record.
func (c *Client) Report(ctx context.Context, refs []string) (*Report, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pointers, err := texts(&pinner, "ref", refs)
	if err != nil {
		return nil, err
	}
	return join(ctx, nil, takeReport, c.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return C.cdpb_client_report(client, pointers, &out.operation, &out.failed)
	}))
}

// call begins work with the client, unless it is closed.
func (c *Client) call(begin func(client *C.cdpb_client, out *outputs) C.cdpb_code) func(*outputs) error {
	return func(out *outputs) error {
		code := C.cdpb_code(C.CDPB_OK)
		if !c.handle.Use(func(client *C.cdpb_client) { code = begin(client, out) }) {
			return closed("the client")
		}
		if code != C.CDPB_OK {
			return errorOf(out.failed)
		}
		return nil
	}
}

// openedFor opens a source unless the context is done.
func openedFor(ctx context.Context, source Source) (*C.cdpb_source, *feed, error) {
	if err := notBegun(ctx); err != nil {
		return nil, nil, err
	}
	if source == nil {
		return nil, nil, invalid("the source is nil; give one")
	}
	return source.open()
}

// startFrom begins work with a source, which is freed.
func startFrom[T any](
	ctx context.Context, client *Client, source *C.cdpb_source, feed *feed, options *RunOptions,
	take func(*C.cdpb_operation) (T, error),
	begin func(client *C.cdpb_client, options *C.char, out *outputs) C.cdpb_code,
) (*Operation[T], error) {
	defer C.cdpb_source_free(source)
	encoded, err := options.json()
	if err != nil {
		feed.drop()
		return nil, err
	}
	return start(ctx, feed, take, client.call(func(client *C.cdpb_client, out *outputs) C.cdpb_code {
		return begin(client, encoded, out)
	}))
}
