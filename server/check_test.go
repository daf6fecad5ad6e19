package server

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/docs"
)

// TestCheckReport reads files of all kinds, with channels that have every sort of
// trouble, and compares the whole report.
func TestCheckReport(t *testing.T) {
	r, err := Check(Options{}, "testdata/check")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/check.golden.json"
	if *update {
		write(t, golden, got.String())
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the report differs from %s; see with git diff after go test -run TestCheckReport -update\ngot %s", golden, got.String())
	}
	for _, secret := range []string{"swordfish", "12345", "k-123", "tuna", "mackerel", "herring", "user:secret", "'abc'"} {
		if strings.Contains(got.String(), secret) {
			t.Errorf("the report holds the secret %s", secret)
		}
	}
}

// Every row of differences.md that says what it concerns names things that are
// there, and one that concerns a channel is found.
func TestDifferences(t *testing.T) {
	list, err := readDifferences(docs.Differences)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 8 {
		t.Errorf("%d rows say what they concern", len(list))
	}
	opt := Options{}.withDefaults()
	types := opt.types()
	for _, d := range list {
		for _, c := range d.concerns {
			s := types.Source(c.name)
			if s == nil {
				s = types.Destination(c.name)
			}
			switch c.what {
			case "data type":
				s = types.DataType(c.name)
			case "step", "script":
				continue
			}
			if s == nil {
				t.Errorf("%q: there is no %s %s", d.mirth, c.what, c.name)
				continue
			}
			for _, cond := range c.conditions {
				if !slices.ContainsFunc(config.List(s), func(f *config.Field) bool { return f.Name == cond.setting }) {
					t.Errorf("%q: %s has no setting %s", d.mirth, c.name, cond.setting)
				}
			}
		}
	}
	for _, bad := range []string{"| a | b | HTTP Sender: host |\n"} {
		if _, err := readDifferences(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
