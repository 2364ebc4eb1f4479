package cdpbatch_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"

	cdpbatch "github.com/cdp-batch/cdp-batch/bindings-ffi/go"
	"github.com/cdp-batch/cdp-batch/bindings-ffi/go/cdpbatchtest"
)

func TestEventsTellTheRunUpToItsEndAndGoOnAfterALoopWasLeft(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	upload, err := client.StartUpload(background(t), cdpbatch.Path("guests.ndjson"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	var sent cdpbatch.Packed
	for event := range upload.Events() {
		types = append(types, event.Type())
		if started, is := event.(cdpbatch.Started); is && started.RunID != "" {
			break
		}
	}
	var done cdpbatch.Done
	for event := range upload.Events() {
		types = append(types, event.Type())
		switch event := event.(type) {
		case cdpbatch.Packed:
			sent = event
		case cdpbatch.Done:
			done = event
		}
	}
	if sent.Records != 3 || len(sent.MD5) != 32 || done.Confirmed != 3 || types[len(types)-1] != "done" {
		t.Errorf("the run is not told: %v, %+v, %+v", types, sent, done)
	}
	for event := range upload.Events() {
		t.Errorf("it is told after the end: %v", event)
	}
	report, err := upload.Wait()
	confirmed(t, report, err, 3)
}

func TestListeningAndWaitingGoTogether(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	options := &cdpbatch.RunOptions{MaxBatchRecords: 50}
	upload, err := client.StartUpload(background(t), cdpbatch.Bytes([]byte(guests(500))), options)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range upload.Events() {
			}
		})
	}
	reports := make([]*cdpbatch.Report, 4)
	for index := range reports {
		all.Go(func() {
			report, err := upload.Wait()
			if err != nil {
				t.Error(err)
			}
			reports[index] = report
		})
	}
	all.Wait()
	for _, report := range reports {
		if report == nil || report != reports[0] || report.Counts.Confirmed != 500 {
			t.Errorf("every wait gives the same: %v", report)
		}
	}
}

func TestManyCallsShareAClient(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	var all sync.WaitGroup
	for number := range 16 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(background(t))
			defer cancel()
			source := cdpbatch.Bytes([]byte(guest(number) + "\n[]\n"))
			report, err := client.Upload(ctx, source, &cdpbatch.RunOptions{RaiseOn: cdpbatch.RaiseOnNever})
			if err != nil || report.Counts.Confirmed != 1 || report.Counts.Rejected != 1 {
				t.Errorf("%+v, %v", report, err)
				return
			}
			for range 3 {
				all.Go(func() {
					for reject, err := range report.Rejects() {
						if err != nil || string(reject.Record) != "[]" {
							t.Errorf("%+v, %v", reject, err)
						}
					}
				})
			}
			if info, err := client.Batch(report.Batches[0].Ref).Status(ctx); err != nil || info.Status != "success" {
				t.Errorf("%+v, %v", info, err)
			}
			if _, err := client.Validate(ctx, source, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if arrived, err := emulator.Arrived(); err != nil || len(arrived) != 16 {
		t.Errorf("%d, %v", len(arrived), err)
	}
	noneLeft(t)
}

func TestWorkThatNobodyWaitsForGoesOnToItsEnd(t *testing.T) {
	emulator, client := service(t, cdpbatchtest.Settings{})
	if _, err := client.StartUpload(background(t), cdpbatch.Bytes([]byte(guests(3))), nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the records", func() bool {
		arrived, err := emulator.Arrived()
		return err == nil && len(arrived) == 3
	})
}

func TestAForgottenEmulatorEnds(t *testing.T) {
	var address string
	func() {
		emulator, err := cdpbatchtest.Start(cdpbatchtest.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		base, err := url.Parse(emulator.BaseURL)
		if err != nil {
			t.Fatal(err)
		}
		address = base.Host
	}()
	eventually(t, "the end of the emulator", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err != nil
	})
}

func TestForgottenClientsReportsAndLoopsTakeNothingAlong(t *testing.T) {
	emulator, _ := service(t, cdpbatchtest.Settings{})
	ctx := background(t)
	files := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("there is no /proc to count open files with")
		}
		return len(open)
	}
	cycle := func() {
		client, err := cdpbatch.New(emulator.Config())
		if err != nil {
			t.Fatal(err)
		}
		source := cdpbatch.Path("guests-with-faults.ndjson")
		report, err := client.Upload(ctx, source, &cdpbatch.RunOptions{RaiseOn: cdpbatch.RaiseOnNever})
		if err != nil {
			t.Fatal(err)
		}
		for range report.Rejects() {
			break
		}
		for range client.Batches(ctx, nil) {
			break
		}
		for range client.Batch(report.Batches[0].Ref).Errors(ctx) {
			break
		}
	}
	cycle()
	had := files()
	for range 20 {
		cycle()
	}
	eventually(t, "the end of every connection", func() bool { return files() <= had+8 })
	noneLeft(t)
}

