package java

import "strings"

// Builder is a StringBuilder or StringBuffer, and what a StringWriter holds.
type Builder struct {
	class string
	text  string
	parts strings.Builder // appended since text was last put together
}

func (b *Builder) JavaClass() string { return b.class }

// String is the text so far.
func (b *Builder) String() string {
	if b.parts.Len() > 0 {
		b.text += b.parts.String()
		b.parts.Reset()
	}
	return b.text
}

func (b *Builder) set(s string) { b.text = s; b.parts.Reset() }

func (b *Builder) append(c *Call, s string) {
	c.limit(len(b.text) + b.parts.Len() + len(s))
	b.parts.WriteString(s)
}

func langBuilders() []*Class {
	newBuilder := func(class string) func(*Call) any {
		return func(c *Call) any {
			b := &Builder{class: class}
			if c.Len() > 0 && !c.IsNumber(0) {
				b.set(c.Need(0))
			}
			return b
		}
	}
	const builder, buffer = "java.lang.StringBuilder", "java.lang.StringBuffer"
	return []*Class{
		{Name: builder, Implements: []string{"java.lang.CharSequence"}, New: newBuilder(builder), Methods: builderMethods()},
		{Name: buffer, Implements: []string{"java.lang.CharSequence"}, New: newBuilder(buffer), Methods: builderMethods()},
	}
}

func builderMethods() Methods {
	on := func(f func(b *Builder, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Builder), c) }
	}
	text := func(f func(s string, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Builder).String(), c) }
	}
	return Methods{
		"append": on(func(b *Builder, c *Call) any {
			s := c.VM.Text(c.Object(0))
			if c.Len() == 3 {
				s = sub(c, s, c.Int(1), c.Int(2))
			}
			b.append(c, s)
			return b
		}),
		"insert": on(func(b *Builder, c *Call) any {
			s := b.String()
			at := len(sub(c, s, 0, c.Int(0)))
			b.set(s[:at] + c.VM.Text(c.Object(1)) + s[at:])
			return b
		}),
		"delete": on(func(b *Builder, c *Call) any {
			s := b.String()
			n := length(s)
			b.set(sub(c, s, 0, c.Int(0)) + sub(c, s, min(c.Int(1), n), n))
			return b
		}),
		"deleteCharAt": on(func(b *Builder, c *Call) any {
			s := b.String()
			b.set(sub(c, s, 0, c.Int(0)) + sub(c, s, c.Int(0)+1, length(s)))
			return b
		}),
		"replace": on(func(b *Builder, c *Call) any {
			s := b.String()
			n := length(s)
			b.set(sub(c, s, 0, c.Int(0)) + c.Need(2) + sub(c, s, min(c.Int(1), n), n))
			return b
		}),
		"reverse": on(func(b *Builder, c *Call) any {
			r := []rune(b.String())
			for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
				r[i], r[j] = r[j], r[i]
			}
			b.set(string(r))
			return b
		}),
		"setLength": on(func(b *Builder, c *Call) any {
			s, n := b.String(), c.limit(c.Int(0))
			if have := length(s); n <= have {
				b.set(sub(c, s, 0, n))
			} else {
				b.set(s + strings.Repeat("\x00", n-have))
			}
			return Void
		}),
		"setCharAt": on(func(b *Builder, c *Call) any {
			s := b.String()
			b.set(sub(c, s, 0, c.Int(0)) + string(c.char(1)) + sub(c, s, c.Int(0)+1, length(s)))
			return Void
		}),
		"toString":    text(func(s string, c *Call) any { return s }),
		"length":      text(func(s string, c *Call) any { return length(s) }),
		"isEmpty":     text(func(s string, c *Call) any { return s == "" }),
		"charAt":      text(func(s string, c *Call) any { return charAt(c, s, c.Int(0)) }),
		"indexOf":     text(func(s string, c *Call) any { return indexOf(c, s) }),
		"lastIndexOf": text(func(s string, c *Call) any { return lastIndexOf(c, s) }),
		"substring":   text(substring),
		"capacity":    text(func(s string, c *Call) any { return length(s) + 16 }),
	}
}
