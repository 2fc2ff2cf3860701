package page

import (
	"slices"
	"sync"

	"sockets/runner/recording"
)

// Kept is what earlier calls of [Site.Render] with it have made of lessons. A
// lesson whose Page, recordings and place in the course are the same values as
// then is not made again. The zero Kept holds nothing.
type Kept struct {
	mu      sync.Mutex
	lessons map[*Page]keptLesson
}

// A keptLesson is the files of a lesson, and what they were made of.
type keptLesson struct {
	course     []string // every page lists all lessons
	recordings []*recording.Recording
	base       string
	reference  bool
	files      map[string][]byte
	result     result
}

// of is what the files of the lesson depend on, without them.
func (w *writer) of(p *Page) keptLesson {
	k := keptLesson{base: w.BaseURL, reference: len(w.reference.Groups) > 0}
	for _, other := range w.Pages {
		l := other.Lesson
		k.course = append(k.course, l.Number, l.Title, l.Summary)
	}
	for _, run := range p.Lesson.Runs {
		k.recordings = append(k.recordings, w.Recordings(p.Lesson.Number, run.Name))
	}
	return k
}

func (k keptLesson) same(other keptLesson) bool {
	return k.base == other.base && k.reference == other.reference &&
		slices.Equal(k.course, other.course) && slices.Equal(k.recordings, other.recordings)
}

// lesson puts the files of the lesson, made now only if they must be.
func (k *Kept) lesson(w *writer, i int) (result, error) {
	p := w.Pages[i]
	if k == nil {
		return w.lesson(i, p)
	}
	now := w.of(p)
	k.mu.Lock()
	was, ok := k.lessons[p]
	k.mu.Unlock()
	if !ok || !now.same(was) {
		now.files = make(map[string][]byte)
		into := *w
		into.put = func(name string, data []byte) error {
			now.files[name] = data
			return nil
		}
		var err error
		if now.result, err = into.lesson(i, p); err != nil {
			return result{}, err
		}
		was = now
		k.mu.Lock()
		if k.lessons == nil {
			k.lessons = make(map[*Page]keptLesson)
		}
		k.lessons[p] = now
		k.mu.Unlock()
	}
	for name, data := range was.files {
		if err := w.file(name, data); err != nil {
			return result{}, err
		}
	}
	return was.result, nil
}

// only drops what was made of other pages.
func (k *Kept) only(pages []*Page) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for p := range k.lessons {
		if !slices.Contains(pages, p) {
			delete(k.lessons, p)
		}
	}
}