func TestRejectsBatchesAndErrorsBeginAnewInEveryLoop(t *testing.T) {
	_, client := service(t, cdpbatchtest.Settings{})
	ctx := background(t)
	source := cdpbatch.Path("guests-with-faults.ndjson")
	options := &cdpbatch.RunOptions{RaiseOn: cdpbatch.RaiseOnNever, MaxBatchRecords: 1}
	report, err := client.Upload(ctx, source, options)
	if err != nil {
		t.Fatal(err)
	}
	rejects := report.Rejects()
	for reject, err := range rejects {
		if err != nil || reject.Line != 2 || reject.By != "us" || reject.Batch != "" || reject.ByteRange != nil {
			t.Errorf("%+v, %v", reject, err)
		}
		break
	}
	report.Close()
	var lines []string
	for reject, err := range rejects {
		if !errors.Is(err, cdpbatch.ErrClosed) {
			t.Errorf("%+v, %v", reject, err)
		}
	}
	report, err = client.Report(ctx, refsOf(report))
	if err != nil {
		t.Fatal(err)
	}
	for reject, err := range report.Rejects() {
		lines = append(lines, fmt.Sprintln(reject.By, reject.Code, reject.Record == nil, reject.ByteRange == nil, err))
	}
	if len(lines) != 1 || lines[0] != "service 400 true true <nil>\n" {
		t.Errorf("a report from refs has neither source nor record: %q", lines)
	}
	batches := client.Batches(ctx, nil)
	for range 2 {
		seen := 0
		for batch, err := range batches {
			if err != nil || len(batch.Ref) != 36 {
				t.Errorf("%+v, %v", batch, err)
			}
			if seen++; seen == 2 {
				break
			}
		}
		if seen != 2 {
			t.Errorf("there are at least two batches, not %d", seen)
		}
	}
}

func refsOf(report *cdpbatch.Report) []string {
	var refs []string
	for _, batch := range report.Batches {
		refs = append(refs, batch.Ref)
	}
	return refs
}

func TestARunIsCarriedOnWithFromItsJournalAndFromItsRefs(t *testing.T) {
	emulator, err := cdpbatchtest.Start(slow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulator.Close)
	config := emulator.Config()
	config.Options.StateDir = t.TempDir()
	client, err := cdpbatch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	ctx := background(t)
	upload, err := client.StartUpload(ctx, cdpbatch.Path("guests.ndjson"), &cdpbatch.RunOptions{RunID: "nightly"})
	if err != nil {
		t.Fatal(err)
	}
	for event := range upload.Events() {
		if _, is := event.(cdpbatch.Uploaded); is {
			upload.Cancel()
		}
	}
	if _, err := upload.Wait(); !errors.Is(err, cdpbatch.ErrCancelled) {
		t.Fatal(err)
	}
	runs, err := client.Runs()
	if err != nil || len(runs) != 1 || runs[0].RunID != "nightly" || runs[0].Packed != 3 {
		t.Errorf("%+v, %v", runs, err)
	}
	open, err := client.Reconcile(ctx)
	if err != nil || len(open.Processing) != 1 {
		t.Fatalf("%+v, %v", open, err)
	}
	if batch := open.Processing[0]; batch.RunID != "nightly" || *batch.Part != 0 {
		t.Errorf("%+v", batch)
	}
	emulator.AdvanceClock(1 << 50)
	refs := []string{open.Processing[0].Ref}
	infos, err := client.Wait(ctx, refs, nil)
	if err != nil || len(infos) != 1 || infos[0].Status != "success" || *infos[0].Stats.Succeeded != 3 {
		t.Errorf("%+v, %v", infos, err)
	}
	report, err := client.Resume(ctx, "nightly")
	confirmed(t, report, err, 3)
	if !report.Resumed {
		t.Error("the run was sent before")
	}
	if batches, err := emulator.Batches(); err != nil || len(batches) != 1 || batches[0].Uploads != 1 {
		t.Errorf("nothing is sent twice: %+v, %v", batches, err)
	}
	if _, err := client.Resume(ctx, "another"); !errors.Is(err, cdpbatch.ErrJournal) {
		t.Errorf("the journal does not have it: %v", err)
	}
}
