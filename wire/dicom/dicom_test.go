package dicom

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// show writes a data set as text, whatever its byte order and its lengths.
func show(b *strings.Builder, elements []Element, bigEndian bool, depth int) {
	for _, e := range ordered(elements) {
		if e.Tag.isMeta() {
			continue
		}
		fmt.Fprintf(b, "%*s%s %s %q\n", depth, "", e.Tag, e.VR, e.VR.InOrder(e.Value, bigEndian, false))
		for _, i := range e.Items {
			fmt.Fprintf(b, "%*sitem %q\n", depth, "", i.Fragment)
			show(b, i.Elements, bigEndian, depth+2)
		}
	}
}

func shown(t *testing.T, object []byte) string {
	t.Helper()
	o, err := Read(object)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	show(&b, o.Elements, o.BigEndian, 0)
	return b.String()
}

// The same object is the same in all transfer syntaxes, as it is read and as it is
// written again.
func TestSyntaxes(t *testing.T) {
	want := shown(t, file(t, "explicit.dcm"))
	for _, tag := range []string{"00081140", "00100010 PN", "00091001 UN", "7FE00010 OW"} {
		if !strings.Contains(want, tag) {
			t.Errorf("there is no %s in\n%s", tag, want)
		}
	}
	for _, name := range []string{"explicit", "implicit", "bigendian", "deflated", "undefined", "dataset", "dataset-implicit"} {
		t.Run(name, func(t *testing.T) {
			in := file(t, name+".dcm")
			if got := shown(t, in); got != want {
				t.Errorf("read:\n%s\nwant:\n%s", got, want)
			}
			o, err := Read(in)
			if err != nil {
				t.Fatal(err)
			}
			out, err := o.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(t, out); got != want {
				t.Errorf("written:\n%s\nwant:\n%s", got, want)
			}
			again, err := Read(out)
			if err != nil {
				t.Fatal(err)
			}
			if stable, err := again.Bytes(); err != nil || !bytes.Equal(stable, out) {
				t.Errorf("writing again gives other bytes, or %v", err)
			}
		})
	}
}

