package java

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

func arrayUtils() Methods {
	return Methods{
		"contains": func(c *Call) any { items, _ := c.Items(0); return find(items, c.Object(1)) >= 0 },
		"indexOf":  func(c *Call) any { items, _ := c.Items(0); return find(items, c.Object(1)) },
		"isEmpty":  func(c *Call) any { items, _ := c.Items(0); return len(items) == 0 },
		"getLength": func(c *Call) any {
			items, _ := c.Items(0)
			return len(items)
		},
		"add": func(c *Call) any {
			items, _ := c.Items(0)
			return NewObjects(append(append([]any(nil), items...), c.Object(1)))
		},
		"addAll": func(c *Call) any {
			if a, ok := c.Object(0).([]byte); ok {
				return append(append([]byte(nil), a...), c.Bytes(1)...)
			}
			a, _ := c.Items(0)
			b, _ := c.Items(1)
			return NewObjects(append(append([]any(nil), a...), b...))
		},
		"subarray": func(c *Call) any { return copyRange(c, c.Int(1), c.Int(2)) },
		"toString": func(c *Call) any { return "{" + c.VM.JoinTexts(c.needItems(0), ",") + "}" },
	}
}

func numberUtils() Methods {
	return Methods{
		"isNumber":    func(c *Call) any { _, ok := parseDouble(c.Text(0)); return ok },
		"isCreatable": func(c *Call) any { _, ok := parseDouble(c.Text(0)); return ok },
		"isParsable":  func(c *Call) any { _, ok := parseDouble(c.Text(0)); return ok },
		"isDigits":    func(c *Call) any { return c.Text(0) != "" && strings.Trim(c.Text(0), "0123456789") == "" },
		"toInt":       func(c *Call) any { return c.numberOr(true) },
		"toLong":      func(c *Call) any { return c.numberOr(true) },
		"toDouble":    func(c *Call) any { return c.numberOr(false) },
	}
}

// numberOr reads a number in a text, or gives the default in argument 1, or 0.
func (c *Call) numberOr(whole bool) float64 {
	f, ok := parseDouble(c.Text(0))
	if ok && (!whole || strings.Trim(c.Text(0), "+-0123456789") == "") {
		return f
	}
	if c.Len() > 1 {
		return c.Float(1)
	}
	return 0
}

func moreArrayUtils() Methods {
	items := func(f func(c *Call, items []any) []any) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			if b, ok := c.Object(0).([]byte); ok {
				wrapped := make([]any, len(b))
				for i, x := range b {
					wrapped[i] = int32(int8(x))
				}
				return bytesOf(f(c, wrapped))
			}
			elem := "java.lang.Object"
			if a, ok := c.Object(0).(*Array); ok {
				elem = a.Elem
			}
			return NewArray(elem, f(c, append([]any(nil), c.needItems(0)...)))
		}
	}
	inPlace := func(c *Call) any {
		switch a := c.Object(0).(type) {
		case *Array:
			for i, j := 0, len(a.items)-1; i < j; i, j = i+1, j-1 {
				a.items[i], a.items[j] = a.items[j], a.items[i]
			}
		case []byte:
			for i, j := 0, len(a)-1; i < j; i, j = i+1, j-1 {
				a[i], a[j] = a[j], a[i]
			}
		}
		return Void
	}
	return Methods{
		"isNotEmpty": func(c *Call) any { items, _ := c.Items(0); b, _ := c.Object(0).([]byte); return len(items)+len(b) > 0 },
		"remove": items(func(c *Call, v []any) []any {
			i := (&List{items: v}).index(c, c.Int(1))
			return append(v[:i:i], v[i+1:]...)
		}),
		"removeElement": items(func(c *Call, v []any) []any {
			if i := find(v, c.Object(1)); i >= 0 {
				return append(v[:i:i], v[i+1:]...)
			}
			return v
		}),
		"insert": func(c *Call) any {
			v := c.needItems(1)
			i := c.Int(0)
			if i < 0 || i > len(v) {
				panic(c.Throw("java.lang.IndexOutOfBoundsException", "Index: "+strconv.Itoa(i)+", Length: "+strconv.Itoa(len(v))))
			}
			out := append([]any(nil), v[:i]...)
			for k := 2; k < c.Len(); k++ {
				out = append(out, c.Object(k))
			}
			return NewObjects(append(out, v[i:]...))
		},
		"clone":    items(func(c *Call, v []any) []any { return v }),
		"toObject": items(func(c *Call, v []any) []any { return v }), "toPrimitive": items(func(c *Call, v []any) []any { return v }),
		"nullToEmpty": func(c *Call) any {
			if c.Null(0) {
				return NewObjects(nil)
			}
			return c.Object(0)
		},
		"toArray": func(c *Call) any {
			l := &List{}
			for i := range c.Args {
				l.items = append(l.items, c.Object(i))
			}
			return NewObjects(l.items)
		},
		"toStringArray": func(c *Call) any { return NewStrings(c.VM.texts(c.needItems(0))) },
		"reverse":       inPlace,
		"addFirst":      items(func(c *Call, v []any) []any { return append([]any{c.Object(1)}, v...) }),
		"lastIndexOf": func(c *Call) any {
			v, _ := c.Items(0)
			for i := len(v) - 1; i >= 0; i-- {
				if equal(v[i], c.Object(1)) {
					return i
				}
			}
			return -1
		},
		"isSameLength": func(c *Call) any { a, _ := c.Items(0); b, _ := c.Items(1); return len(a) == len(b) },
	}
}

