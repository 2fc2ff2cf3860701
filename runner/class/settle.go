package class

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sockets/runner/handin"
)

// settle finds which exercises there are, and has at most one upload for each
// student and exercise. Where there is none at all, and no roster of who should have
// handed one in, there is no class.
func (c *class) settle(o Options) error {
	slices.Sort(c.students)
	c.students = slices.Compact(c.students)
	var all []upload
	for _, u := range c.uploads {
		if !u.archive {
			all = append(all, u)
			continue
		}
		parts, err := c.parts(u)
		var mistakes handin.Mistakes
		switch {
		case errors.As(err, &mistakes):
			u.refused = mistakes.Error()
		case errors.Is(err, os.ErrPermission):
			u.refused = fmt.Sprintf("%s: it can't be read: %v", u.where(), err)
		case err != nil:
			return fmt.Errorf("read %s: %w", u.where(), err)
		case len(parts) == 0 && o.only() != "":
			u.exercise, u.archive = o.only(), false
			all = append(all, u)
			continue
		case len(parts) == 0:
			u.refused = u.where() + ": it has no folder of an exercise's number; 05/main.go would be right"
		}
		if u.refused != "" {
			all = append(all, u)
		}
		for number := range parts {
			u.exercise = number
			all = append(all, u)
		}
	}
	if err := c.choose(o, all); err != nil {
		return err
	}
	c.uploads = c.single(all)
	if len(c.uploads) == 0 && len(o.Roster) == 0 {
		return misuse("nobody handed anything in for %s: %s has no STUDENT/%s, and no roster says whose it lacks", strings.Join(c.numbers, " or "), o.Dir, c.numbers[0])
	}
	return nil
}

// choose finds the exercises of the class: those that were asked for, or else all
// that somebody handed something in for.
func (c *class) choose(o Options, all []upload) error {
	if len(o.Numbers) > 0 {
		c.numbers = slices.Sorted(slices.Values(o.Numbers))
		c.numbers = slices.Compact(c.numbers)
		return nil
	}
	seen := make(map[string]bool)
	for _, u := range all {
		if u.exercise == "" || seen[u.exercise] {
			continue
		}
		seen[u.exercise] = true
		switch _, err := os.Stat(o.checks(u.exercise)); {
		case err == nil:
			c.numbers = append(c.numbers, u.exercise)
		case !errors.Is(err, os.ErrNotExist):
			return err
		case o.Warn != nil:
			o.Warn(fmt.Sprintf("%q is left out: lesson %s has no exercise", filepath.Join(o.Dir, u.where()), u.exercise))
		}
	}
	slices.Sort(c.numbers)
	if len(c.numbers) == 0 {
		return misuse("nobody handed anything in: %s has no STUDENT/NN with the number of an exercise, and no exercise was asked for", o.Dir)
	}
	return nil
}

// checks is the file of an exercise's checks.
func (o Options) checks(number string) string {
	lessons := filepath.Join(o.Root, "lessons")
	if o.Checks != "" {
		lessons = o.Checks
	}
	return filepath.Join(lessons, number, "solution", "check_test.go")
}

// single spreads what is wrong with all of a student's uploads over the exercises,
// and refuses what is there twice.
func (c *class) single(all []upload) []upload {
	by := make(map[[2]string][]upload)
	for _, u := range all {
		numbers := []string{u.exercise}
		if u.exercise == "" {
			numbers = c.numbers
		}
		for _, u.exercise = range numbers {
			if slices.Contains(c.numbers, u.exercise) {
				key := [2]string{u.student, u.exercise}
				by[key] = append(by[key], u)
			}
		}
	}
	var single []upload
	for _, same := range by {
		slices.SortFunc(same, func(a, b upload) int { return strings.Compare(a.where(), b.where()) })
		u := same[0]
		if len(same) > 1 {
			u.refused = fmt.Sprintf("exercise %s was handed in twice, as %s and as %s; one would be right", u.exercise, u.where(), same[1].where())
		}
		single = append(single, u)
	}
	slices.SortFunc(single, func(a, b upload) int {
		return cmp.Or(strings.Compare(a.student, b.student), strings.Compare(a.exercise, b.exercise))
	})
	return single
}

// upload is what a student handed in for an exercise; there is one.
func (c *class) upload(student, exercise string) upload {
	i, _ := slices.BinarySearchFunc(c.uploads, [2]string{student, exercise}, func(u upload, key [2]string) int {
		return cmp.Or(strings.Compare(u.student, key[0]), strings.Compare(u.exercise, key[1]))
	})
	return c.uploads[i]
}
