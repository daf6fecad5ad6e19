package java

import (
	"encoding/base64"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// UUID is a java.util.UUID.
type UUID struct{ id uuid.UUID }

func (*UUID) JavaClass() string { return "java.util.UUID" }
func (u *UUID) String() string  { return u.id.String() }

// Equal compares the ids.
func (u *UUID) Equal(o any) bool { v, ok := o.(*UUID); return ok && u.id == v.id }

func utilities() []*Class {
	return append([]*Class{
		{Name: "java.util.UUID", Static: Methods{
			"randomUUID": func(*Call) any { return &UUID{uuid.New()} },
			"fromString": func(c *Call) any {
				id, err := uuid.Parse(c.Need(0))
				if err != nil {
					panic(c.Throw("java.lang.IllegalArgumentException", "Invalid UUID string: "+c.Text(0)))
				}
				return &UUID{id}
			},
			"nameUUIDFromBytes": func(c *Call) any { return &UUID{uuid.NewMD5(uuid.UUID{}, c.Bytes(0))} },
		}, Methods: Methods{
			"toString": func(c *Call) any { return c.This.(*UUID).String() },
			"version":  func(c *Call) any { return int(c.This.(*UUID).id.Version()) },
		}},
		{Name: "java.util.Objects", Static: Methods{
			"equals":   func(c *Call) any { return equal(c.Object(0), c.Object(1)) },
			"isNull":   func(c *Call) any { return c.Null(0) },
			"nonNull":  func(c *Call) any { return !c.Null(0) },
			"hash":     func(c *Call) any { return int(hashOf(c.Object(0))) },
			"toString": func(c *Call) any { return c.VM.Text(c.Object(0)) },
			"requireNonNull": func(c *Call) any {
				if c.Null(0) {
					panic(c.Throw("java.lang.NullPointerException", c.Text(1)))
				}
				return c.Arg(0)
			},
		}},
		{Name: "java.util.Properties", Super: "java.util.Map",
			New: func(*Call) any { return newMap("java.util.Properties", hashed) },
			Methods: Methods{
				"getProperty": func(c *Call) any {
					if v, ok := c.This.(*Map).Get(c.Need(0)); ok {
						return c.VM.Text(v)
					}
					if c.Len() > 1 {
						return Object(c.Object(1))
					}
					return nil
				},
				"setProperty":         func(c *Call) any { return Object(c.This.(*Map).Put(c, c.Need(0), c.Text(1))) },
				"stringPropertyNames": func(c *Call) any { return newView(c.This.(*Map), "java.util.Set", true, false) },
				"load":                loadProperties,
				"store":               storeProperties,
				"storeToXML":          storePropertiesToXML,
			}},
	}, append(append(base64Classes(), concurrency()...), textScanners()...)...)
}

// loadProperties reads a .properties file from a reader or stream.
func loadProperties(c *Call) any {
	text := ""
	switch r := c.Object(0).(type) {
	case *reader:
		text = r.rest(c)
	case *input:
		text = c.decode(r.rest(c), "ISO-8859-1")
	}
	propertiesIn(text, func(key, value string) { c.This.(*Map).Put(c, key, value) })
	return Void
}

// coder is a Base64 encoder or decoder.
type coder struct {
	encoding *base64.Encoding
	decodes  bool
	mime     bool
}

func (k *coder) JavaClass() string {
	if k.decodes {
		return "java.util.Base64.Decoder"
	}
	return "java.util.Base64.Encoder"
}

func base64Classes() []*Class {
	std := base64.StdEncoding
	make1 := func(k coder) func(*Call) any { return func(*Call) any { return &k } }
	return []*Class{
		{Name: "java.util.Base64", Static: Methods{
			"getEncoder": make1(coder{encoding: std}), "getDecoder": make1(coder{encoding: std, decodes: true}),
			"getUrlEncoder": make1(coder{encoding: base64.URLEncoding}), "getUrlDecoder": make1(coder{encoding: base64.URLEncoding, decodes: true}),
			"getMimeEncoder": make1(coder{encoding: std, mime: true}), "getMimeDecoder": make1(coder{encoding: std, decodes: true, mime: true}),
		}},
		{Name: "java.util.Base64.Encoder", Methods: Methods{
			"encodeToString": func(c *Call) any { return c.This.(*coder).encode(c.Bytes(0)) },
			"encode":         func(c *Call) any { return []byte(c.This.(*coder).encode(c.Bytes(0))) },
			"withoutPadding": func(c *Call) any {
				return &coder{encoding: c.This.(*coder).encoding.WithPadding(base64.NoPadding)}
			},
		}},
		{Name: "java.util.Base64.Decoder", Methods: Methods{
			"decode": func(c *Call) any {
				b, err := DecodeBase64(string(c.Bytes(0)))
				if err != nil {
					panic(c.Throw("java.lang.IllegalArgumentException", "Illegal base64 text"))
				}
				return b
			},
		}},
	}
}

func (k *coder) encode(b []byte) string {
	s := k.encoding.EncodeToString(b)
	if k.mime {
		s = strings.TrimSuffix(chunked(s), "\r\n")
	}
	return s
}

// chunked puts CRLF after every 76 characters and at the end.
func chunked(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	if s != "" {
		b.WriteString(s + "\r\n")
	}
	return b.String()
}

// DecodeBase64 reads Base64 in either alphabet, with or without padding, and
// passes over line ends and blanks.
func DecodeBase64(s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r == '=' || r <= ' ':
			return -1
		}
		return r
	}, s)
	return base64.RawStdEncoding.DecodeString(s)
}

