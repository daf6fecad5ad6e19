package server

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/wire/mllp"
)

// TestModernExample runs the example of the modern dialect: a message in over
// MLLP, a file out.
func TestModernExample(t *testing.T) {
	const example = "../examples/modern"
	report, err := Check(Options{}, example)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, problems := report.Channels, report.Problems
	if len(verdicts) != 1 || verdicts[0].Runs != RunsUnchanged || len(problems) > 0 {
		t.Fatalf("verdicts %+v, problems %v", verdicts, problems)
	}
	dir, out, addr := t.TempDir(), t.TempDir(), freeAddr(t)
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "results-to-folder.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(addr, ":")
	write(t, file, strings.NewReplacer("6662", port, "weir-data/results", out).Replace(string(text)))
	run(t, Options{Data: t.TempDir(), Channels: dir, Listen: "none"})

	message, err := os.ReadFile("../examples/oru-r01.hl7")
	if err != nil {
		t.Fatal(err)
	}
	if reply := exchange(t, addr, message); !strings.Contains(reply, "MSA|AA|RES000017") {
		t.Errorf("the acknowledgment is %q", reply)
	}
	got, err := os.ReadFile(filepath.Join(out, "10001_7-1.hl7"))
	if err != nil {
		t.Fatal(err)
	}
	want := "OBX|1|NM|2823-3^Potassium^LN^K^HOUSE||4.1|mmol/L|3.5-5.1|N|||F\r"
	if !strings.Contains(string(got), want) || strings.Contains(string(got), "Sodium") {
		t.Errorf("the file holds %q, want %q in it and no Sodium", got, want)
	}
}

// exchange sends a message over MLLP and returns the answer.
func exchange(t *testing.T, addr string, message []byte) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := mllp.NewWriter(conn, mllp.Options{}).WriteMessage(message); err != nil {
		t.Fatal(err)
	}
	reply, err := mllp.NewReader(conn, mllp.Options{}).ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}
