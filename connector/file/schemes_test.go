package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// each runs a test over all remote systems.
func each(t *testing.T, test func(t *testing.T, s *server)) {
	for _, scheme := range schemes {
		t.Run(scheme.name, func(t *testing.T) { test(t, scheme.start(t)) })
	}
}

// with adds settings to those of the server.
func (s *server) with(settings ...string) []string {
	return append(slices.Concat(s.settings, []string{"host", s.host}), settings...)
}

func (s *server) reader(settings ...string) []string {
	var own []string
	for i := 0; i < len(s.settings); i += 2 {
		if s.settings[i] != "outputAppend" {
			own = append(own, s.settings[i:i+2]...)
		}
	}
	return append(own, append([]string{"host", s.host}, settings...)...)
}

// deliver writes texts as messages and returns the last error.
func (s *server) deliver(t *testing.T, settings []string, texts ...string) (message string, last error) {
	t.Helper()
	w := new(Writer)
	connectortest.Open(t, w, connectortest.Settings(s.with(settings...)...))
	for _, text := range texts {
		r, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", text))
		if err != nil {
			connectortest.CheckFault(t, err)
		}
		message, last = r.StatusMessage, err
	}
	return message, last
}

// The behaviours of the File Writer, the same for all schemes.
func TestRemoteWrite(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		appends := !slices.Contains(s.settings, "outputAppend")
		for _, c := range []struct {
			name     string
			settings []string
			texts    []string
			want     string
			fails    bool
		}{
			{"append", []string{"outputPattern", "append", "outputAppend", "true"}, []string{"a", "b", ""}, "in/append=ab", false},
			{"replace", []string{"outputPattern", "replace", "outputAppend", "false"}, []string{"longer", "b"}, "in/replace=b", false},
			{"empty", []string{"outputPattern", "empty", "outputAppend", "false"}, []string{""}, "in/empty=", false},
			{"fail on exists", []string{"outputPattern", "exists", "errorOnExists", "true"}, []string{"a", "b"}, "in/exists=a", true},
			{"temporary", []string{"outputPattern", "temporary", "temporary", "true"}, []string{"longer", "b"}, "in/temporary=b", false},
			{"temporary, fail on exists", []string{"outputPattern", "both", "temporary", "true", "errorOnExists", "true"}, []string{"a", "b"}, "in/both=a", true},
			{"binary", []string{"outputPattern", "binary", "binary", "true", "outputAppend", "false"}, []string{"AP8="}, "in/binary=\x00\xff", false},
			{"signs", []string{"outputPattern", "-ä b+%20&#;=?.hl7", "outputAppend", "false"}, []string{"a"}, "in/-ä b+%20&#;=?.hl7=a", false},
			{"directories", []string{"host", s.host + "/made/ä b", "outputPattern", "deep", "outputAppend", "false"}, []string{"a", "b"}, "in/made/ä b/deep=b", false},
			{"up in the name", []string{"outputPattern", "../out", "outputAppend", "false"}, []string{"a"}, "", true},
		} {
			if c.name == "append" && !appends || c.name == "signs" && s.settings[1] == "SMB" {
				continue // SMB has no ? in names
			}
			t.Run(c.name, func(t *testing.T) {
				message, err := s.deliver(t, c.settings, c.texts...)
				if (err != nil) != c.fails {
					t.Errorf("Send = %v, want failure %v", err, c.fails)
				}
				kind := map[string]string{"WEBDAV": "http"}
				if want := "File successfully written: " + cmp.Or(kind[s.settings[1]], strings.ToLower(s.settings[1])); !c.fails && !strings.HasPrefix(message, want) {
					t.Errorf("status message %q, want %q…", message, want)
				}
				files := s.files(t)
				if c.want != "" && !slices.Contains(files, c.want) {
					t.Errorf("files %q, want %q", files, c.want)
				}
				for _, f := range files {
					if strings.Contains(f, ".tmp") || strings.Contains(f, "out=") {
						t.Errorf("a file is left over: %q", f)
					}
				}
			})
		}
	})
}

