package xslt

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weir-health/weir/tree"
)

var update = flag.Bool("update", false, "write what xsltproc makes of the cases into their golden files")

// Every testdata/*.xsl is a stylesheet, the .xml beside it its source, and the
// .golden what xsltproc makes of both. A new case is a new pair of files and a run
// with -update. Where xsltproc is installed, the golden files are compared with it.
func TestCases(t *testing.T) {
	sheets, _ := filepath.Glob("testdata/*.xsl")
	if len(sheets) < 40 {
		t.Fatalf("there are only %d cases in testdata", len(sheets))
	}
	for _, path := range sheets {
		base := strings.TrimSuffix(path, ".xsl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			if *update {
				if err := os.WriteFile(base+".golden", []byte(proc(t, base)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			sheet, err := Compile(read(t, path))
			if err != nil {
				t.Fatal(err)
			}
			source, err := tree.ParseXML(read(t, base+".xml"), tree.XMLOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := sheet.Transform(source, nil)
			if err != nil {
				t.Fatal(err)
			}
			if sheet.output.indent != "yes" {
				got = lineEnd.ReplaceAllString(got, "$0\n")
			}
			got = normal(got)
			if want := normal(read(t, base+".golden")); got != want {
				t.Errorf("%s\n got %s\nwant %s", path, got, want)
			}
		})
	}
}

func TestGoldenIsOfXsltproc(t *testing.T) {
	if _, err := exec.LookPath("xsltproc"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xsltproc is not on PATH: here it must be")
		}
		t.Skip("xsltproc is not on PATH; install the package of that name")
	}
	sheets, _ := filepath.Glob("testdata/*.xsl")
	for _, path := range sheets {
		base := strings.TrimSuffix(path, ".xsl")
		if got, want := proc(t, base), read(t, base+".golden"); got != want {
			t.Errorf("%s\nxsltproc %s\n  golden %s", path, got, want)
		}
	}
}

func proc(t *testing.T, base string) string {
	t.Helper()
	cmd := exec.Command("xsltproc", "--nonet", base+".xsl", base+".xml")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("xsltproc %s: %v", base, err)
	}
	return string(out)
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	lineEnd     = regexp.MustCompile(`^<\?xml .*?\?>`)
	encoding    = regexp.MustCompile(`^(<\?xml version="1.0") encoding="UTF-8"`)
	contentType = regexp.MustCompile(`\n?<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n?`)
)

// normal takes out what our texts have on purpose and xsltproc's do not: our
// declaration and our HTML name the encoding always, and no line end is added to the
// end of a document. That none follows the declaration is seen to in TestCases.
func normal(s string) string {
	s = encoding.ReplaceAllString(s, "$1")
	s = contentType.ReplaceAllString(s, "")
	return strings.TrimRight(s, "\n")
}
