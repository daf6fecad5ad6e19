package dicom

import (
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
	"github.com/weir-health/weir/wire/dicom"
)

var update = flag.Bool("update", false, "rewrite the expected results")

// objects is where the package below keeps its files.
const objects = "../../wire/dicom/testdata"

func message(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(objects, name))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func parse(t testing.TB, text string) *tree.Node {
	t.Helper()
	root, err := New().Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func encode(t testing.TB, root *tree.Node) string {
	t.Helper()
	text, _, err := New().Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rewritten is what the package below writes for an object.
func rewritten(t testing.TB, text string) string {
	t.Helper()
	b, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	o, err := dicom.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out)
}

var names = []string{"explicit", "implicit", "bigendian", "deflated", "undefined", "dataset", "dataset-implicit", "rle", "jpeg-lossless"}

func suite(t testing.TB) datatypetest.Suite {
	s := datatypetest.Suite{
		Def:     Def,
		Broken:  []string{"", "SECRET", base64.StdEncoding.EncodeToString([]byte("SECRET is not DICOM, and too long for a tag")), "<dicom/>"},
		Written: func(text string) string { return blanks(t, rewritten(t, text)) },
	}
	for _, n := range names {
		s.Messages = append(s.Messages, message(t, n+".dcm"))
	}
	return s
}

// blanks takes away the blanks in front of values, which scripts do not see.
func blanks(t testing.TB, text string) string { return encode(t, parse(t, text)) }

func TestSuite(t *testing.T) { datatypetest.Run(t, suite(t)) }

// An object that can be read is written alike whoever looked at it, unless its
// file meta information lacks the transfer syntax, and then stably.
func FuzzDICOM(f *testing.F) {
	for _, n := range names {
		text, err := decode(message(f, n+".dcm"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	dt := New()
	f.Fuzz(func(t *testing.T, file []byte) {
		text := base64.StdEncoding.EncodeToString(file)
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		want, _, err := dt.Encode(root)
		if err != nil || want == "" {
			return
		}
		root.XMLString() // looks everywhere
		if got, _, err := dt.Encode(root); got != want || err != nil {
			t.Fatalf("%q after a look\n got %q, %v\nwant %q", file, got, err, want)
		}
		again, err := dt.Parse(want)
		if err != nil {
			return // a bare data set whose first element gives no hint how it is written
		}
		if got, _, err := dt.Encode(again); err != nil || len(got) > len(want) {
			t.Fatalf("%q grows when it is written again: %q, %v\nfrom %q", file, got, err, want)
		}
	})
}

// Every object is, as XML, what the file beside it in testdata says.
func TestXML(t *testing.T) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := parse(t, message(t, name+".dcm")).XMLString()
			golden := filepath.Join("testdata", name+".xml")
			if *update {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.TrimSuffix(string(want), "\n") {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// The XML of an object, read as a script's result is, gives the object.
func TestFromXML(t *testing.T) {
	for _, name := range names {
		text := message(t, name+".dcm")
		root, err := tree.ParseXML(parse(t, text).XMLString(), tree.XMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := encode(t, root), blanks(t, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}

// An object that is written as this package writes need not keep its tree.
func TestRegular(t *testing.T) {
	text := blanks(t, message(t, "explicit.dcm"))
	if _, regular, err := New().Encode(parse(t, text)); !regular || err != nil {
		t.Errorf("regular is %v, %v", regular, err)
	}
	if _, regular, err := New().Encode(parse(t, message(t, "explicit.dcm"))); regular || err != nil {
		t.Errorf("with other lengths, regular is %v, %v", regular, err)
	}
}

func child(t *testing.T, n *tree.Node, name string) *tree.Node {
	t.Helper()
	for _, c := range n.Children() {
		if c.Name.Local == name {
			return c
		}
	}
	t.Fatalf("there is no %s", name)
	return nil
}

func TestEdit(t *testing.T) {
	for _, name := range []string{"explicit", "implicit", "bigendian", "deflated", "dataset"} {
		t.Run(name, func(t *testing.T) {
			root := parse(t, message(t, name+".dcm"))
			child(t, root, "tag00100010").SetText("SÖRENSEN^ÅSE")
			child(t, root, "tag00280010").SetText("513")
			child(t, root, "tag00091001").SetText(`\00a\\\FF`)
			add := tree.NewLeaf("tag00101030", "61.5")
			add.SetAttribute(tree.Name{Local: "tag"}, "00101030")
			root.Append(add)
			root.Append(tree.NewLeaf("tag00101020", "no attribute tag: not written"))

			again := parse(t, encode(t, root))
			for tag, want := range map[string]string{
				"tag00100010": "SÖRENSEN^ÅSE", "tag00280010": "513", "tag00091001": `\00a\\\FF`, "tag00101030": "61.5",
				"tag00189098": `100.0\1.0E10`, "tag00280009": `00181063\00181065`, "tag7FE00010": `0\1024\2048\4095\1\2\3\4`,
			} {
				if got := child(t, again, tag).XMLString(); !strings.Contains(got, ">"+want+"<") {
					t.Errorf("%s: got %s, want %s", tag, got, want)
				}
			}
			if strings.Contains(again.XMLString(), "tag00101020") {
				t.Error("an element without the attribute tag is written")
			}
		})
	}
}

func TestEditInside(t *testing.T) {
	root := parse(t, message(t, "explicit.dcm"))
	item := child(t, child(t, root, "tag00081140"), "item")
	child(t, item, "tag00081155").SetText("1.2.3")
	again := parse(t, encode(t, root))
	if got := child(t, child(t, child(t, again, "tag00081140"), "item"), "tag00081155").XMLString(); !strings.Contains(got, ">1.2.3<") {
		t.Errorf("got %s", got)
	}
}

func TestRefusedValues(t *testing.T) {
	for name, markup := range map[string]string{
		"no number":         `<dicom><tag00280010 tag="00280010" vr="US">SECRET</tag00280010></dicom>`,
		"an empty number":   `<dicom><tag00280010 tag="00280010" vr="US">1\</tag00280010></dicom>`,
		"no bytes":          `<dicom><tag00420011 tag="00420011" vr="OB">SECRET</tag00420011></dicom>`,
		"half an escape":    `<dicom><tag00091001 tag="00091001" vr="UN">SECRET\0</tag00091001></dicom>`,
		"no representation": `<dicom><tag00280010 tag="00280010" vr="ZZ">1</tag00280010></dicom>`,
		"no tag":            `<dicom><tagSECRET tag="SECRET" vr="US">1</tagSECRET></dicom>`,
		"a file that does not say its transfer syntax": `<dicom><tag00020013 tag="00020013" vr="SH">SECRET</tag00020013></dicom>`,
	} {
		root, err := tree.ParseXML(markup, tree.XMLOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = New().Encode(root)
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error holds content: %v", name, err)
		}
	}
}

// Whatever markup a script hands over, Encode gives an object that can be read, or
// an error.
func FuzzEncode(f *testing.F) {
	for _, n := range names {
		f.Add(parse(f, message(f, n+".dcm")).XMLString())
	}
	f.Add(`<dicom><tag00280010 tag="00280010">1\2</tag00280010><tag7FE00010 tag="7FE00010" vr="OB"><item>00</item><item/></tag7FE00010></dicom>`)
	dt := New()
	f.Fuzz(func(t *testing.T, markup string) {
		root, err := tree.ParseXML(markup, tree.XMLOptions{})
		if err != nil {
			return
		}
		text, regular, err := dt.Encode(root)
		if err != nil || text == "" {
			return
		}
		if again, err := dt.Parse(text); regular && (err != nil || datatypetest.Difference(again, root) != "") {
			t.Fatalf("%q is called regular: %v", markup, err)
		}
	})
}
