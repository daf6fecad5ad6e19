package hl7v2

import (
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// seeds are where fuzzing begins.
var seeds = []string{
	sample,
	"MSH|^~\\&|A\rPID|1||~x~&&^^|\rZ9\r\r",
	"MSH|^~&|A\nPID|a&b\r\n",
	"MSH#$%!*#A\rPID#a$b%c*d",
	"MSH§¤¦¬µ§A\rPID§a¤b",
	"FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&\rBTS|\rFTS|",
	"MSH|^~\\|A\rPID|a&b",
	"MSH||||\rMSH\rMSH|\r",
	"MSH^^^^^^^^\rA^b",
	"MSA|AA|1\rERR|x\r",
	"<a xmlns='b'><MSH><MSH.1>|</MSH.1><MSH.10>1</MSH.10></MSH><MSA><MSA.1>AA</MSA.1></MSA></a>",
	"PID|1\v|2\x1c\r",
}

// What Parse takes comes back as defined, whoever looks or touches, and stays so.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, byte(0))
		f.Add(s, byte(0xff))
	}
	f.Fuzz(func(t *testing.T, text string, options byte) {
		dt := variant(options)
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		want, regular, err := dt.Encode(root)
		if err != nil {
			t.Fatalf("Encode(Parse(%q)): %v", text, err)
		}
		for name, look := range map[string]func(*tree.Node){"expanded": expand, "touched": touch} {
			root, _ := dt.Parse(text)
			look(root)
			got, alsoRegular, err := dt.Encode(root)
			if got != want || err != nil {
				t.Fatalf("%q %s\n got %q, %v\nwant %q", text, name, got, err, want)
			}
			if alsoRegular && !regular {
				t.Fatalf("%q %s: regular, but not untouched", text, name)
			}
			checkRegular(t, dt, root, got, alsoRegular)
		}
		checkRegular(t, dt, root, want, regular)
		// Where an end of segments is no white space, another trim may take more off.
		body := strings.TrimSuffix(want, dt.ready().end)
		if again, err := dt.Parse(want); err == nil && dt.readsItsEnd() && readable(body) {
			if got, _, _ := dt.Encode(again); got != want {
				t.Fatalf("%q is not stable\n got %q\nwant %q", text, got, want)
			}
		}
	})
}

func checkRegular(t *testing.T, dt *Type, root *tree.Node, text string, regular bool) {
	if !regular {
		return
	}
	again, err := dt.Parse(text)
	if err != nil {
		t.Fatalf("%q is regular, but: %v", text, err)
	}
	if got, want := again.XMLString(), root.XMLString(); got != want {
		t.Fatalf("%q is regular, but\n got %s\nwant %s", text, got, want)
	}
}

func variant(options byte) *Type {
	t := New()
	if options&1 != 0 {
		t.handleRepetitions = false
	}
	if options&2 != 0 {
		t.handleSubcomponents = false
	}
	if options&4 != 0 {
		t.convertLineBreaks = false
	}
	if options&8 != 0 {
		t.readDelimiter = `\n*`
	}
	if options&16 != 0 {
		t.writeDelimiter = `\r\n`
	}
	return t
}

// Changed trees are written without a panic, and what is called regular is.
func FuzzEncode(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "x^y")
		f.Add(s, []byte{3, 10, 11, 12, 13}, "")
	}
	f.Fuzz(func(t *testing.T, text string, changes []byte, value string) {
		dt := New()
		root, err := dt.Parse(text)
		if err != nil {
			if root, err = tree.ParseXML(text, tree.XMLOptions{DropBlank: true}); err != nil {
				return
			}
		}
		for i := 0; i+1 < len(changes) && i < 40; i += 2 {
			change(root, changes[i], int(changes[i+1]), value)
		}
		got, hint, ok, err := dt.EncodeHint(root)
		if err != nil {
			return
		}
		checkRegular(t, dt, root, got, ok && hint == "")
		if !ok {
			return
		}
		again, err := dt.Reread(got, hint)
		if err != nil {
			t.Fatalf("%q with hint %q: %v", got, hint, err)
		}
		if again.XMLString() != root.XMLString() {
			t.Fatalf("%q with hint %q\n got %s\nwant %s", got, hint, again.XMLString(), root.XMLString())
		}
	})
}

// change does one thing to some node of a tree.
func change(root *tree.Node, what byte, where int, value string) {
	n := root
	for where > 0 && n.Kind == tree.Element && len(n.Children()) > 0 {
		next := n.Children()[where%len(n.Children())]
		where /= 2
		n = next
	}
	switch what % 8 {
	case 0, 1:
		n.SetText(value)
	case 2:
		if p := n.Parent(); p != nil {
			p.Remove(n.Index())
		}
	case 3:
		if p := n.Parent(); p != nil {
			p.Append(n.Copy())
		}
	case 4:
		n.SetName(tree.Name{Local: n.Name.Local + value})
	case 5:
		if n.Kind == tree.Element {
			n.Append(tree.NewLeaf(n.Name.Local+[]string{".1", ".4", ".9"}[len(value)%3], value))
		}
	case 6:
		if n.Kind == tree.Element {
			n.SetChildren()
		}
	case 7:
		if p := n.Parent(); p != nil && n.Kind == tree.Element {
			p.Insert(0, n.Copy())
		}
	}
}

// What only looks at a text never panics.
func FuzzText(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "PID-3[2].1")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		dt := New()
		dt.obeyMSH15 = true
		now := time.Unix(0, 0)
		if reply, err := dt.Respond(text, weir.Error, same, now); err == nil && reply != "" {
			if r := dt.Check(weir.Response{Message: reply}, text, nil); r.Status == weir.Sent {
				t.Fatalf("Check(%q) takes the error for a success", reply)
			}
		}
		dt.Check(weir.Response{Message: text}, text, nil)
		dt.Describe(text)
		dt.Pass(text, dt)
		for m := range dt.Split(text) {
			if isBlank(m) {
				t.Fatalf("Split(%q) yields a blank message", text)
			}
		}
		Get(text, path)
		if l, err := ParseLocation(path); err == nil {
			if again, err := ParseLocation(l.String()); err != nil || again != l {
				t.Fatalf("ParseLocation(%q)\n got %+v, %v\nwant %+v", l.String(), again, err, l)
			}
		}
	})
}
