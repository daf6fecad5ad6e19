package java

import (
	"testing"
	"time"

	"github.com/dop251/goja"
)

// thrownOnly lets Java exceptions pass and nothing else.
func thrownOnly() {
	if x := recover(); x != nil {
		if v, ok := x.(goja.Value); !ok || Thrown(v) == nil {
			panic(x)
		}
	}
}

// FuzzTimeFormat reads any text by any pattern of java.time and Joda-Time.
func FuzzTimeFormat(f *testing.F) {
	for _, seed := range [][2]string{{"yyyyMMddHHmmssSSS", "20240102030405123"}, {"uuuu-MM-dd'T'HH:mm[:ss]XXX['['VV']']", "2024-01-02T03:04Z"},
		{"EEE, d MMM yy h:mm a z", "Tue, 2 Jan 24 3:04 PM UTC"}, {"QQQ D'x''y' kk:KK A n", "Q1 2x'y 24:11 5 6"}, {"[[", "]"}} {
		f.Add(seed[0], seed[1], true)
		f.Add(seed[0], seed[1], false)
	}
	f.Fuzz(func(t *testing.T, pattern, text string, joda bool) {
		format, wrong := compileTime(pattern, joda)
		if wrong != "" || len(pattern) > 1000 {
			return
		}
		format.format(time.Unix(0, 0).UTC())
		if got, at, _, ok := format.read(text); ok {
			if at < 0 || at > len(text) {
				t.Errorf("%q read %q to %d", pattern, text, at)
			}
			got.resolve(time.UTC, true)
		}
	})
}

// FuzzOrgJSON reads any text as JSON, and what it wrote again.
func FuzzOrgJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,null,"x/y"]}`, `[`, `{"a":1e400}`, `"\\ud800"`, `[[[[]]]]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer thrownOnly()
		c := &Call{VM: New(goja.New(), lib, Hooks{})}
		v := c.parseJSON(text)
		c.parseJSON(c.jsonText(v).(string))
	})
}

// FuzzDOM reads any text as a document, and what it wrote again.
func FuzzDOM(f *testing.F) {
	for _, seed := range []string{`<r a="1"><p:x xmlns:p="urn:p" p:k="&lt;"/>t<![CDATA[]]]]><!--c--><?p q?></r>`, `<r xmlns="urn:d"><x xmlns=""/></r>`, `<a:b/>`, `<r>&#13;&#10;</r>`} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, aware bool) {
		defer thrownOnly()
		c := &Call{VM: New(goja.New(), lib, Hooks{})}
		d := c.parseDocument(&builderSettings{aware: aware}, text).node()
		written, err := d.write(nil)
		if err != nil {
			t.Fatal(err)
		}
		again := c.parseDocument(&builderSettings{aware: aware}, written).node()
		twice, _ := again.write(nil)
		if twice != written {
			t.Errorf("%q is written as %q and that as %q", text, written, twice)
		}
		e := c.compileXPath(&xpathEvaluator{}, "count(//node() | //@*)")
		if _, _, wrong := d.evaluate(c, e); wrong != "" {
			t.Error(wrong)
		}
	})
}
