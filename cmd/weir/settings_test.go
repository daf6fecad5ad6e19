package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

func TestReadAccess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weir.yaml")
	read := func(text string) (map[string]weir.Access, error) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return readAccess(file)
	}
	got, err := read(`data: x
access: {"Lab results": {files: ["/data/out"], network: ["lab:2575"]}, "ADT": {databases: []}}
`)
	want := map[string]weir.Access{
		"Lab results": {Files: []string{"/data/out"}, Network: []string{"lab:2575"}},
		"ADT":         {Databases: []string{}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf(" got %#v, %v\nwant %#v", got, err, want)
	}
	for _, c := range []struct{ name, text, want string }{
		{"an unknown kind", `access: {"ADT": {programs: [ls]}}`, `no kind "programs"`},
		{"no list", `access: {"ADT": {files: /data}}`, "access"},
		{"no mapping", `access: all`, "access"},
	} {
		if _, err := read(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
