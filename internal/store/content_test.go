package store

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

func TestPackContents(t *testing.T) {
	all := []weir.ContentType{weir.Raw, weir.Encoded, weir.SentContent}
	for _, text := range []string{"", "a", "\x00\xff", strings.Repeat("PID|1||", 50), strings.Repeat("PID|1||", 5000), strings.Repeat("PID|1||", 50_000)} {
		for _, effort := range []Effort{Small, Quick} {
			t.Run(fmt.Sprintf("%d bytes, effort %d", len(text), effort), func(t *testing.T) {
				var c, got weir.ConnectorMessage
				c.Set(weir.Raw, text, "HL7V2")
				c.Set(weir.Encoded, "", "")
				got.Set(weir.SentContent, "of a lower slot", "XML")
				got.Set(weir.ResponseContent, "not listed", "XML")
				blob, err := PackContents(&c, all, effort, nil)
				if err != nil {
					t.Fatal(err)
				}
				if len(text) > 1000 && len(blob) > len(text)/4 {
					t.Errorf("packed %d bytes into %d", len(text), len(blob))
				}
				if err := UnpackContents(blob, &got, nil); err != nil {
					t.Fatal(err)
				}
				c.Set(weir.ResponseContent, "not listed", "XML")
				if got.Contents != c.Contents {
					t.Errorf("got %.200q, want %.200q", fmt.Sprint(got.Contents), fmt.Sprint(c.Contents))
				}
			})
		}
	}
}

func TestPackContentsLimit(t *testing.T) {
	var c weir.ConnectorMessage
	half := strings.Repeat("a", MaxContents/4)
	types := []weir.ContentType{weir.Raw, weir.ProcessedRaw, weir.TransformedContent, weir.Encoded}
	for _, t := range types {
		c.Set(t, half, "")
	}
	if _, err := PackContents(&c, types, Small, nil); err == nil || !strings.Contains(err.Error(), "512 MB") {
		t.Errorf("got error %v, want one that names the limit", err)
	}
}

func TestUnpackDamaged(t *testing.T) {
	var c weir.ConnectorMessage
	c.Set(weir.Raw, strings.Repeat("PID|1||", 200), "HL7V2")
	packed, err := PackContents(&c, []weir.ContentType{weir.Raw}, Small, nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(string(packed))
	flipped[len(flipped)/2] ^= 0xff
	for name, blob := range map[string][]byte{
		"empty":                    {},
		"form unknown":             {9, 1, 0, 0},
		"type 0":                   {0, 0, 0, 0},
		"type above":               {0, byte(weir.ContentTypes), 0, 0},
		"no lengths":               {0, 1},
		"data type too long":       {0, 1, 9, 'a', 0},
		"text too long":            {0, 1, 0, 200, 200, 200, 200, 200, 200},
		"zstd cut short":           packed[:len(packed)-3],
		"zstd flipped":             flipped,
		"s2 that claims 4 GB":      {2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0},
		"length of 2^35 and above": {0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0},
	} {
		if err := UnpackContents(blob, new(weir.ConnectorMessage), nil); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func FuzzUnpackContents(f *testing.F) {
	var c weir.ConnectorMessage
	c.Set(weir.Raw, strings.Repeat("PID|1||", 200), "HL7V2")
	for _, effort := range []Effort{Small, Quick} {
		blob, _ := PackContents(&c, []weir.ContentType{weir.Raw, weir.Encoded}, effort, nil)
		f.Add(blob)
	}
	f.Add([]byte{0, 1, 0, 3, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, blob []byte) {
		UnpackContents(blob, new(weir.ConnectorMessage), nil)
	})
}

func FuzzUnpackChunk(f *testing.F) {
	for _, content := range []string{"", "a", strings.Repeat("JVBERi0xLjQK", 1000)} {
		chunks, _ := PackAttachment(&weir.Attachment{Content: []byte(content)}, Small)
		for _, chunk := range chunks {
			f.Add(chunk)
		}
	}
	f.Fuzz(func(t *testing.T, chunk []byte) {
		var out bytes.Buffer
		if err := UnpackChunk(chunk, &out); err == nil && out.Len() > ChunkSize {
			t.Errorf("a chunk of %d bytes gave %d", len(chunk), out.Len())
		}
	})
}

func FuzzMetaData(f *testing.F) {
	f.Add("name", "text", 1.5)
	f.Add("\x00", "\xff", math.Copysign(0, -1))
	f.Fuzz(func(t *testing.T, name, text string, number float64) {
		packed, err := PackMetaData(map[string]any{name: text, name + "2": number})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := UnpackMetaData(packed); err != nil {
			t.Errorf("%q: %v", packed, err)
		}
	})
}

// What equals the source's raw or encoded content is kept as a reference, for the
// source's own encoded content too, and is gone with what it refers to.
func TestPackContentsSame(t *testing.T) {
	long := strings.Repeat("MSH|^~\\&|", 40)
	source := &weir.ConnectorMessage{}
	source.Set(weir.Raw, long, "HL7V2")
	source.Set(weir.Encoded, long, "HL7V2")
	destination := &weir.ConnectorMessage{MetaDataID: 1}
	destination.Set(weir.Encoded, long, "XML")
	destination.Set(weir.SentContent, "{}", "")

	types := []weir.ContentType{weir.Raw, weir.Encoded}
	sourceBlob, err := PackContents(source, types, Small, source)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := PackContents(destination, []weir.ContentType{weir.Encoded, weir.SentContent}, Small, source)
	if err != nil || len(blob) > 20 {
		t.Fatalf("%d bytes, %v", len(blob), err)
	}
	var gotSource, got weir.ConnectorMessage
	if err := UnpackContents(sourceBlob, &gotSource, &gotSource); err != nil {
		t.Fatal(err)
	}
	if err := UnpackContents(blob, &got, &gotSource); err != nil {
		t.Fatal(err)
	}
	if gotSource.Contents != source.Contents || got.Contents != destination.Contents {
		t.Errorf("got %v and %v", gotSource.Contents, got.Contents)
	}
	if err := UnpackContents(blob, &got, &weir.ConnectorMessage{}); err != nil || got.Contents[weir.Encoded].Set {
		t.Errorf("a reference to nothing gave %v, %v", got.Contents[weir.Encoded], err)
	}
}
