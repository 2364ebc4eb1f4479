package cdpbatch

import (
	"sync"
	"time"
)

// patience is how long an ended call waits for a reader or an iterator of the caller's that is still at work. Most
// end at once; one that hangs must not hold the call up.
const patience = 200 * time.Millisecond

// feed is what work of the library is fed by on a goroutine of ours. A nil feed is one that has nothing to do.
type feed struct {
	// work runs on the goroutine until it has fed everything, or until stopped is closed.
	work func() error
	// isEager is whether the goroutine begins with the work, and not when it is first asked for something.
	isEager bool

	lock    sync.Mutex
	begun   bool
	cut     bool
	err     error
	stopped chan struct{}
	ended   chan struct{}
}

func newFeed() *feed {
	return &feed{stopped: make(chan struct{}), ended: make(chan struct{})}
}

// begin begins an eager feed.
func (f *feed) begin() {
	if f != nil && f.isEager {
		f.run()
	}
}

// run begins the goroutine, once, unless nothing is wanted any more.
func (f *feed) run() {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.begun || isClosed(f.stopped) {
		return
	}
	f.begun = true
	go func() {
		defer close(f.ended)
		f.fail(f.work())
	}()
}

// fail keeps the first error.
func (f *feed) fail(err error) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// stop says that nothing more is wanted.
func (f *feed) stop() {
	if f == nil {
		return
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	if isClosed(f.stopped) {
		return
	}
	close(f.stopped)
	if !f.begun {
		close(f.ended)
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
	case <-time.After(patience):
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.err
}

// cutOff says that the library was refused what it asked for, because nothing more was wanted.
func (f *feed) cutOff() {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.cut = true
}

func (f *feed) wasCut() bool {
	if f == nil {
		return false
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.cut
}