// The behaviours of the File Reader, the same for all schemes.
func TestRemoteRead(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		for _, f := range []string{"B.hl7", "a.hl7", "c.txt", "ä b.csv", ".hidden", "below/deep/d.hl7", "old.ignore", "moved.hl7", "moved.hl7.ignore"} {
			s.write(t, f, "text of "+f)
		}
		for _, c := range []struct {
			name     string
			settings []string
			want     string
		}{
			{"all", nil, "text of a.hl7|text of B.hl7|text of c.txt|text of ä b.csv"},
			{"wildcards", []string{"fileFilter", "a.*,?.txt"}, "text of a.hl7|text of c.txt"},
			{"regex", []string{"fileFilter", `.*\.hl7`, "regex", "true"}, "text of a.hl7|text of B.hl7"},
			{"below", []string{"directoryRecursion", "true", "fileFilter", "d*"}, "text of below/deep/d.hl7"},
			{"by size", []string{"sortBy", "size", "fileFilter", "?.*,*.csv"}, "text of a.hl7|text of B.hl7|text of c.txt|text of ä b.csv"},
			{"minimum size", []string{"fileSizeMinimum", "14"}, "text of ä b.csv"},
			{"with dots", []string{"ignoreDot", "false", "fileFilter", ".h*"}, "text of .hidden"},
			{"binary", []string{"binary", "true", "fileFilter", "a*"}, "dGV4dCBvZiBhLmhsNw=="},
		} {
			t.Run(c.name, func(t *testing.T) {
				e := &connectortest.Engine{}
				once(t, e, s.reader(append([]string{"sortBy", "name"}, c.settings...)...)...)
				if got := strings.Join(e.Texts(), "|"); got != c.want {
					t.Errorf("read %q, want %q; %q", got, c.want, e.Details())
				}
			})
		}
		e := &connectortest.Engine{}
		once(t, e, s.reader("fileFilter", "a.hl7")...)
		for _, in := range e.Kept() {
			m := in.SourceMap
			if m["originalFilename"] != "a.hl7" || !strings.HasSuffix(m["fileDirectory"].(string), "in") || m["fileSize"] != int64(13) ||
				m["fileLastModified"].(int64) < 1e12 || m["pollSequenceId"] != int32(1) || m["pollComplete"] != true {
				t.Errorf("source map %v", m)
			}
		}
	})
}

func TestRemotePutAway(t *testing.T) {
	failing := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Error}, nil
	}
	notKept := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the disk is full")
	}
	each(t, func(t *testing.T, s *server) {
		for i, c := range []struct {
			name     string
			answer   func(context.Context, weir.Inbound) (*weir.Response, error)
			settings []string
			want     string // N stands for the name
		}{
			{"nothing", nil, nil, "in/N=new"},
			{"deleted", nil, []string{"afterProcessingAction", "DELETE"}, ""},
			{"moved", nil, []string{"afterProcessingAction", "MOVE", "moveToDirectory", "ROOT/done/deep"}, "done/deep/N=new"},
			{"moved again", nil, []string{"afterProcessingAction", "MOVE", "moveToDirectory", "ROOT/done", "moveToFileName", "same"}, "done/same=new"},
			{"replaces", nil, []string{"afterProcessingAction", "MOVE", "moveToDirectory", "ROOT/done", "moveToFileName", "same"}, "done/same=new"},
			{"renamed", nil, []string{"afterProcessingAction", "MOVE", "moveToFileName", "${originalFilename}.ok"}, "in/N.ok=new"},
			{"moved onto itself", nil, []string{"afterProcessingAction", "MOVE"}, "in/N=new"},
			{"out of the directory", nil, []string{"afterProcessingAction", "MOVE", "moveToFileName", "../../x"}, "in/N=new"},
			{"error response", failing, []string{"afterProcessingAction", "DELETE", "errorResponseAction", "MOVE", "errorMoveToDirectory", "ROOT/error"}, "error/N=new"},
			{"not kept", notKept, []string{"afterProcessingAction", "DELETE", "errorReadingAction", "DELETE", "errorResponseAction", "DELETE"}, "in/N=new"},
			{"too large", nil, []string{"maxFileBytes", "1", "errorReadingAction", "MOVE", "errorMoveToDirectory", "ROOT/error"}, "error/N=new"},
		} {
			t.Run(c.name, func(t *testing.T) {
				name := fmt.Sprintf("file %d.hl7", i)
				s.write(t, name, "new")
				settings := []string{"fileFilter", name}
				for _, text := range c.settings {
					settings = append(settings, strings.ReplaceAll(text, "ROOT", s.root))
				}
				e := &connectortest.Engine{Answer: c.answer}
				once(t, e, s.reader(settings...)...)
				want := strings.ReplaceAll(c.want, "N", name)
				files := s.files(t)
				if want != "" && !slices.Contains(files, want) || want == "" && slices.Contains(files, "in/"+name+"=new") {
					t.Errorf("files %q, want %q; %q", files, want, e.Details())
				}
			})
		}
	})
}