// Sequences are written with undefined lengths, but an empty one with the length 0.
func TestWriteIsAsExpected(t *testing.T) {
	o, err := Read(file(t, "explicit.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := file(t, "undefined.dcm")
	emptyUndefined := append([]byte("\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff"), "\xfe\xff\xdd\xe0\x00\x00\x00\x00"...)
	want = bytes.Replace(want, emptyUndefined, []byte("\x40\x00\x30\xa7SQ\x00\x00\x00\x00\x00\x00"), 1)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPositionsAndLengths(t *testing.T) {
	o, err := Read(file(t, "explicit.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	first := o.Elements[0]
	if first.Tag != MetaLength || first.Position != 132 || first.Length != 4 {
		t.Errorf("the first element is %s at %d with %d bytes", first.Tag, first.Position, first.Length)
	}
	sequence := o.Find(0x00081140)
	if len(sequence.Items) != 2 || sequence.Length != 192 || sequence.Items[1].Length != 104 || sequence.Items[0].Position != sequence.Position+12 {
		t.Errorf("sequence at %d: %d bytes, items %+v", sequence.Position, sequence.Length, sequence.Items)
	}
	undefined, err := Read(file(t, "undefined.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	if e := undefined.Find(0x00081140); e.Length != Undefined || e.Items[0].Length != Undefined {
		t.Errorf("undefined lengths are %d and %d", e.Length, e.Items[0].Length)
	}
}

func TestSplitAndJoin(t *testing.T) {
	for name, frames := range map[string]int{"explicit": 1, "implicit": 1, "bigendian": 1, "deflated": 1, "dataset": 1, "rle": 2, "jpeg-lossless": 2} {
		t.Run(name, func(t *testing.T) {
			in := file(t, name+".dcm")
			rest, parts, err := Split(in)
			if err != nil {
				t.Fatal(err)
			}
			if len(parts) != frames {
				t.Errorf("%d frames, want %d", len(parts), frames)
			}
			if without, err := Read(rest); err != nil || without.Find(PixelData) != nil {
				t.Errorf("the rest has pixel data, or %v", err)
			}
			joined, err := Join(rest, parts)
			if err != nil {
				t.Fatal(err)
			}
			again, same, err := Split(joined)
			if err != nil || !bytes.Equal(again, rest) || !slices.EqualFunc(same, parts, bytes.Equal) {
				t.Errorf("splitting what was joined gives something else, or %v", err)
			}
			o, err := Read(joined)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]VR{true: OW, false: OB}[name == "implicit" || name == "dataset"]; o.Find(PixelData).VR != want {
				t.Errorf("the pixel data is %s, want %s", o.Find(PixelData).VR, want)
			}
		})
	}
	rest, frames, err := Split(mustJoin(t, file(t, "explicit.dcm")))
	if err != nil || len(frames) != 0 || len(rest) == 0 {
		t.Errorf("an object without pixel data gives %d frames, %v", len(frames), err)
	}
}

func mustJoin(t *testing.T, object []byte) []byte {
	t.Helper()
	rest, _, err := Split(object)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Join(rest, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A value that is too long for two bytes of length goes out as UN.
func TestLongValue(t *testing.T) {
	o, err := Read(file(t, "explicit.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Repeat([]byte("1\\"), 40_000)
	o.Put(Element{Tag: 0x00186000, VR: "DS", Value: long})
	out, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if e := again.Find(0x00186000); !bytes.Equal(e.Value, long) {
		t.Errorf("%d bytes of %d came back as %s", len(e.Value), len(long), e.VR)
	}
}

func TestUnknownSequence(t *testing.T) {
	const private = "\x09\x00\x10\x00LO\x02\x00AB" + "\x09\x00\x01\x10UN\x00\x00\xff\xff\xff\xff"
	const one = "\x08\x00\x60\x00\x02\x00\x00\x00OT" // implicit VR
	const end = "\xfe\xff\xdd\xe0\x00\x00\x00\x00"
	defined := "\xfe\xff\x00\xe0\x0a\x00\x00\x00" + one
	undefined := "\xfe\xff\x00\xe0\xff\xff\xff\xff" + one + "\xfe\xff\x0d\xe0\x00\x00\x00\x00"
	const before = "\x08\x00\x05\x00CS\x02\x00  "
	for _, c := range []struct {
		name, items string
		vr          VR
		count       int
	}{
		{"items of known length are fragments", defined + defined, UN, 2},
		{"one of unknown length makes it a sequence", defined + undefined, SQ, 2},
	} {
		o, err := Read([]byte(before + private + c.items + end))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		e := o.Find(0x00091001)
		if e.VR != c.vr || len(e.Items) != c.count {
			t.Errorf("%s: %s with %d items", c.name, e.VR, len(e.Items))
		}
		if c.vr == SQ && string(e.Items[0].Elements[0].Value) != "OT" {
			t.Errorf("%s: %+v", c.name, e.Items[0])
		}
	}
}

func TestRefused(t *testing.T) {
	explicit := file(t, "explicit.dcm")
	nested := "\x08\x00\x05\x00CS\x02\x00  "
	for range MaxDepth + 1 {
		nested += "\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
	}
	bad := binary.LittleEndian.AppendUint32([]byte("\x08\x00\x05\x00CS\x02\x00  \x10\x00\x20\x00UT\x00\x00"), 1<<31)
	for name, in := range map[string][]byte{
		"nothing":               nil,
		"a text":                []byte("MSH|^~\\&|SECRET"),
		"cut inside of a value": explicit[:len(explicit)-4],
		"too deep":              []byte(nested),
		"a length beyond":       append(bad, "SECRET"...),
		"an item alone":         []byte("\x08\x00\x05\x00CS\x02\x00  \xfe\xff\x00\xe0\x02\x00\x00\x00ab"),
		"no item inside":        []byte("\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\x08\x00\x05\x00CS\x02\x00SE"),
	} {
		_, err := Read(in)
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error holds content: %v", name, err)
		}
	}
	if _, err := Read([]byte("not")); !errors.Is(err, ErrNotDICOM) {
		t.Errorf("got %v", err)
	}
	o := &Object{Elements: []Element{{Tag: 0x00020013, VR: "SH", Value: []byte("X")}}}
	if _, err := o.Bytes(); err == nil {
		t.Error("file meta information without a transfer syntax is written")
	}
}

func TestVROf(t *testing.T) {
	for tag, want := range map[Tag]VR{
		0x00100010: "PN", PixelData: OW, 0x00280010: US, 0x00080000: UL, 0x60020010: US, 0x60FE0010: US,
		0x00090010: "LO", 0x00091001: UN, 0x00081140: SQ, 0x12345678: UN,
	} {
		if got := VROf(tag); got != want {
			t.Errorf("VROf(%s) = %s, want %s", tag, got, want)
		}
	}
}

// What can be read can be written and read again, and then it is stable.
func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.dcm")
	if err != nil || len(names) < 9 {
		f.Fatalf("%d files, %v", len(names), err)
	}
	for _, n := range names {
		f.Add(file(f, filepath.Base(n)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := Read(in)
		if err != nil {
			return
		}
		out, err := o.Bytes()
		if err != nil || len(out) == 0 {
			return
		}
		again, err := Read(out)
		if err != nil {
			return // a first element that gives no hint how a bare data set is written
		}
		if _, err := again.Bytes(); err != nil {
			t.Fatalf("%q was written and read, but then: %v", out, err)
		}
	})
}
