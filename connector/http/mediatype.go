package http

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/wire/httpbody"
)

// binaryDefault is Mirth's pattern of types that are bytes, not text.
const binaryDefault = `application/.*(?<!json|xml)$|image/.*|video/.*|audio/.*`

// charsetOf returns the character set that a type names, or fallback.
func charsetOf(t httpbody.MediaType, fallback string) (charset.Charset, error) {
	name := t.Param("charset")
	if name == "" {
		name = fallback
	}
	return charset.Lookup(strings.Trim(name, "'"))
}

// binaryTypes tells bytes from text by the media type.
type binaryTypes struct {
	pattern  *regexp2.Regexp // matches the whole type
	prefixes []string
	last     *atomic.Pointer[matched] // senders rarely use more types than one
}

// matched is what a pattern says about a type.
type matched struct {
	name string
	ok   bool
}

// binaryTypesOf reads the settings: a regular expression of Java, or a list of
// beginnings separated by commas. at names the setting.
func binaryTypesOf(text string, regex bool, at string) (binaryTypes, error) {
	var b binaryTypes
	if !regex {
		for _, p := range strings.Split(text, ",") {
			if p = strings.TrimSpace(p); p != "" {
				b.prefixes = append(b.prefixes, p)
			}
		}
		return b, nil
	}
	pattern, err := regexp2.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return b, &weir.Fault{At: at, Err: errors.New("the pattern of binary types is no regular expression"),
			Hint: "Write a regular expression, or turn the regular expression off and list beginnings of types."}
	}
	pattern.MatchTimeout = time.Second
	b.pattern, b.last = pattern, new(atomic.Pointer[matched])
	return b, nil
}

func (b binaryTypes) match(t httpbody.MediaType) bool {
	if b.pattern != nil {
		last := b.last.Load()
		if last == nil || last.name != t.Name {
			ok, err := b.pattern.MatchString(t.Name)
			last = &matched{t.Name, ok && err == nil}
			b.last.Store(last)
		}
		return last.ok
	}
	for _, p := range b.prefixes {
		if strings.HasPrefix(t.Name, p) {
			return true
		}
	}
	return false
}