// The suite of all destinations: order, size, many at once, and partners that
// are down, silent or break off.
func TestRemoteSuite(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.name, func(t *testing.T) {
			settings := scheme.start(t).with()
			at := func(address string) []string {
				out := slices.Clone(settings)
				for i := 0; i < len(out); i += 2 {
					switch out[i] {
					case "host":
						if scheme.name != "S3" {
							out[i+1] = address + "/share/in"
						}
					case "endpoint":
						out[i+1] = "http://" + address
					}
				}
				return out
			}
			connectortest.Destination(t, connectortest.DestinationCase{
				New:      func() weir.Destination { return new(unique) },
				Template: "template",
				Up: func(t *testing.T) connectortest.Partner {
					s := scheme.start(t)
					return connectortest.Partner{Settings: s.with(), Received: func() (out []string) {
						for _, f := range s.files(t) {
							_, text, _ := strings.Cut(f, "=")
							out = append(out, text)
						}
						return out
					}}
				},
				Down: func(t *testing.T) []string {
					l := listen(t)
					defer l.Close()
					return at(l.Addr().String())
				},
				Silent: func(t *testing.T) []string { return at(openGate(t, "").address) },
				Cutting: func(t *testing.T) []string {
					g := openGate(t, "")
					g.close()
					return at(g.address)
				},
			})
		})
	}
}

// A connection is used again, and one that was lost meanwhile is replaced.
func TestRemoteReuse(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		for keep, want := range map[string]int{"true": 1, "false": 3} {
			before := s.gate.count()
			if _, err := s.deliver(t, []string{"outputPattern", "out", "outputAppend", "false", "keepConnectionOpen", keep}, "a", "b", "c"); err != nil {
				t.Fatal(err)
			}
			if got := s.gate.count() - before; got != want {
				t.Errorf("keepConnectionOpen %s: %d connections, want %d", keep, got, want)
			}
		}
		w := new(Writer)
		connectortest.Open(t, w, connectortest.Settings(s.with("outputPattern", "out", "outputAppend", "false")...))
		for i := range 3 {
			m := connectortest.Outbound(int64(i), "template", fmt.Sprint(i))
			if _, err := w.Send(connectortest.Context(t), m); err != nil {
				t.Fatalf("Send after the connection was cut: %v", err)
			}
			s.gate.cut()
		}
		if files := s.files(t); !slices.Contains(files, "in/out=2") {
			t.Errorf("files %q", files)
		}
	})
}

// A connection that is lost while files are read leaves them as they are, and
// one that is lost afterwards is made anew to put them away.
func TestRemoteReaderCut(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		s.write(t, "a", "a")
		s.write(t, "b", "b")
		e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
			s.gate.cut()
			return nil, nil
		}}
		once(t, e, s.reader("sortBy", "name", "afterProcessingAction", "DELETE", "errorReadingAction", "DELETE")...)
		if got := e.Texts(); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("read %q; %q", got, e.Details())
		}
		if files := s.files(t); len(files) != 0 {
			t.Errorf("files %q", files)
		}
		s.write(t, "c", "c")
		e = &connectortest.Engine{}
		r := once(t, e, s.reader("fileFilter", "none", "errorReadingAction", "DELETE")...)
		r.Filter.Text = "*"
		files, err := r.list(connectortest.Context(t))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		s.gate.close()
		if r.take(connectortest.Context(t), files[0], turn{"id", 1, true}) {
			t.Errorf("the poll goes on; %q", e.Details())
		}
		if got := s.files(t); !slices.Equal(got, []string{"in/c=c"}) || len(r.stuck) != 0 {
			t.Errorf("files %q, remembered %v", got, r.stuck)
		}
	})
}

// A wrong password is told without it.
func TestRemoteWrongPassword(t *testing.T) {
	for _, scheme := range schemes {
		if scheme.name == "S3" {
			continue // the server of the tests takes any
		}
		t.Run(scheme.name, func(t *testing.T) {
			s := scheme.start(t)
			_, err := s.deliver(t, []string{"outputPattern", "out", "outputAppend", "false", "password", "wrong-" + connectortest.Secret}, "a")
			if err == nil || strings.Contains(err.Error(), "wrong-") {
				t.Errorf("Send = %v", err)
			}
			t.Log(err)
		})
	}
}