func moreNumberUtils() Methods {
	creatable := func(c *Call) any {
		s := strings.TrimLeft(c.Text(0), "+-")
		if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
			_, err := strconv.ParseUint(rest, 16, 64)
			return err == nil
		}
		t := c.Text(0)
		if t == "" || strings.TrimSpace(t) != t || strings.HasSuffix(t, ".") && len(t) == 1 {
			return false
		}
		if strings.HasSuffix(t, "l") || strings.HasSuffix(t, "L") {
			t = t[:len(t)-1]
		}
		_, ok := parseDouble(t)
		return ok && !strings.ContainsAny(t, "nN")
	}
	ends := func(sign float64) func(*Call) any {
		return func(c *Call) any {
			items, ok := c.Items(0)
			if !ok {
				for i := range c.Args {
					items = append(items, c.Object(i))
				}
			}
			if len(items) == 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Array cannot be empty."))
			}
			best := floatOf(items[0])
			for _, v := range items {
				if f := floatOf(v); f*sign > best*sign {
					best = f
				}
			}
			return best
		}
	}
	create := func(c *Call) any {
		if creatable(c) != true {
			panic(c.Throw("java.lang.NumberFormatException", c.Text(0)+" is not a valid number."))
		}
		if n, err := strconv.ParseInt(strings.TrimRight(c.Text(0), "lL"), 0, 64); err == nil {
			if n == int64(int32(n)) && !strings.HasSuffix(strings.ToUpper(c.Text(0)), "L") {
				return Object(int32(n))
			}
			return Object(n)
		}
		f, _ := parseDouble(c.Text(0))
		return Object(f)
	}
	return Methods{
		"isNumber": creatable, "isCreatable": creatable,
		"isParsable": func(c *Call) any {
			s := strings.TrimPrefix(c.Text(0), "-")
			whole, frac, point := strings.Cut(s, ".")
			digits := func(t string) bool { return strings.Trim(t, "0123456789") == "" }
			return s != "" && digits(whole) && digits(frac) && (!point || frac != "")
		},
		"toFloat": func(c *Call) any { return c.numberOr(false) }, "toShort": func(c *Call) any { return c.numberOr(true) },
		"max": ends(1), "min": ends(-1), "compare": func(c *Call) any { return compareFloats(c.Float(0), c.Float(1)) },
		"createNumber": create, "createInteger": create, "createLong": create, "createDouble": create,
	}
}

