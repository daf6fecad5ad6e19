package attach

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/weir-health/weir"
)

// object is a DICOM file in base64: a patient's name, then what pixels holds.
func object(syntax string, pixels []byte) string {
	meta := explicit(0x00020010, "UI", []byte(syntax))
	file := append(make([]byte, 128), "DICM"...)
	file = append(file, explicit(0x00020000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(len(meta))))...)
	file = append(append(file, meta...), explicit(0x00100010, "PN", []byte("DOE^JANE"))...)
	return base64.StdEncoding.EncodeToString(append(file, pixels...))
}

// explicit is an element in the explicit form, little endian.
func explicit(tag uint32, vr string, value []byte) []byte {
	b := append(number(tag), vr...)
	if vr == "OB" {
		return append(binary.LittleEndian.AppendUint32(append(b, 0, 0), uint32(len(value))), value...)
	}
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(value))), value...)
}

func number(tag uint32) []byte {
	return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, uint16(tag>>16)), uint16(tag))
}

// fragments is pixel data in fragments.
func fragments(list ...string) []byte {
	b := append(number(0x7FE00010), "OB\x00\x00\xff\xff\xff\xff"...)
	for _, f := range list {
		b = append(append(b, number(0xFFFEE000)...), binary.LittleEndian.AppendUint32(nil, uint32(len(f)))...)
		b = append(b, f...)
	}
	return append(append(b, number(0xFFFEE0DD)...), 0, 0, 0, 0)
}

const (
	plainSyntax = "1.2.840.10008.1.2.1\x00"
	jpegSyntax  = "1.2.840.10008.1.2.4.50"
)

// What is taken out and put back gives the object as it was.
func TestPixels(t *testing.T) {
	many := make([]string, 12)
	for i := range many {
		many[i] = strings.Repeat(string(rune('a'+i)), 4)
	}
	for _, c := range []struct {
		name, object string
		ids          []string // before the UUID
		contents     []string
	}{
		{"no pixel data", object(plainSyntax, nil), nil, nil},
		{"one value", object(plainSyntax, explicit(0x7FE00010, "OB", []byte("pixels"))), []string{""}, []string{"pixels"}},
		{"two fragments", object(jpegSyntax, fragments("", "jpeg")), []string{"F0-", "F1-"}, []string{"", "jpeg"}},
		{"twelve fragments", object(jpegSyntax, fragments(many...)), []string{"F00-", "F01-", "F02-", "F03-", "F04-", "F05-", "F06-", "F07-", "F08-", "F09-", "F10-", "F11-"}, many},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := handler(t, "dicom.DICOM", nil)
			text, taken, err := h.Extract(context.Background(), Message{Text: "\r\n" + c.object + "\r\n"})
			if err != nil || len(taken) != len(c.ids) {
				t.Fatalf("took %d, %v", len(taken), err)
			}
			for i, a := range taken {
				if !strings.HasPrefix(a.ID, c.ids[i]) || len(a.ID) != len(c.ids[i])+idLength || a.Type != "DICOM" || string(a.Content) != c.contents[i] {
					t.Errorf("attachment %d: %s, %s, %q", i, a.ID, a.Type, a.Content)
				}
			}
			if bytes.Contains([]byte(text), []byte(base64.StdEncoding.EncodeToString([]byte("pixels")))) {
				t.Error("the pixels are still there")
			}
			cm := &weir.ConnectorMessage{}
			cm.Set(weir.Raw, text, "DICOM")
			if got, err := Object(cm, taken); err != nil || got != c.object {
				t.Errorf("put back:\n got %s, %v\nwant %s", got, err, c.object)
			}
		})
	}
}

func TestObject(t *testing.T) {
	whole := object(plainSyntax, explicit(0x7FE00010, "OB", []byte("pixels")))
	pixel := []weir.Attachment{{ID: "1", Type: "DICOM", Content: []byte("pixels")}}
	for _, c := range []struct {
		name         string
		raw, encoded weir.Content
		attachments  []weir.Attachment
		want         string
	}{
		{"encoded comes first", weir.Content{Text: "x", DataType: "DICOM", Set: true}, weir.Content{Text: object(plainSyntax, nil), DataType: "DICOM", Set: true}, pixel, whole},
		{"raw, where encoded is something else", weir.Content{Text: object(plainSyntax, nil), DataType: "DICOM", Set: true}, weir.Content{Text: "<a/>", DataType: "XML", Set: true}, pixel, whole},
		{"neither is DICOM", weir.Content{Text: "a", DataType: "RAW", Set: true}, weir.Content{}, pixel, ""},
		{"no attachments", weir.Content{Text: "raw", DataType: "DICOM", Set: true}, weir.Content{}, nil, "raw"},
		{"other attachments", weir.Content{Text: "raw", DataType: "DICOM", Set: true}, weir.Content{}, []weir.Attachment{{Type: "text/plain"}}, "raw"},
	} {
		cm := &weir.ConnectorMessage{}
		cm.Contents[weir.Raw], cm.Contents[weir.Encoded] = c.raw, c.encoded
		if got, err := Object(cm, c.attachments); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v", c.name, got, err)
		}
	}
	cm := &weir.ConnectorMessage{}
	cm.Set(weir.Raw, base64.StdEncoding.EncodeToString([]byte("not DICOM")), "DICOM")
	if got, err := Object(cm, pixel); err == nil {
		t.Errorf("an object that is none: got %q", got)
	}
}
