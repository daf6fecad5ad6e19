package java

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	encodinghex "encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// commonsFamilies are the packages whose classes are the same: lang3, and lang
// before it.
var commonsFamilies = []string{"org.apache.commons.lang3.", "org.apache.commons.lang."}

func commonsClasses() []*Class {
	var classes []*Class
	escape := merged(escapeUtils(), moreEscapes())
	for _, pkg := range commonsFamilies {
		classes = append(classes,
			&Class{Name: pkg + "StringUtils", Static: merged(stringUtils(), moreStringUtils()), Constants: map[string]any{
				"EMPTY": "", "SPACE": " ", "LF": "\n", "CR": "\r", "INDEX_NOT_FOUND": -1}},
			&Class{Name: pkg + "StringEscapeUtils", Static: escape},
			&Class{Name: pkg + "ArrayUtils", Static: merged(arrayUtils(), moreArrayUtils())},
			&Class{Name: pkg + "math.NumberUtils", Static: merged(numberUtils(), moreNumberUtils())},
			&Class{Name: pkg + "exception.ExceptionUtils", Static: exceptionUtils()},
			&Class{Name: pkg + "BooleanUtils", Static: booleanUtils()},
			&Class{Name: pkg + "ObjectUtils", Static: objectUtils()},
			&Class{Name: pkg + "RandomStringUtils", Static: randomStrings()},
			&Class{Name: pkg + "CharUtils", Static: charUtils()},
			&Class{Name: pkg + "WordUtils", Static: wordUtils()}, &Class{Name: pkg + "text.WordUtils", Static: wordUtils()},
			&Class{Name: pkg + "time.DateUtils", Static: dateUtils(), Constants: map[string]any{"MILLIS_PER_SECOND": 1000.0,
				"MILLIS_PER_MINUTE": 60000.0, "MILLIS_PER_HOUR": 3600000.0, "MILLIS_PER_DAY": 86400000.0}},
			&Class{Name: pkg + "time.DateFormatUtils", Static: dateFormatUtils(), Constants: dateFormatConstants()},
			&Class{Name: pkg + "time.FastDateFormat", Super: "java.text.SimpleDateFormat", Static: Methods{"getInstance": func(c *Call) any {
				d := &dateFormat{pattern: c.Need(0), format: c.datePattern(c.Need(0)), loc: time.Local}
				if z, ok := c.Object(1).(*TimeZone); ok {
					d.loc = z.loc
				}
				return d
			}}},
		)
	}
	digests := hashMethods()
	for name, h := range map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha": sha1.New, "sha256": sha256.New, "sha384": sha512.New384,
		"sha512": sha512.New, "sha512_256": sha512.New512_256} {
		digests["get"+strings.ToUpper(name[:1])+name[1:]+"Digest"] = func(c *Call) any {
			return &digester{class: "java.security.MessageDigest", name: strings.ToUpper(name), h: h()}
		}
	}
	return append(classes,
		&Class{Name: "org.apache.commons.text.StringEscapeUtils", Static: escape},
		&Class{Name: "org.apache.commons.text.WordUtils", Static: wordUtils()},
		commonsBase64("org.apache.commons.codec.binary.Base64"),
		&Class{Name: "org.apache.commons.codec.digest.DigestUtils", Static: digests},
		&Class{Name: "org.apache.commons.codec.binary.Hex", New: func(*Call) any { return &object{"org.apache.commons.codec.binary.Hex"} },
			Static: hexMethods()},
		&Class{Name: "org.apache.commons.codec.binary.StringUtils", Static: Methods{
			"getBytesUtf8":  func(c *Call) any { return []byte(c.Text(0)) },
			"newStringUtf8": func(c *Call) any { return c.decode(c.Bytes(0), "UTF-8") },
		}},
	)
}

func hexMethods() Methods {
	return Methods{
		"encodeHexString": func(c *Call) any {
			if c.Len() > 1 && !c.Bool(1) {
				return strings.ToUpper(hexText(c.Bytes(0)))
			}
			return hexText(c.Bytes(0))
		},
		"encodeHex": func(c *Call) any {
			text := hexText(c.Bytes(0))
			if c.Len() > 1 && !c.Bool(1) {
				text = strings.ToUpper(text)
			}
			return toCharArray(text, c)
		},
		"decodeHex": func(c *Call) any {
			text := c.Text(0)
			if a, ok := c.Object(0).(*Array); ok {
				text = c.VM.JoinTexts(a.items, "")
			}
			if len(text)%2 != 0 {
				panic(c.Throw("org.apache.commons.codec.DecoderException", "Odd number of characters."))
			}
			b, err := encodinghex.DecodeString(text)
			if err != nil {
				at := strings.IndexFunc(text, func(r rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, r) })
				panic(c.Throw("org.apache.commons.codec.DecoderException", "Illegal hexadecimal character "+text[at:at+1]+" at index "+strconv.Itoa(at)))
			}
			return b
		},
	}
}

func exceptionUtils() Methods {
	text := func(c *Call) any {
		if t := Thrown(c.Arg(0)); t != nil {
			return t.String()
		}
		return c.Text(0)
	}
	return Methods{"getStackTrace": text, "getMessage": text, "getFullStackTrace": text, "getRootCauseMessage": text}
}
