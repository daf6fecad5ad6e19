package messagefile

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
)

var received = time.Date(2026, 3, 10, 1, 59, 59, 250e6, time.UTC)

// whole is a message that has of everything something.
func whole() *Message {
	source := &weir.ConnectorMessage{MessageID: 7, ChannelID: "c-1", ConnectorName: "Source", Received: received, Status: weir.Transformed,
		SourceMap:  map[string]any{"n": int32(3), "long": int64(1 << 40), "list": []any{"a", nil, true}, "set": map[string]any{"k": 1.5}, "at": received},
		ChannelMap: map[string]any{"bytes": []byte{0, 255}, "r": weir.Response{Status: weir.Queued, Message: "m\r<>", Error: "e"}, "text\x00key": " spaced "},
		MetaData:   map[string]any{"MRN": "4711", "AGE": 12.5, "OK": true, "WHEN": received}}
	source.Set(weir.Raw, "MSH|^~\\&|A\rPID|1||4711\r", "HL7V2")
	source.Set(weir.ProcessedRaw, " \n\t", "HL7V2")
	source.Set(weir.TransformedContent, "<a>\x00 & \"quoted\" ]]></a>", "XML")
	source.Set(weir.Encoded, "", "HL7V2")
	source.Set(weir.ResponseContent, pipeline.StoreResponse(weir.Response{Status: weir.Sent, Message: "MSA|AA"}), "HL7V2")
	sent := &weir.ConnectorMessage{MessageID: 7, ChannelID: "c-1", MetaDataID: 1, ConnectorName: "Out <1>", Received: received, Status: weir.Error, ChainID: 1, OrderID: 1,
		SendAttempts: 2, SendDate: received.Add(time.Second), ResponseDate: received.Add(2 * time.Second)}
	sent.Set(weir.Encoded, "latin \xe9 and </message>", "RAW")
	sent.Set(weir.ProcessingError, "no <route>\n\tat x", "")
	sent.ResponseMap = map[string]any{"d1": weir.Response{Status: weir.Error, Message: "nak", StatusMessage: "s"}}
	return &Message{Message: &weir.Message{ID: 7, ChannelID: "c-1", Received: received, Processed: true, OriginalID: 3, ImportID: 9, ImportChannelID: "c-0", Connectors: []*weir.ConnectorMessage{source, sent}},
		ServerID: "s-1", ChannelName: "Lab", Attachments: []weir.Attachment{{ID: "a-1", Type: "image/png", Content: []byte{1, 0, 2}}, {ID: "a-2", Type: "", Content: []byte{}}}}
}

var update = flag.Bool("update", false, "write the golden files anew")

