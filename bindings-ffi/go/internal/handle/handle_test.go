package handle

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAHandleIsFreedOnceAndNotWhileItIsUsed(t *testing.T) {
	var freed atomic.Int32
	handle := New(7, func(int) { freed.Add(1) })
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for handle.Use(func(pointer int) {
				if pointer != 7 || freed.Load() > 0 {
					t.Error("it is used after it was freed")
				}
			}) {
			}
		})
		users.Go(handle.Close)
	}
	users.Wait()
	if freed.Load() != 1 {
		t.Errorf("it is freed %d times", freed.Load())
	}
}

func TestAForgottenHandleIsFreedAndAClosedOneNotAgain(t *testing.T) {
	freed := make(chan int, 3)
	func() {
		New(1, func(pointer int) { freed <- pointer })
		New(2, func(pointer int) { freed <- pointer }).Close()
	}()
	seen := map[int]int{}
	for limit := time.After(time.Minute); seen[1] == 0 || seen[2] == 0; {
		runtime.GC()
		select {
		case pointer := <-freed:
			seen[pointer]++
		case <-limit:
			t.Fatal("it is not freed")
		default:
		}
	}
	runtime.GC()
	if seen[1] != 1 || seen[2] != 1 || len(freed) > 0 {
		t.Errorf("each is freed once: %v", seen)
	}
}

func TestANilHandleIsClosed(t *testing.T) {
	var handle *Handle[int]
	handle.Close()
	if handle.Use(func(int) { t.Error("it is used") }) {
		t.Error("it can be used")
	}
}