// decodeLoosely reads Base64 as commons-codec does: what belongs to neither alphabet is
// skipped, and padding ends it.
func decodeLoosely(s string) []byte {
	s, _, _ = strings.Cut(s, "=")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r < 0x80 && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || r == '+' || r == '/'):
			return r
		}
		return -1
	}, s)
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// units of java.util.concurrent.TimeUnit.
var timeUnits = map[string]time.Duration{"NANOSECONDS": 1, "MICROSECONDS": time.Microsecond, "MILLISECONDS": time.Millisecond,
	"SECONDS": time.Second, "MINUTES": time.Minute, "HOURS": time.Hour, "DAYS": 24 * time.Hour}

// UnitOf returns how long a TimeUnit is.
func UnitOf(v any) time.Duration {
	if e, ok := v.(*Enum); ok {
		return timeUnits[e.name]
	}
	return time.Millisecond
}

// lock is a lock, of which a script that runs alone never has to wait.
type lock struct{ class string }

func (l *lock) JavaClass() string { return l.class }

// counter is an AtomicInteger or AtomicLong.
type counter struct {
	class string
	n     atomic.Int64
}

func (a *counter) JavaClass() string { return a.class }
func (a *counter) String() string    { return Text(a.n.Load()) }
func (a *counter) Float() float64    { return float64(a.n.Load()) }

func concurrency() []*Class {
	unit := NewEnum("java.util.concurrent.TimeUnit", nil, "NANOSECONDS", "MICROSECONDS", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS")
	unit.Methods["sleep"] = func(c *Call) any {
		c.VM.Sleep(Lasting(c.Float(0), UnitOf(c.This)))
		return Void
	}
	for name, d := range map[string]time.Duration{"toMillis": time.Millisecond, "toSeconds": time.Second,
		"toMinutes": time.Minute, "toHours": time.Hour, "toDays": 24 * time.Hour} {
		unit.Methods[name] = func(c *Call) any {
			return math.Trunc(c.Float(0) * float64(UnitOf(c.This)) / float64(d))
		}
	}
	classes := []*Class{unit}
	for _, name := range []string{"java.util.concurrent.locks.ReentrantLock", "java.util.concurrent.Semaphore"} {
		void := func(*Call) any { return Void }
		yes := func(*Call) any { return true }
		classes = append(classes, &Class{Name: name, New: func(*Call) any { return &lock{name} }, Methods: Methods{
			"lock": void, "unlock": void, "acquire": void, "release": void, "tryLock": yes, "tryAcquire": yes,
		}})
	}
	for _, name := range []string{"java.util.concurrent.atomic.AtomicInteger", "java.util.concurrent.atomic.AtomicLong"} {
		on := func(f func(a *counter, c *Call) any) func(*Call) any {
			return func(c *Call) any { return f(c.This.(*counter), c) }
		}
		classes = append(classes, &Class{Name: name, Super: "java.lang.Number",
			New: func(c *Call) any {
				a := &counter{class: name}
				if c.Len() > 0 {
					a.n.Store(int64(c.Float(0)))
				}
				return a
			},
			Methods: Methods{
				"get":             on(func(a *counter, c *Call) any { return a.n.Load() }),
				"set":             on(func(a *counter, c *Call) any { a.n.Store(int64(c.Float(0))); return Void }),
				"incrementAndGet": on(func(a *counter, c *Call) any { return a.n.Add(1) }),
				"decrementAndGet": on(func(a *counter, c *Call) any { return a.n.Add(-1) }),
				"getAndIncrement": on(func(a *counter, c *Call) any { return a.n.Add(1) - 1 }),
				"getAndDecrement": on(func(a *counter, c *Call) any { return a.n.Add(-1) + 1 }),
				"addAndGet":       on(func(a *counter, c *Call) any { return a.n.Add(int64(c.Float(0))) }),
				"getAndAdd":       on(func(a *counter, c *Call) any { n := int64(c.Float(0)); return a.n.Add(n) - n }),
				"compareAndSet":   on(func(a *counter, c *Call) any { return a.n.CompareAndSwap(int64(c.Float(0)), int64(c.Float(1))) }),
				"toString":        on(func(a *counter, c *Call) any { return a.String() }),
			}})
	}
	return classes
}