func booleanUtils() Methods {
	read := func(c *Call, i int) any {
		switch v := c.Object(i).(type) {
		case bool:
			return v
		case string:
			switch strings.ToLower(v) {
			case "true", "t", "on", "yes", "y", "1":
				return true
			case "false", "f", "off", "no", "n", "0":
				return false
			}
		case float64:
			return v != 0
		case int32:
			return v != 0
		}
		return nil
	}
	is := func(want bool) func(*Call) any { return func(c *Call) any { return read(c, 0) == any(want) } }
	not := func(want bool) func(*Call) any { return func(c *Call) any { return read(c, 0) != any(want) } }
	named := func(yes, no string) func(*Call) any {
		return func(c *Call) any {
			switch read(c, 0) {
			case true:
				return yes
			case false:
				return no
			}
			return nil
		}
	}
	return Methods{
		"toBoolean": is(true), "isTrue": is(true), "isFalse": is(false), "isNotTrue": not(true), "isNotFalse": not(false),
		"toBooleanObject": func(c *Call) any { return Object(read(c, 0)) },
		"toBooleanDefaultIfNull": func(c *Call) any {
			if v := read(c, 0); v != nil {
				return v
			}
			return c.Bool(1)
		},
		"toStringTrueFalse": named("true", "false"), "toStringYesNo": named("yes", "no"), "toStringOnOff": named("on", "off"),
		"negate": func(c *Call) any {
			if b, ok := read(c, 0).(bool); ok {
				return Object(!b)
			}
			return nil
		},
		"toInteger": func(c *Call) any { b, _ := read(c, 0).(bool); return boolOrder(b) },
	}
}

func objectUtils() Methods {
	return Methods{
		"defaultIfNull": func(c *Call) any {
			if c.Null(0) {
				return c.Arg(1)
			}
			return c.Arg(0)
		},
		"firstNonNull": func(c *Call) any {
			for i := range c.Args {
				if !c.Null(i) {
					return c.Arg(i)
				}
			}
			return nil
		},
		"equals":   func(c *Call) any { return equal(c.Object(0), c.Object(1)) },
		"notEqual": func(c *Call) any { return !equal(c.Object(0), c.Object(1)) },
		"compare": func(c *Call) any {
			n, _ := compare(c.Object(0), c.Object(1))
			return n
		},
		"toString": func(c *Call) any {
			if c.Null(0) {
				return c.Text(1)
			}
			return c.Text(0)
		},
		"isEmpty": func(c *Call) any {
			if items, ok := c.Items(0); ok {
				return len(items) == 0
			}
			if m, ok := c.Object(0).(mapping); ok {
				return m.Len() == 0
			}
			return c.Null(0) || c.Text(0) == ""
		},
		"allNotNull": func(c *Call) any {
			for i := range c.Args {
				if c.Null(i) {
					return false
				}
			}
			return true
		},
	}
}

func randomStrings() Methods {
	const letters, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "0123456789"
	from := func(set string) func(*Call) any {
		return func(c *Call) any {
			chars := set
			if c.IsText(1) && c.Text(1) != "" {
				chars = c.Text(1)
			} else if c.IsBool(1) {
				chars = ""
				if c.Bool(1) {
					chars += letters
				}
				if c.Bool(2) {
					chars += digits
				}
			}
			n := c.Int(0)
			if n < 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Requested random string length "+strconv.Itoa(n)+" is less than 0."))
			}
			b := make([]rune, c.limit(n))
			pool := []rune(chars)
			for i := range b {
				b[i] = pool[rand.IntN(len(pool))]
			}
			return string(b)
		}
	}
	return Methods{"random": from(letters + digits), "randomAlphabetic": from(letters), "randomNumeric": from(digits), "randomAlphanumeric": from(letters + digits),
		"randomAscii": from(letters + digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~")}
}

func charUtils() Methods {
	is := func(f func(r rune) bool) func(*Call) any { return func(c *Call) any { return f(c.char(0)) } }
	return Methods{
		"isAscii": is(func(r rune) bool { return r < 128 }), "isAsciiPrintable": is(func(r rune) bool { return r >= 32 && r < 127 }),
		"isAsciiNumeric": is(func(r rune) bool { return r >= '0' && r <= '9' }), "isAsciiAlpha": is(func(r rune) bool { return r|32 >= 'a' && r|32 <= 'z' }),
		"toString": func(c *Call) any { return string(c.char(0)) },
	}
}
