package store

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
)

// SchemaStep is one numbered change of a dialect's schema. Numbers start at 1
// and have no gaps; a step that was shipped is never edited.
type SchemaStep struct {
	Number int
	Name   string
	SQL    string
}

// SchemaSteps reads the steps of a dialect, files named like
// 0001_messages.sql in one folder, in order of their numbers.
func SchemaSteps(files fs.FS, folder string) ([]SchemaStep, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.sql"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var steps []SchemaStep
	for i, name := range names {
		number, title, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("schema step %s: want number %d", name, i+1)
		}
		sql, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, SchemaStep{Number: i + 1, Name: title, SQL: string(sql)})
	}
	return steps, nil
}

// PendingSteps returns the steps that a database with schema number have still
// needs. A database with more than steps offers was written by a newer Weir:
// that is an error, for the older one would not know what it destroys.
func PendingSteps(steps []SchemaStep, have int) ([]SchemaStep, error) {
	if have > len(steps) {
		return nil, &weir.Fault{
			Err:  fmt.Errorf("the store has schema %d, this version of Weir knows up to %d", have, len(steps)),
			Hint: "Start the newer version that wrote it, or restore a backup made before the upgrade.",
		}
	}
	return steps[have:], nil
}
