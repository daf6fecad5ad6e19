package weir_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/weir-health/weir"

// Everything points down: commands, then the server, then what is internal, then
// connectors and data types, then the words and the wire. Connectors, data types
// and stores do not know one another: a built-in connector has exactly what an
// outsider's has.
var allowed = []struct {
	from string   // a package, or all below it with /...
	to   []string // what of this module it may import
}{
	{".", []string{"config", "tree"}},
	{"config", nil},
	{"tree", nil},
	{"tree/xpath", []string{"tree"}},
	{"datefmt", nil},
	{"docs", nil},
	{"wire/jdbc/jdbctest", []string{"wire/jdbc"}},
	{"wire/...", nil},
	{"connector", []string{".", "config"}},
	{"connector/poll", []string{".", "config", "connector"}},
	{"connector/charset", []string{"."}},
	{"connector/stream", []string{".", "connector/charset"}},
	{"connector/tlsconfig", []string{".", "config"}},
	{"connector/bind", []string{"."}},
	{"connector/door", []string{".", "connector", "wire/..."}},
	{"connector/httpfield", []string{".", "config"}},
	{"connector/httpclient", []string{".", "config", "connector/httpfield", "connector/tlsconfig"}},
	{"connector/httpserver", []string{".", "config", "connector", "connector/bind", "connector/door", "connector/httpclient", "connector/httpfield", "connector/stream", "connector/tlsconfig", "wire/..."}},
	{"connector/all", []string{".", "connector/..."}},
	{"connector/connectortest", []string{".", "config", "connector", "wire/..."}},
	{"connector/...", []string{".", "config", "tree", "datefmt", "wire/...", "connector", "connector/poll", "connector/charset", "connector/stream", "connector/tlsconfig",
		"connector/bind", "connector/door", "connector/httpfield", "connector/httpclient", "connector/httpserver"}},
	{"datatype/all", []string{".", "datatype/..."}},
	{"datatype/datatypetest", []string{".", "config", "tree"}},
	{"datatype/...", []string{".", "config", "tree", "tree/xpath", "datefmt", "wire/dicom"}},
	{"internal/velocity", nil},
	{"internal/bench", []string{"wire/..."}},
	{"internal/store", []string{"."}},
	{"internal/store/storetest", []string{".", "internal/store"}},
	{"internal/store/...", []string{".", "internal/store", "internal/store/group"}},
	{"internal/blob", []string{".", "internal/store"}},
	{"internal/mirth", []string{".", "config", "tree"}},
	{"internal/channelfile", []string{".", "config", "internal/mirth", "internal/script"}},
	{"internal/api", []string{".", "internal/audit", "internal/auth", "internal/history"}},
	{"internal/auth", []string{"."}},
	{"internal/audit", nil},
	{"internal/history", []string{"internal/auth"}},
	{"internal/shadow", nil},
	{"internal/alert", []string{".", "internal/mirth", "internal/pipeline"}},
	{"internal/messagefile", []string{".", "internal/mirth", "internal/pipeline", "internal/script", "internal/velocity"}},
	{"internal/archive", []string{".", "internal/messagefile", "internal/pipeline", "internal/store"}},
	{"internal/mirthapi", []string{".", "config", "internal/audit", "internal/auth", "internal/history", "internal/messagefile", "internal/mirth", "internal/pipeline", "internal/script", "internal/store"}},
	{"internal/xslt/xpath", nil},
	{"internal/xslt", []string{"tree", "internal/xslt/xpath"}},
	{"internal/script/e4x", nil},
	{"internal/script/xmlhost", []string{"tree", "internal/script/e4x"}},
	{"internal/script/access", []string{".", "wire/jdbc"}},
	{"internal/script/java", []string{".", "config", "tree", "datefmt", "wire/jdbc", "wire/httpbody", "internal/velocity", "internal/xslt", "internal/xslt/...", "internal/script/access"}},
	{"internal/script", []string{".", "config", "tree", "datefmt", "wire/dicom", "internal/velocity", "internal/script/..."}},
	{"internal/attach", []string{".", "config", "wire/...", "internal/script/java"}},
	{"internal/transform", []string{".", "config", "tree", "internal/script"}},
	{"internal/pipeline", []string{".", "config", "tree", "datefmt", "connector", "internal/attach", "internal/velocity", "internal/script", "internal/script/java", "internal/script/access", "internal/store", "internal/transform"}},
	{"server", []string{".", "config", "connector/poll", "docs", "connector/all", "datatype/all", "internal/..."}},
	{"cmd/weir", []string{".", "server", "wire/...", "internal/api", "internal/archive", "internal/bench", "internal/history", "internal/messagefile", "internal/mirth", "internal/script", "internal/shadow"}},
}

func TestImportsPointDown(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || path == "test" || path == "tools" || path == "ui") {
			return filepath.SkipDir
		}
		// Tests may reach further, to wire real parts together.
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := filepath.ToSlash(filepath.Dir(path))
		to, known := mayImport(from)
		if !known {
			t.Errorf("%s: package %s has no line in the table of imports_test.go", path, from)
			return nil
		}
		checked++
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			rest, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			rest = strings.TrimPrefix(rest, "/")
			if rest == "" {
				rest = "."
			}
			if !matchesAny(rest, to) {
				t.Errorf("%s: package %s must not import %s", path, from, rest)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 20 {
		t.Fatalf("only %d files were checked; the test does not see the tree", checked)
	}
}

// mayImport returns the first line that fits: exact lines stand before wide ones.
func mayImport(pkg string) ([]string, bool) {
	for _, line := range allowed {
		if matches(pkg, line.from) {
			return line.to, true
		}
	}
	return nil, false
}

func matchesAny(pkg string, patterns []string) bool {
	for _, p := range patterns {
		if matches(pkg, p) {
			return true
		}
	}
	return false
}

func matches(pkg, pattern string) bool {
	if dir, wide := strings.CutSuffix(pattern, "/..."); wide {
		return strings.HasPrefix(pkg, dir+"/")
	}
	return pkg == pattern
}