// same compares messages; an empty map is none.
func same(t *testing.T, got, want *Message) {
	t.Helper()
	for _, m := range []*Message{got, want} {
		for _, cm := range m.Connectors {
			for _, values := range []*map[string]any{&cm.SourceMap, &cm.ConnectorMap, &cm.ChannelMap, &cm.ResponseMap, &cm.MetaData} {
				if *values == nil {
					*values = map[string]any{}
				}
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the message is another one:\n%s\nwant\n%s", Document(got, true).Bytes(), Document(want, true).Bytes())
	}
}

func TestRoundTrip(t *testing.T) {
	text := Document(whole(), true).Bytes()
	got, err := ParseText(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, whole())
	if again := Document(got, true).Bytes(); !bytes.Equal(again, text) {
		t.Errorf("written again:\n%s\nfirst:\n%s", again, text)
	}
}

// A document as Mirth 4.5 writes it is read and written again as it was.
func TestMirthDocument(t *testing.T) {
	want, err := os.ReadFile("testdata/mirth.xml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseText(want, nil)
	if err != nil {
		t.Fatal(err)
	}
	cm := m.Connector(1)
	if r := cm.ResponseMap["d1"].(weir.Response); r.Status != weir.Sent || r.Message != "MSA|AA|77\r" {
		t.Errorf("the response is %+v", r)
	}
	if m.Connector(0).SourceMap["originalFilename"] != "adt.hl7" || len(m.Connector(0).SourceMap["destinationSet"].([]any)) != 2 {
		t.Errorf("the source map is %v", m.Connector(0).SourceMap)
	}
	golden := filepath.Join("testdata", "mirth.xml.golden")
	got := append(Document(m, true).Bytes(), '\n')
	if *update {
		os.WriteFile(golden, got, 0o644)
	}
	if want, _ := os.ReadFile(golden); !bytes.Equal(got, want) {
		t.Errorf("written again:\n%s\nwant:\n%s", got, want)
	}
}

func TestEncrypt(t *testing.T) {
	doc := Document(whole(), true)
	seal := func(plain []byte) ([]byte, error) { return append([]byte("sealed "), plain...), nil }
	if err := Encrypt(doc, seal); err != nil {
		t.Fatal(err)
	}
	text := doc.Bytes()
	for _, secret := range []string{"4711\r", "PID", "route", "spaced"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%q is readable", secret)
		}
	}
	got, err := ParseText(text, func(sealed []byte) ([]byte, error) { return bytes.TrimPrefix(sealed, []byte("sealed ")), nil })
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, whole())
	for name, open := range map[string]func([]byte) ([]byte, error){"nothing opens it": nil, "another key": func([]byte) ([]byte, error) { return nil, errors.New("no") }} {
		if _, err := ParseText(text, open); !errors.Is(err, errEncrypted) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func document(text string) string {
	m := whole()
	m.Connector(0).Set(weir.Raw, text, "RAW")
	return string(Document(m, true).Bytes())
}

func TestReader(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"blanks", " \r\n\n", 0},
		{"one", document("a"), 1},
		{"two, as exported", document("a") + "\r\n" + document("b") + "\r\n", 2},
		{"a list with a declaration", "\ufeff<?xml version=\"1.0\"?>\n<!-- <message> -->\n<list>\n" + document("a") + document("<message>") + "</list>", 2},
	} {
		for _, how := range []func(io.Reader) io.Reader{iotest.OneByteReader, func(r io.Reader) io.Reader { return r }} {
			r := NewReader(how(strings.NewReader(c.text)), 0)
			n := 0
			for ; ; n++ {
				if _, err := r.Message(nil); err == io.EOF {
					break
				} else if err != nil {
					t.Errorf("%s: document %d: %v", c.name, n+1, err)
					break
				}
			}
			if n != c.want {
				t.Errorf("%s: got %d messages, want %d", c.name, n, c.want)
			}
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a document type before it", "<!DOCTYPE message [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + document("a"), "document types"},
		{"a document type inside", "<message><!DOCTYPE message></message>", "document types"},
		{"cut", document("a")[:900], "was cut"},
		{"too large", document(strings.Repeat("x", 20_000)), "more than 16384 bytes"},
		{"no source", "<message><messageId>1</messageId></message>", "no source"},
		{"a number that is none", "<message><messageId>one</messageId></message>", "messageId is not a number"},
		{"a connector twice", strings.ReplaceAll(document("a"), "<metaDataId>1<", "<metaDataId>0<"), "two connector messages"},
		{"an unknown status", strings.ReplaceAll(document("a"), "<status>ERROR<", "<status>MAYBE<"), "no status"},
		{"broken base64", strings.ReplaceAll(document("a"), "AQAC", "A*C"), "base64"},
	} {
		r := NewReader(strings.NewReader(c.text), 16384)
		_, err := r.Message(nil)
		if err == nil || err == io.EOF || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// A document that is none is told, and those behind it are read.
func TestReaderGoesOn(t *testing.T) {
	r := NewReader(strings.NewReader("<message></message>"+document("b")), 0)
	_, err := r.Message(nil)
	if bad := new(DocumentError); !errors.As(err, &bad) || bad.Number != 1 {
		t.Errorf("got error %v, want one of document 1", err)
	}
	if m, err := r.Message(nil); err != nil || m.Connector(0).Text(weir.Raw) != "b" {
		t.Errorf("got %+v, error %v", m, err)
	}
}

// What is read without an error is written, and read again as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(document("a")))
	f.Add([]byte("<message><connectorMessages><entry><int>0</int><connectorMessage><metaDataId>0</metaDataId><status>SENT</status></connectorMessage></entry></connectorMessages></message>"))
	sample, _ := os.ReadFile("testdata/mirth.xml")
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader(bytes.NewReader(text), 1<<20)
		for range 10 {
			m, err := r.Message(nil)
			if bad := new(DocumentError); errors.As(err, &bad) {
				continue
			}
			if err != nil {
				return
			}
			first := Document(m, true).Bytes()
			again, err := ParseText(first, nil)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v\n%s", err, first)
			}
			if second := Document(again, true).Bytes(); !bytes.Equal(first, second) {
				t.Fatalf("written\n%s\nand again\n%s", first, second)
			}
		}
	})
}
