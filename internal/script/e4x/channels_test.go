package e4x

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The scripts of whole channels, as exported, must be understood too.
func TestChannelScripts(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../../test/cases/*/channel*.xml", "../../../test/bench-channels/*.xml"} {
		found, _ := filepath.Glob(pattern)
		files = append(files, found...)
	}
	n := 0
	for _, file := range files {
		for _, src := range scriptsIn(t, file) {
			n++
			u, err := Rewrite(file, src, Options{})
			if err != nil {
				t.Errorf("%s\n%v", src, err)
				continue
			}
			if err := parses("function f() {" + u.Code + "\n}"); err != nil {
				t.Errorf("%s: %v\n%s", file, err, u.Code)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d scripts in %d channels only", n, len(files))
	}
}

// scriptsIn returns the texts of the elements that hold scripts.
func scriptsIn(t *testing.T, file string) (list []string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	name := ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(file, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name = tok.Name.Local
		case xml.EndElement:
			name = ""
		case xml.CharData:
			s := string(tok)
			if strings.HasSuffix(strings.ToLower(name), "script") && strings.TrimSpace(s) != "" {
				list = append(list, s)
			}
		}
	}
}
