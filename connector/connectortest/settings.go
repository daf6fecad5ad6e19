package connectortest

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
)

// Settings makes settings of pairs of a dotted name and a text.
func Settings(pairs ...string) config.Group {
	var g config.Group
	for i := 0; i+1 < len(pairs); i += 2 {
		g = with(g, strings.Split(pairs[i], "."), pairs[i+1])
	}
	return g
}

func with(g config.Group, path []string, text string) config.Group {
	for i := range g {
		if g[i].Name != path[0] {
			continue
		}
		if len(path) == 1 {
			g[i].Text = text
		} else {
			g[i].Group = with(g[i].Group, path[1:], text)
		}
		return g
	}
	s := config.Setting{Name: path[0]}
	if len(path) == 1 {
		s.Text = text
	} else {
		s.Group = with(nil, path[1:], text)
	}
	return append(g, s)
}

// Declared checks what a connector declares: its defaults pass its own checks,
// every setting has a sentence of help, and none is declared twice.
func Declared(t *testing.T, s config.Settings) {
	t.Helper()
	if _, err := config.Decode(nil, s); err != nil {
		t.Errorf("the defaults of %T do not pass: %v", s, err)
	}
	seen := map[string]bool{}
	for _, f := range config.List(s) {
		if seen[f.Name] {
			t.Errorf("%T declares %s twice", s, f.Name)
		}
		seen[f.Name] = true
		if len(f.Help) < 10 || !strings.HasSuffix(f.Help, ".") {
			t.Errorf("%T: the help of %s is no sentence: %q", s, f.Name, f.Help)
		}
	}
}

// Export reads the <properties> of a connector from a file in the form of a
// Mirth export.
func Export(t testing.TB, file string) config.Group {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	root, err := element(xml.NewDecoder(f))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return root.Group[0].Group
}

// Parse reads elements without a root, as they stand in an export.
func Parse(t testing.TB, elements string) config.Setting {
	t.Helper()
	s, err := element(xml.NewDecoder(strings.NewReader(elements)))
	if err != nil {
		t.Fatalf("%s: %v", elements, err)
	}
	return s
}

// element reads the elements up to the end of the one that is open.
func element(d *xml.Decoder) (s config.Setting, err error) {
	for {
		token, err := d.Token()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			child, err := element(d)
			if err != nil {
				return s, err
			}
			child.Name = token.Name.Local
			for _, a := range token.Attr {
				if a.Name.Local == "class" {
					child.Class = a.Value
				}
			}
			s.Group = append(s.Group, child)
		case xml.CharData:
			s.Text += string(token)
		case xml.EndElement:
			return s, nil
		}
	}
}
