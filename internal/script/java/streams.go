package java

import (
	"bytes"
	"strings"
)

// reader is a Reader over a text that is in memory.
type reader struct {
	class string
	text  string
	at    int
}

// NewReader returns a java.io.BufferedReader over text.
func NewReader(text string) Instance { return &reader{class: "java.io.BufferedReader", text: text} }

func (r *reader) JavaClass() string { return r.class }

func (r *reader) rest() string {
	s := r.text[r.at:]
	r.at = len(r.text)
	return s
}

// line returns the next line without its end.
func (r *reader) line() (string, bool) {
	if r.at >= len(r.text) {
		return "", false
	}
	s := r.text[r.at:]
	i := strings.IndexAny(s, "\r\n")
	if i < 0 {
		return r.rest(), true
	}
	r.at += i + 1
	if s[i] == '\r' && strings.HasPrefix(s[i+1:], "\n") {
		r.at++
	}
	return s[:i], true
}

// input is an InputStream over bytes that are in memory.
type input struct {
	class string
	data  []byte
	at    int
}

func (s *input) JavaClass() string { return s.class }

func (s *input) rest() []byte {
	b := s.data[s.at:]
	s.at = len(s.data)
	return b
}

// output is a ByteArrayOutputStream.
type output struct{ b bytes.Buffer }

func (*output) JavaClass() string { return "java.io.ByteArrayOutputStream" }
func (o *output) String() string  { return o.b.String() }

func streamClasses() []*Class {
	void := func(*Call) any { return Void }
	readerClass := func(name string) *Class {
		return &Class{Name: name, Super: "java.io.Reader", New: func(c *Call) any {
			switch v := c.Object(0).(type) {
			case *reader:
				return &reader{class: name, text: v.rest()}
			case *input:
				return &reader{class: name, text: c.decode(v.rest(), charsetName(c, 1))}
			case string:
				return &reader{class: name, text: v}
			}
			if name == "java.io.StringReader" && !c.Null(0) {
				return &reader{class: name, text: c.Text(0)} // XML, as Rhino makes a String of it
			}
			panic(c.Throw("java.lang.NullPointerException", ""))
		}}
	}
	inputMethods := Methods{
		"read": func(c *Call) any {
			s := c.This.(*input)
			if s.at >= len(s.data) {
				return -1
			}
			if b, ok := c.Object(0).([]byte); ok {
				n := copy(b, s.data[s.at:])
				s.at += n
				return n
			}
			s.at++
			return int(s.data[s.at-1])
		},
		"readAllBytes": func(c *Call) any { return append([]byte(nil), c.This.(*input).rest()...) },
		"available":    func(c *Call) any { s := c.This.(*input); return len(s.data) - s.at },
		"reset":        func(c *Call) any { c.This.(*input).at = 0; return Void },
		"close":        void,
	}
	writer := builderMethods()
	writer["write"] = func(c *Call) any {
		b := c.This.(*Builder)
		if c.IsNumber(0) {
			b.append(c, string(rune(c.Int(0))))
		} else {
			b.append(c, c.Text(0))
		}
		return Void
	}
	writer["print"] = writer["write"]
	writer["println"] = func(c *Call) any { c.This.(*Builder).append(c, c.Text(0)+"\n"); return Void }
	writer["getBuffer"] = func(c *Call) any { return c.This }
	writer["close"], writer["flush"] = void, void
	return []*Class{
		{Name: "java.io.Reader", Methods: Methods{
			"readLine": func(c *Call) any {
				if s, ok := c.This.(*reader).line(); ok {
					return s
				}
				return nil
			},
			"read": func(c *Call) any {
				r := c.This.(*reader)
				for _, ch := range r.text[r.at:] {
					r.at += len(string(ch))
					return int(ch)
				}
				return -1
			},
			"ready": func(c *Call) any { r := c.This.(*reader); return r.at < len(r.text) },
			"lines": func(c *Call) any {
				l := NewList()
				for s, ok := c.This.(*reader).line(); ok; s, ok = c.This.(*reader).line() {
					l.Add(s)
				}
				return l
			},
			"mark":  void,
			"close": void,
		}},
		readerClass("java.io.BufferedReader"), readerClass("java.io.StringReader"), readerClass("java.io.InputStreamReader"),
		{Name: "java.io.ByteArrayInputStream", New: func(c *Call) any {
			return &input{class: "java.io.ByteArrayInputStream", data: c.Bytes(0)}
		}, Methods: inputMethods},
		{Name: "java.io.ByteArrayOutputStream", New: func(*Call) any { return &output{} }, Methods: Methods{
			"write": func(c *Call) any {
				o := c.This.(*output)
				if c.IsNumber(0) {
					o.b.WriteByte(byte(c.Int(0)))
					return Void
				}
				b := c.Bytes(0)
				if from, n := c.Int(1), c.Int(2); c.Len() == 3 && from >= 0 && n >= 0 && from+n <= len(b) {
					b = b[from : from+n]
				}
				c.limit(o.b.Len() + len(b))
				o.b.Write(b)
				return Void
			},
			"toByteArray": func(c *Call) any { return append([]byte(nil), c.This.(*output).b.Bytes()...) },
			"toString":    func(c *Call) any { return c.decode(c.This.(*output).b.Bytes(), charsetName(c, 0)) },
			"size":        func(c *Call) any { return c.This.(*output).b.Len() },
			"reset":       func(c *Call) any { c.This.(*output).b.Reset(); return Void },
			"close":       void, "flush": void,
		}},
		{Name: "java.io.StringWriter", New: func(*Call) any { return &Builder{class: "java.io.StringWriter"} }, Methods: writer},
		{Name: "java.io.PrintWriter", New: func(c *Call) any { return c.Object(0) }, Methods: writer},
	}
}
