package page

import (
	"sockets/runner/capture"
	"sockets/runner/recording"
)

// A download is a file that belongs to a run, beside the page: the recording
// itself, or what another tool reads of it.
type download struct {
	Name, What string
	make       func(*recording.Recording) ([]byte, error)
}

// downloads are the files of the run.
func (t *trace) downloads() []download {
	calls, frames := t.has()
	var all []download
	if frames > 0 {
		all = append(all, download{t.Header.Run + ".pcapng", "frames, for Wireshark", capture.Pcapng})
	}
	if calls > 0 {
		all = append(all, download{t.Header.Run + ".calls.txt", "calls, as strace writes them", func(r *recording.Recording) ([]byte, error) {
			return []byte(capture.Strace(r)), nil
		}})
	}
	return append(all, download{t.Header.Run + ".jsonl", "all of it", (*recording.Recording).Encode})
}

// recordings writes the downloads of each run, beside the page.
func (w *writer) recordings(r *rendering) error {
	for _, run := range r.page.Lesson.Runs {
		t := r.trace(run.Name)
		for _, d := range t.downloads() {
			data, err := d.make(t.Recording)
			if err != nil {
				return err
			}
			if err := w.file(r.page.Lesson.Number+"/"+d.Name, data); err != nil {
				return err
			}
		}
	}
	return nil
}
