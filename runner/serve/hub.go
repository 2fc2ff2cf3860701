package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// An event is told to every page that listens.
type event struct {
	name string
	data []byte // JSON, one line
}

// A hub hands events to those who listen. One who does not keep up is dropped:
// the browser connects again, and is told how things are then.
type hub struct {
	mu        sync.Mutex
	listeners map[chan event]bool
}

const (
	backlog = 64               // events that one who listens may be behind
	beat    = 15 * time.Second // between signs of life: a connection that is dead shows
	slow    = 10 * time.Second // for a browser to take an event
)

// Publish tells all pages that are open of an event. Data is encoded as JSON.
func (s *Server) Publish(name string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("serve: event %s: %v", name, err)) // a type that JSON can't hold
	}
	s.hub.publish(event{name, text})
}

func (h *hub) publish(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		select {
		case l <- e:
		default:
			delete(h.listeners, l)
			close(l)
		}
	}
}

func (h *hub) listen() chan event {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = make(map[chan event]bool)
	}
	l := make(chan event, backlog)
	h.listeners[l] = true
	return l
}

func (h *hub) leave(l chan event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

// events streams what happens, as server-sent events (WHATWG HTML, section 9.2).
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	l := s.hub.listen()
	defer s.hub.leave(l)
	st := Stream(w)
	if st.Send("hello", s.hello()) != nil {
		return
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			err = st.write([]byte(": still here\n\n"))
		case e, ok := <-l:
			if !ok {
				return
			}
			err = st.send(e)
		}
		if err != nil {
			return
		}
	}
}

// An EventStream is an answer that tells events as they happen.
type EventStream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// Stream begins an answer that is a stream of server-sent events. It lasts as long
// as it is told events, longer than any request may take.
func Stream(w http.ResponseWriter) *EventStream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	return &EventStream{w, http.NewResponseController(w)}
}

// Send tells of an event; data is encoded as JSON. After an error the browser is
// gone, or too slow.
func (s *EventStream) Send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	return s.send(event{name, text})
}

func (s *EventStream) send(e event) error {
	return s.write(fmt.Appendf(nil, "event: %s\ndata: %s\n\n", e.name, e.data))
}

func (s *EventStream) write(text []byte) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(slow)); err != nil {
		return err
	}
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.rc.Flush()
}
