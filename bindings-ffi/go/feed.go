package cdpbatch

import (
	"sync"
	"time"
)

// patience is how long an ended call waits for a reader or an iterator of the caller's that is still at work. Most end
// at once; one that hangs must not hold the call up.
const patience = 200 * time.Millisecond

// feed is what pushes into a source on a goroutine of ours while work is under way. A nil feed has nothing to do.
type feed struct {
	queue *queue
	// pump pushes everything, unless a push says that no more is wanted.
	pump func(push func([]byte) bool) error

	once    sync.Once
	stopped chan struct{}
	ended   chan struct{}
	// err is what the pump failed with, once ended is closed.
	err error
}

func newFeed(queue *queue, pump func(push func([]byte) bool) error) *feed {
	return &feed{queue: queue, pump: pump, stopped: make(chan struct{}), ended: make(chan struct{})}
}

// begin begins the goroutine.
func (f *feed) begin() {
	if f != nil {
		go f.run()
	}
}

func (f *feed) run() {
	defer close(f.ended)
	// Unless it was finished the work ends as cancelled, so that half is never taken for all.
	defer f.queue.close()
	isWanted := true
	f.err = f.pump(func(record []byte) bool {
		isWanted = isWanted && !isClosed(f.stopped) && f.queue.push(record, f.stopped)
		return isWanted
	})
	if f.err == nil && isWanted {
		f.queue.finish()
	}
}

// stop says that nothing more is wanted.
func (f *feed) stop() {
	if f != nil {
		f.once.Do(func() { close(f.stopped) })
	}
}

// settle stops the feed, waits for its goroutine, though not for long, and gives what it failed with.
func (f *feed) settle() error {
	if f == nil {
		return nil
	}
	f.stop()
	select {
	case <-f.ended:
		return f.err
	case <-time.After(patience):
		return nil
	}
}

// drop gives up a feed that was never begun.
func (f *feed) drop() {
	if f != nil {
		f.queue.close()
	}
}
