// The behaviour suite's driver for Go: does what one JSON object a line asks for, through the public API, and answers
// the same way. tests/README.md describes the protocol.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"time"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
)

// request is what the runner asks for.
type request struct {
	ID               json.RawMessage `json:"id"`
	Op               string          `json:"op"`
	Options          map[string]any  `json:"options"`
	CancelAfterEvent string          `json:"cancel_after_event"`
	Region           string          `json:"region"`
	BaseURL          string          `json:"base_url"`
	ClientKey        cdpbatch.Secret `json:"client_key"`
	APIToken         cdpbatch.Secret `json:"api_token"`
	Source           source          `json:"source"`
	Rows             []string        `json:"rows"`
	Refs             []string        `json:"refs"`
	Ref              string          `json:"ref"`
	Query            query           `json:"query"`
	Out              string          `json:"out"`
	Path             string          `json:"path"`
}

type source struct {
	Path  *string  `json:"path"`
	Paths []string `json:"paths"`
	Glob  *string  `json:"glob"`
	Text  *string  `json:"text"`
	Bytes []byte   `json:"bytes_base64"`
}

type query struct {
	Status         []string  `json:"status"`
	CreatedAfter   time.Time `json:"created_after"`
	CreatedBefore  time.Time `json:"created_before"`
	ModifiedAfter  time.Time `json:"modified_after"`
	ModifiedBefore time.Time `json:"modified_before"`
	RefPrefix      string    `json:"ref_prefix"`
	Sort           string    `json:"sort"`
	Offset         int       `json:"offset"`
	Limit          int       `json:"limit"`
}

// driver is what later requests refer to.
type driver struct {
	client *cdpbatch.Client
	run    *cdpbatch.Run
	report *cdpbatch.Report
	events []map[string]any
}

func main() {
	driver := &driver{}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		encoded, err := json.Marshal(driver.answer(line))
		if err != nil {
			fail(err)
		}
		fmt.Println(string(encoded))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (d *driver) answer(line []byte) map[string]any {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		fail(err)
	}
	d.events = []map[string]any{}
	value, err := d.act(asked)
	answer := map[string]any{"id": asked.ID, "events": d.events}
	var failed *cdpbatch.Error
	switch {
	case err == nil:
		answer["ok"] = value
	case !errors.As(err, &failed):
		fail(err)
	default:
		fields := plain(failed)
		if failed.Report != nil {
			d.report = failed.Report
			fields["report"] = reportValue(d.report)
		}
		answer["error"] = fields
	}
	return answer
}

func (d *driver) act(asked request) (any, error) {
	ctx := context.Background()
	options := &cdpbatch.RunOptions{Extra: asked.Options}
	switch asked.Op {
	case "client":
		config := cdpbatch.Config{
			Region: asked.Region, BaseURL: asked.BaseURL, ClientKey: asked.ClientKey, APIToken: asked.APIToken,
		}
		config.Options.Extra = asked.Options
		client, err := cdpbatch.New(config)
		d.client = client
		return map[string]any{}, err
	case "upload":
		return d.reported(listen[*cdpbatch.Report](d, asked)(d.client.StartUpload(ctx, asked.Source.of(), options)))
	case "submit":
		run, err := listen[*cdpbatch.Run](d, asked)(d.client.StartSubmit(ctx, asked.Source.of(), options))
		if err != nil {
			return nil, err
		}
		d.run = run
		return map[string]any{"run_id": run.ID, "refs": run.Refs}, nil
	case "run_wait":
		return d.reported(listen[*cdpbatch.Report](d, asked)(d.run.StartWait(ctx)))
	case "writer":
		return d.reported(d.write(ctx, asked.Rows, options))
	case "wait":
		return d.client.Wait(ctx, asked.Refs, options)
	case "report":
		return d.reported(d.client.Report(ctx, asked.Refs))
	case "batch_status":
		return d.client.Batch(asked.Ref).Status(ctx)
	case "batch_wait":
		return d.client.Batch(asked.Ref).Wait(ctx)
	case "batch_errors":
		return listed(d.client.Batch(asked.Ref).Errors(ctx))
	case "batches":
		query := cdpbatch.Query(asked.Query)
		return listed(d.client.Batches(ctx, &query))
	case "validate":
		return d.client.Validate(ctx, asked.Source.of(), options)
	case "pack":
		packed, err := d.client.Pack(ctx, asked.Source.of(), asked.Out, options)
		if err != nil {
			return nil, err
		}
		rejects, err := listed(packed.Rejects())
		return map[string]any{"parts": packed.Parts, "counts": packed.Counts, "rejects": rejects}, err
	case "write_rejects":
		written, err := d.report.WriteRejects(asked.Path)
		return map[string]any{"written": written}, err
	default:
		return nil, fmt.Errorf("there is no operation %s", asked.Op)
	}
}

func (s source) of() cdpbatch.Source {
	switch {
	case s.Path != nil:
		return cdpbatch.Path(*s.Path)
	case s.Glob != nil:
		return cdpbatch.Glob(*s.Glob)
	case s.Text != nil:
		return cdpbatch.Bytes([]byte(*s.Text))
	case s.Bytes != nil:
		return cdpbatch.Bytes(s.Bytes)
	default:
		return cdpbatch.Paths(s.Paths...)
	}
}

func (d *driver) write(ctx context.Context, rows []string, options *cdpbatch.RunOptions) (*cdpbatch.Report, error) {
	writer, err := d.client.Writer(ctx, options)
	if err != nil {
		return nil, err
	}
	defer writer.Abandon()
	for _, row := range rows {
		if writer.WriteRow(json.RawMessage(row)) != nil {
			// The upload has ended: Close says why.
			break
		}
	}
	report, err := writer.Close()
	d.keep(writer.Events(), nil)
	return report, err
}

// listen keeps what work tells, and cancels it after the event that the case names.
func listen[T any](d *driver, asked request) func(*cdpbatch.Operation[T], error) (T, error) {
	return func(operation *cdpbatch.Operation[T], err error) (T, error) {
		if err != nil {
			var nothing T
			return nothing, err
		}
		d.keep(operation.Events(), func(event cdpbatch.Event) {
			if event.Type() == asked.CancelAfterEvent {
				operation.Cancel()
			}
		})
		return operation.Wait()
	}
}

func (d *driver) keep(events iter.Seq[cdpbatch.Event], hear func(cdpbatch.Event)) {
	for event := range events {
		kept := map[string]any{"type": event.Type()}
		maps.Copy(kept, plain(event))
		d.events = append(d.events, kept)
		if hear != nil {
			hear(event)
		}
	}
}

func (d *driver) reported(report *cdpbatch.Report, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	d.report = report
	return reportValue(report), nil
}

func reportValue(report *cdpbatch.Report) map[string]any {
	value := plain(report)
	rejects, err := listed(report.Rejects())
	if err != nil {
		fail(err)
	}
	value["rejects"] = rejects
	return value
}

func listed[T any](items iter.Seq2[T, error]) ([]T, error) {
	all := []T{}
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// plain is a value of the API as its JSON has it.
func plain(value any) map[string]any {
	encoded, err := json.Marshal(value)
	if err != nil {
		fail(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(encoded, &fields); err != nil {
		fail(err)
	}
	return fields
}
