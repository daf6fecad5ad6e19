package document

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Writer))
	var w Writer
	connectortest.Decode(t, &w, connectortest.Export(t, "testdata/writer.xml"))
	if w.Directory.Text != "/var/reports" || !w.Encrypt || w.PageUnit != "MM" || w.Template.Text != "<h1>${name}</h1>" {
		t.Errorf("writer: %+v", &w)
	}
}

// poppler returns the path of a program of poppler-utils, Debian's readers of PDF.
func poppler(t testing.TB, name string) string {
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("%s is missing; install the package poppler-utils", name)
	}
	t.Skipf("%s is missing; install the package poppler-utils to run this test", name)
	return ""
}

func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(poppler(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// write writes one document and returns its file.
func write(t testing.TB, template string, settings ...string) (string, error) {
	t.Helper()
	w := new(Writer)
	dir := filepath.Join(t.TempDir(), "made")
	connectortest.Open(t, w, connectortest.Settings(append([]string{"host", dir, "outputPattern", "out"}, settings...)...))
	r, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", template))
	path := filepath.Join(dir, "out")
	if err != nil {
		connectortest.CheckFault(t, err)
		if r.Status != weir.Queued || r.StatusMessage != "Error writing document" {
			t.Errorf("response of a failure: %+v", r)
		}
		return path, err
	}
	if r.Status != weir.Sent || r.Message != "" || r.StatusMessage != "Document successfully written to file: "+path {
		t.Errorf("response: %+v", r)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d files in the directory", len(entries))
	}
	return path, nil
}

// report is a document with everything in it.
func report(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/report.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPDF(t *testing.T) {
	poppler(t, "pdftotext")
	path, err := write(t, report(t))
	if err != nil {
		t.Fatal(err)
	}
	info := tool(t, "pdfinfo", path)
	for _, want := range []string{"Pages:           2\n", "595.28 x 841.89 pts (A4)", "PDF version:     1.6"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo lacks %q:\n%s", want, info)
		}
	}
	text := tool(t, "pdftotext", "-layout", path, "-")
	for _, want := range []string{"Laboratory report", "Müller-Lüdenscheidt, Jürgen, born 1961-02-03.", "price 3", "€", "temperature <", "37 °C", "code(1)", `backslash \ (in`,
		"Potassium", "6.1", "3.5–5.1", "inner", "table", "• first", "• second, bold", "3. third", "4. fourth", "Quoted “text”", "OBX|1|NM|K\n", "Right, in Times"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	first, second, _ := strings.Cut(text, "\f")
	if !strings.Contains(second, "Second page") || strings.Contains(first, "Second page") || strings.Contains(text, "hidden") || strings.Contains(text, "not shown") {
		t.Errorf("pages:\n%s", text)
	}
	fonts := tool(t, "pdffonts", path)
	for _, want := range []string{"Helvetica-Bold", "Helvetica-Oblique", "Courier", "Times-Roman"} {
		if !strings.Contains(fonts, want) {
			t.Errorf("fonts lack %s:\n%s", want, fonts)
		}
	}
	if images := tool(t, "pdfimages", "-list", path); !strings.Contains(images, "image") {
		t.Errorf("images:\n%s", images)
	}
	png := filepath.Join(t.TempDir(), "page")
	if out := tool(t, "pdftoppm", "-r", "50", "-png", "-singlefile", path, png); out != "" {
		t.Errorf("pdftoppm complains:\n%s", out)
	}
	if s, err := os.Stat(png + ".png"); err != nil || s.Size() < 2000 {
		t.Errorf("the first page is empty: %v, %v", s, err)
	}
}

func TestEncrypted(t *testing.T) {
	poppler(t, "pdftotext")
	path, err := write(t, "<p>secret text</p>", "encrypt", "true", "password", "pass (wörd)")
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := os.ReadFile(path); strings.Contains(string(content), "secret text") {
		t.Error("the text is there in clear")
	}
	if out, err := exec.Command("pdftotext", path, "-").CombinedOutput(); err == nil {
		t.Errorf("the document opens without a password: %s", out)
	}
	if out, err := exec.Command("pdftotext", "-upw", "wrong", path, "-").CombinedOutput(); err == nil {
		t.Errorf("the document opens with a wrong password: %s", out)
	}
	if got := tool(t, "pdftotext", "-upw", "pass (w\xf6rd)", path, "-"); !strings.Contains(got, "secret text") {
		t.Errorf("with the password: %q", got)
	}
	if info := tool(t, "pdfinfo", "-upw", "pass (w\xf6rd)", path); !strings.Contains(info, "algorithm:AES") {
		t.Errorf("pdfinfo:\n%s", info)
	}
}

// A page is as large as the settings say, unless the document says it itself.
func TestPageSize(t *testing.T) {
	poppler(t, "pdfinfo")
	for _, c := range []struct {
		name, template string
		settings       []string
		want           string
	}{
		{"default", "text", nil, "612 x 792 pts (letter)"},
		{"MM", "text", []string{"pageWidth", "210", "pageHeight", "297", "pageUnit", "MM"}, "595.28 x 841.89 pts (A4)"},
		{"TWIPS", "text", []string{"pageWidth", "12240", "pageHeight", "15840", "pageUnit", "TWIPS"}, "612 x 792 pts (letter)"},
		{"smallest", "text", []string{"pageWidth", "1", "pageHeight", "30", "pageUnit", "MM"}, "73.7 x 85.04 pts"},
		{"@page", "<style>@page { size: 5in 4in; margin: 1in }</style>text", nil, "360 x 288 pts"},
		{"@page landscape", "<style>@page { size: A5 landscape }</style>text", nil, "595.28 x 419.53 pts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := write(t, c.template, c.settings...)
			if err != nil {
				t.Fatal(err)
			}
			if info := tool(t, "pdfinfo", path); !strings.Contains(info, c.want) {
				t.Errorf("want %s in\n%s", c.want, info)
			}
		})
	}
}

// A table over many pages repeats its head, and no row is lost.
func TestLongTable(t *testing.T) {
	poppler(t, "pdftotext")
	var b strings.Builder
	b.WriteString("<table border=1><thead><tr><th>The head</th></tr></thead>")
	for range 300 {
		b.WriteString("<tr><td>row</td></tr>")
	}
	b.WriteString("<tr><td>" + strings.Repeat("tall<br>", 200) + "</td></tr></table>")
	path, err := write(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	text := tool(t, "pdftotext", path, "-")
	pages := strings.Count(text, "\f")
	if rows, talls, heads := strings.Count(text, "row"), strings.Count(text, "tall"), strings.Count(text, "The head"); rows != 300 || talls != 200 || heads < pages-4 || heads > pages || pages < 10 {
		t.Errorf("%d pages, %d heads, %d rows, %d lines of the tall row", pages, heads, rows, talls)
	}
}

func TestRTF(t *testing.T) {
	path, err := write(t, report(t), "documentType", "rtf", "encrypt", "true")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(path)
	text := string(b)
	for _, want := range []string{`{\rtf1\ansi`, `\paperw11906\paperh16838`, `M\u252?ller`, `\b `, `\i `, `\ul `, `\super `, `\pict\pngblip`, `\trowd`, `\trhdr`, `\cellx`, `\row`,
		`\page`, `\u8226?`, `\u8364?`, `backslash \\ (in`, `\red204\green0\blue0;`, "3.\\tab"} {
		if !strings.Contains(text, want) {
			t.Errorf("RTF lacks %q", want)
		}
	}
	if strings.Contains(text, "hidden") || strings.Count(text, "{")-2*strings.Count(text, `\{`) != strings.Count(text, "}")-2*strings.Count(text, `\}`) {
		t.Error("RTF with hidden text or groups that do not match")
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name     string
		template string
		settings []string
		at       string
	}{
		{"no directory", "x", []string{"host", ""}, "host"},
		{"directory in the name", "x", []string{"outputPattern", "a/b"}, "outputPattern"},
		{"no name", "x", []string{"outputPattern", ""}, "outputPattern"},
		{"no password", "x", []string{"encrypt", "true"}, "password"},
		{"password that a PDF cannot have", "x", []string{"encrypt", "true", "password", "пароль"}, "password"},
		{"no width", "x", []string{"pageWidth", "wide"}, "pageWidth"},
		{"height below 0", "x", []string{"pageHeight", "-1"}, "pageHeight"},
		{"elements in each other without end", strings.Repeat("<div>", 5000) + connectortest.Secret, nil, "template"},
		{"too many columns", "<table><tr>" + strings.Repeat("<td>"+connectortest.Secret, 65), nil, "template"},
		{"too many lines", "<pre>" + strings.Repeat("\n", maxLines+10), nil, "template"},
		{"no directory but a file", "x", []string{"host", "writer_test.go"}, "host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := write(t, c.template, c.settings...); err == nil || !strings.HasPrefix(err.Error(), c.at+": ") {
				t.Errorf("%v, want a fault at %s", err, c.at)
			}
		})
	}
}

// A document that becomes an attachment is that in base64, and its token is the
// response.
func TestAttachment(t *testing.T) {
	for _, c := range []struct {
		output, kind, mimeType, status string
		files                          int
	}{
		{"ATTACHMENT", "pdf", "application/pdf", "Document successfully written to attachment", 0},
		{"ATTACHMENT", "rtf", "application/rtf", "Document successfully written to attachment", 0},
		{"BOTH", "pdf", "application/pdf", "Document successfully written to attachment and file: /", 1},
	} {
		dir := t.TempDir()
		w := new(Writer)
		connectortest.Open(t, w, connectortest.Settings("host", dir, "outputPattern", "out", "documentType", c.kind, "output", c.output))
		m := connectortest.Outbound(1, "template", "x ${ATTACH:logo}")
		m.Reattach = func(text string) (string, error) { return strings.ReplaceAll(text, "${ATTACH:logo}", "LOGO"), nil }
		var kept []byte
		m.Attach = func(_ context.Context, content []byte, mimeType string) (string, error) {
			kept = content
			if mimeType != c.mimeType {
				t.Errorf("%s: kept as %s", c.kind, mimeType)
			}
			return "${ATTACH:1}", nil
		}
		r, err := w.Send(connectortest.Context(t), m)
		if err != nil || r.Status != weir.Sent || r.Message != "${ATTACH:1}" || !strings.HasPrefix(r.StatusMessage, c.status) {
			t.Errorf("%s of %s: %+v, %v", c.output, c.kind, r, err)
		}
		document, err := base64.StdEncoding.DecodeString(string(kept))
		if err != nil || !bytes.HasPrefix(document, []byte(map[string]string{"pdf": "%PDF-", "rtf": `{\rtf`}[c.kind])) {
			t.Errorf("%s of %s: kept %.20q, %v", c.output, c.kind, document, err)
		}
		if c.kind == "rtf" && !bytes.Contains(document, []byte("LOGO")) {
			t.Error("the attachment is not in the document")
		}
		if entries, _ := os.ReadDir(dir); len(entries) != c.files {
			t.Errorf("%s: %d files", c.output, len(entries))
		}
	}
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("output", "ATTACHMENT"))
	_, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "x"))
	connectortest.CheckFault(t, err)
}

func TestVariableLeadsUp(t *testing.T) {
	dir := t.TempDir()
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("host", dir+"/${ward}", "outputPattern", "out"))
	m := connectortest.Outbound(1, "host", dir+"/../../etc")
	_, err := w.Send(connectortest.Context(t), m)
	connectortest.CheckFault(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = w.Send(ctx, connectortest.Outbound(1, "host", dir))
	connectortest.CheckFault(t, err)
}

// What is written is replaced as a whole.
func TestReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings("host", dir, "outputPattern", "out"))
	if _, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "x")); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); !strings.HasPrefix(string(b), "%PDF-1.6") || !strings.HasSuffix(string(b), "%%EOF\n") {
		t.Errorf("file %.20q", b)
	}
}
