package file

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// The files of a directory come before those of the directories in it, each sorted
// by themselves; only the last of the poll says that the poll is complete.
func TestRecursionOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "z", "a/c", "a/a", "a/x/a", "m/a"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, path, name)
	}
	e := &connectortest.Engine{}
	once(t, e, "host", dir, "sortBy", "name", "directoryRecursion", "true")
	if got, want := strings.Join(e.Texts(), " "), "b z a/a a/c a/x/a m/a"; got != want {
		t.Errorf("read %s, want %s", got, want)
	}
	for i, in := range e.Kept() {
		complete, there := in.SourceMap["pollComplete"]
		if last := i == 5; there != last || last && complete != true {
			t.Errorf("file %d: pollComplete %v, %v", i, complete, there)
		}
	}
}

// No single response of a batch decides what becomes of its file.
func TestBatchResponse(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "a")
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Error}, nil
	}}
	once(t, e, "host", dir, "sourceConnectorProperties.processBatch", "true", "afterProcessingAction", "DELETE", "errorResponseAction", "MOVE", "errorMoveToFileName", "error")
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("files %q", got)
	}
}

// A name may lead into a directory that is there; on S3 there are none to be there.
func TestNameWithDirectory(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		s.write(t, "below/there", "x")
		if _, err := s.deliver(t, []string{"outputPattern", "below/new", "outputAppend", "false"}, "a"); err != nil {
			t.Fatal(err)
		}
		if files := s.files(t); !slices.Contains(files, "in/below/new=a") {
			t.Errorf("files %q", files)
		}
		for _, name := range []string{"below/../../out", "..", "below/", "/", ""} {
			if _, err := s.deliver(t, []string{"outputPattern", name, "outputAppend", "false"}, "a"); err == nil {
				t.Errorf("%q was written", name)
			}
		}
	})
}

// What a message says is put into the settings of the schemes, and a connection is
// not used for another login.
func TestSchemeTemplates(t *testing.T) {
	w := new(Writer)
	connectortest.Decode(t, w, append(connectortest.Settings("scheme", "S3", "host", "bucket"),
		connectortest.Parse(t, strings.Replace(s3Export, "eu-central-1", "${region}", 1)).Group...))
	m := connectortest.Outbound(1, "schemeProperties.region", "eu-west-1")
	m.Resolved["schemeProperties.customHeaders.x-amz-meta-lab.0"] = "south\r\nX: y"
	at, err := w.place(m.Resolve)
	if err != nil {
		t.Fatal(err)
	}
	if at.s3.region != "eu-west-1" || at.s3.headers != "x-amz-server-side-encryption aws:kms\nx-amz-meta-lab south  X: y\n" {
		t.Errorf("login %q", at.s3)
	}
	m.Resolved["schemeProperties.region"] = "eu-central-1"
	if other, err := w.place(m.Resolve); err != nil || other.login == at.login {
		t.Errorf("another region is the same login: %v", err)
	}

	w = new(Writer)
	connectortest.Decode(t, w, connectortest.Settings("scheme", "SFTP", "host", "host/dir", "schemeProperties.keyFile", "/keys/${site}", "schemeProperties.knownHostsFile", "${hosts}"))
	w.sftp.Configuration = config.TemplateMap{{Name: config.Template{Text: "kex"}, Values: []config.Template{{Name: "k", Text: "${kex}"}}}}
	m = connectortest.Outbound(1, "schemeProperties.keyFile", "/keys/north")
	m.Resolved["schemeProperties.knownHostsFile"], m.Resolved["k"] = "/keys/hosts", "ecdh-sha2-nistp256"
	if at, err = w.place(m.Resolve); err != nil || at.sftp != (sftpLogin{keyFile: "/keys/north", knownHosts: "/keys/hosts", algorithms: "kex ecdh-sha2-nistp256\n"}) {
		t.Errorf("login %+v, %v", at.sftp, err)
	}
}
