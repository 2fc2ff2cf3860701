package pocket

import (
	"time"
)

func (w *wire) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.takeOut(0)
	w.takeIn()
	w.open, w.began = true, time.Now()
}

func (w *wire) enters(call, thread int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.activity++
	w.calls[call] = thread
}

func (w *wire) drain(call int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.activity++
	delete(w.calls, call)
	before := len(w.held) + len(w.late) + len(w.swap)
	w.takeOut(call)
	if len(w.held)+len(w.late)+len(w.swap) != before {
		w.wake()
	}
}

func (w *wire) settle(limit time.Duration) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(limit); ; <-ticker.C {
		w.mu.Lock()
		w.takeOut(0)
		w.takeIn()
		done := len(w.conns)+len(w.held)+len(w.late)+len(w.swap) == 0 || w.failed != nil
		w.mu.Unlock()
		w.wake()
		if done || time.Now().After(end) {
			return
		}
	}
}
