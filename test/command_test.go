package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// weir runs a command to its end and returns what it printed.
func weir(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func mustWeir(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := weir(t, dir, args...)
	if err != nil {
		t.Fatalf("weir %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func mustContain(t *testing.T, out string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

// What the README shows a newcomer works as it says.
func TestExample(t *testing.T) {
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	xml, err := os.ReadFile(filepath.Join(examples, "channels", "adt-to-folder.xml"))
	if err != nil {
		t.Fatal(err)
	}
	// The example writes below the directory it is started in; here that is named.
	port := strconv.Itoa(freePort(t))
	text := strings.NewReplacer("<port>6661</port>", "<port>"+port+"</port>", "<host>weir-data/adt</host>", "<host>"+dir+"/adt</host>").Replace(string(xml))
	channels := t.TempDir()
	if err := os.WriteFile(filepath.Join(channels, "adt.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	e := start(t, data, channels)

	mustContain(t, mustWeir(t, dir, "send", "--to", "127.0.0.1:"+port, filepath.Join(examples, "adt-a01.hl7")),
		"MSA|AA|ADT000042", "ACK^A01^ACK")
	written, err := os.ReadFile(filepath.Join(dir, "adt", "A01-10001-1.hl7"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, string(written), "\rPID|1||10001^^^GOODHEALTH^MR~555-44-3333^^^USA^SS||EVERYMAN^ADAM^A^III^^^L||19610615|M|")
	sent, err := os.ReadFile(filepath.Join(examples, "adt-a01.hl7"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Replace(string(written), "EVERYMAN^ADAM^A^III^^^L", "Everyman^Adam^A^III", 1); got != string(sent) {
		t.Errorf("more than the name changed:\n got %q\nsent %q", got, sent)
	}

	list := mustWeir(t, dir, "channel", "list", "--data", data)
	mustContain(t, list, "STATUS", "STARTED", "ADT to folder")
	mustContain(t, mustWeir(t, dir, "channel", "status", "ADT to folder", "--data", data), "TCP Listener", "File Writer", "received 1", "sent 1")
	mustContain(t, mustWeir(t, dir, "channel", "test", "ADT to folder", "--data", data), "Source (TCP Listener): The channel is started", "ADT folder (File Writer): Files can be written to")
	mustContain(t, mustWeir(t, dir, "message", "list", "ADT to folder", "--data", data), "Source", "TRANSFORMED", "ADT folder", "SENT")
	show := mustWeir(t, dir, "message", "show", "ADT to folder", "1", "--data", data)
	mustContain(t, show, "-- Raw", "-- Transformed", "<PID.5.1>EVERYMAN</PID.5.1>", "-- Encoded", "-- Response", "File successfully written")
	if raw := mustWeir(t, dir, "message", "show", "ADT to folder", "1", "--content", "raw", "--data", data); raw != string(sent) {
		t.Errorf("the raw content is not what was sent: %q", raw)
	}

	// A test patient is filtered, and the sender is told.
	test := filepath.Join(dir, "test.hl7")
	if err := os.WriteFile(test, []byte(strings.Replace(string(sent), "Everyman", "ZZTEST", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := weir(t, dir, "send", "--to", "127.0.0.1:"+port, test)
	if err == nil {
		t.Error("a message that was not accepted gave no error")
	}
	mustContain(t, out, "were not accepted")

	mustWeir(t, dir, "channel", "stop", "ADT to folder", "--data", data)
	mustContain(t, mustWeir(t, dir, "channel", "list", "--data", data), "STOPPED")
	out, err = weir(t, dir, "send", "--to", "127.0.0.1:"+port, filepath.Join(examples, "adt-a01.hl7"))
	if err == nil {
		t.Errorf("a stopped channel took a message: %s", out)
	}
	mustContain(t, out, "127.0.0.1:"+port, "Check the address")
	mustWeir(t, dir, "channel", "start", "ADT to folder", "--data", data)
	mustContain(t, mustWeir(t, dir, "send", "--to", "127.0.0.1:"+port, filepath.Join(examples, "adt-a08.hl7")), "MSA|AA|ADT000043")
	e.stop()
}

// A command that cannot do what it was asked says why, and what to do.
func TestCommandErrors(t *testing.T) {
	dir := t.TempDir()
	config := func(text string) string {
		t.Helper()
		f, err := os.CreateTemp(t.TempDir(), "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"no engine", []string{"channel", "list"}, []string{"no engine answers", "weir serve", "--data"}},
		{"no file", []string{"check", "nowhere.xml"}, []string{"nowhere.xml", "exists"}},
		{"an id that is none", []string{"message", "show", "x", "first"}, []string{`"first" is no message id`}},
		{"nothing to load", []string{"bench"}, []string{"--channel", "--to"}},
		{"a database that is not there", []string{"serve", "--database", "postgres://weir@127.0.0.1:1/weir", "--data", t.TempDir()},
			[]string{"127.0.0.1:1", "Check that the server runs"}},
		{"a config file that is not there", []string{"serve", "--config", "nowhere.yaml"}, []string{"nowhere.yaml", "exists"}},
		{"a setting nobody knows", []string{"serve", "--config", config("port: 1\n")}, []string{`"port"`, "data, channels, "}},
		{"a config file that is no YAML", []string{"serve", "--config", config("data: [\n")}, []string{"name: value"}},
		{"a reference to nothing", []string{"serve", "--data", "env:WEIR_NOWHERE"}, []string{"WEIR_NOWHERE is not set"}},
		{"a value that does not fit", []string{"serve", "--config", config("script-time-limit: soon\n")}, []string{"script-time-limit", "soon"}},
		{"no files to send", []string{"send", dir}, []string{"no files"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := weir(t, dir, c.args...)
			if err == nil {
				t.Errorf("no error: %s", out)
			}
			mustContain(t, out, append(c.want, "weir: ")...)
		})
	}
}

// weir check judges without running anything, names the place and the remedy,
// and tells scripts by its exit status.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	good, err := os.ReadFile(filepath.Join("bench-channels", "B.xml"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("good.xml", string(good))
	out, err := weir(t, dir, "check", ".")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	mustContain(t, out, "B-best: runs unchanged")
	above := filepath.Dir(dir) // which has no files, and a folder
	mustContain(t, mustWeir(t, above, "check", above), "--recursive looks into them")
	mustContain(t, mustWeir(t, above, "check", "-r", above), "B-best: runs unchanged")

	other := strings.NewReplacer("00000000-0000-4000-8000-000000000012", "00000000-0000-4000-8000-000000000013").Replace(string(good))
	write("script.xml", strings.NewReplacer("B-best", "Broken script", "var n = 0, abn = 0;", "var n = = 0;").Replace(other))
	write("connector.xml", strings.NewReplacer("B-best", "Queue", "000000000013", "000000000014",
		"<transportName>TCP Sender", "<transportName>JMS Sender").Replace(other))
	write("cut.xml", string(good[:2000]))
	out, err = weir(t, dir, "check", ".")
	if err == nil {
		t.Errorf("channels that will not run gave no error:\n%s", out)
	}
	mustContain(t, out, "B-best: runs unchanged",
		"Broken script: will not run", "step 0: edits", "line 7, column 9",
		"Queue: will not run", `"JMS Sender"`, "Destination 1",
		"cut.xml", "2 channels will not run, 1 file cannot be read")
}

// A flag beats a variable beats the config file, and values may be references.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fromFile, fromVariable := filepath.Join(dir, "from-file"), filepath.Join(dir, "from-variable")
	file := write("weir.yaml", "# where things are\ndata: file:"+write("where", fromFile+"\n")+"\nscript-time-limit: 5s\n")
	e := startWith(t, fromFile, t.TempDir(), []string{"WEIR_CONFIG=" + file}, "--data", "file:"+filepath.Join(dir, "where"))
	e.stop()
	e = startWith(t, fromVariable, t.TempDir(), []string{"WEIR_CONFIG=" + file, "WEIR_DATA=" + fromVariable, "OWN=" + fromVariable}, "--data", "env:OWN")
	e.stop()
	if _, err := os.Stat(filepath.Join(fromFile, "weir.db")); err != nil {
		t.Error(err)
	}
}

// weir docs writes what docs/reference holds.
func TestDocs(t *testing.T) {
	dir := t.TempDir()
	mustWeir(t, dir, "docs", "pages")
	page, err := os.ReadFile(filepath.Join(dir, "pages", "source-tcp-listener.md"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, string(page), "# TCP Listener", "listenerConnectorProperties.port", "6661")
	mustContain(t, mustWeir(t, dir, "docs"), "TCP Listener", "File Writer", "HL7V2")
}
