package java

import (
	"context"
	"testing"

	"github.com/dop251/goja"
)

var lib = NewLibrary()

// FuzzRegex compiles and runs expressions as Java would write them. None may end
// in anything but a result or a Java exception.
func FuzzRegex(f *testing.F) {
	for _, seed := range [][3]string{
		{`(\d+)-(\w*)`, "12-ab", "$2.$1"}, {`\Q[x]\E`, "[x]", `\$`}, {`[a-z&&[^b]]+`, "abc", ""}, {`(?<=a)b`, "ab", "${x}"},
		{`\p{Alpha}+|\p{Punct}`, "a!", "$0"}, {`[\]]`, "]", "$"}, {`\u0041.`, "AB", `\`}, {`[]a]`, "a]", "x"}, {`.{2,}?$`, "a\r\nb", "y"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, pattern, text, with string) {
		vm := New(goja.New(), lib, Hooks{})
		vm.Context = context.Background()
		c := &Call{VM: vm}
		defer func() {
			if x := recover(); x != nil {
				if v, ok := x.(goja.Value); !ok || Thrown(v) == nil {
					panic(x)
				}
			}
		}()
		p := c.pattern(pattern)
		p.whole(c, text)
		p.split(c, text, 0)
		p.replace(c, text, with, -1)
	})
}

// FuzzFormat runs String.format, JsonUtil and XmlUtil on any text.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{`%1$-5s|%05d|%,.2f|%x%%%n`, `{"a":[1,{"b":null}]}`, `<a x="1"><b>1</b><c/></a>`, `%`, `{"a":`, `#,##0.00;(#)`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rt := goja.New()
		vm := New(rt, lib, Hooks{})
		for _, call := range []struct{ class, method string }{
			{"java.lang.String", "format"}, {"com.mirth.connect.userutil.JsonUtil", "prettyPrint"}, {"com.mirth.connect.userutil.JsonUtil", "toXml"},
			{"com.mirth.connect.userutil.JsonUtil", "escape"}, {"com.mirth.connect.userutil.XmlUtil", "prettyPrint"},
			{"com.mirth.connect.userutil.XmlUtil", "toJson"}, {"com.mirth.connect.userutil.XmlUtil", "encode"},
		} {
			func() {
				defer func() {
					if x := recover(); x != nil {
						if v, ok := x.(goja.Value); !ok || Thrown(v) == nil {
							panic(x)
						}
					}
				}()
				args := []goja.Value{rt.ToValue(text), rt.ToValue(1.5), rt.ToValue("x")}
				if call.method != "format" {
					args = args[:1]
				}
				vm.lib.Class(call.class).Static[call.method](&Call{VM: vm, Args: args})
			}()
		}
		func() {
			defer func() {
				if x := recover(); x != nil {
					if v, ok := x.(goja.Value); !ok || Thrown(v) == nil {
						panic(x)
					}
				}
			}()
			c := &Call{VM: vm}
			c.decimalFormat("#,##0.###;(#)", symbolsOf("en_US")).parse(text)
			c.decimalFormat(text, symbolsOf("en_US")).format(c, -1234.5678)
		}()
	})
}
