package java

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	encodinghex "encoding/hex"
	"hash"
	"hash/crc32"
	"strings"
)

// hashes are the algorithms by Java's names, without dashes.
var hashes = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA": sha1.New, "SHA1": sha1.New, "SHA224": sha256.New224, "SHA256": sha256.New,
	"SHA384": sha512.New384, "SHA512": sha512.New,
}

func (c *Call) hash(algorithm string) func() hash.Hash {
	h := hashes[strings.ReplaceAll(strings.ToUpper(algorithm), "-", "")]
	if h == nil {
		panic(c.Throw("java.security.NoSuchAlgorithmException", algorithm+" MessageDigest not available"))
	}
	return h
}

func digest(h func() hash.Hash, b []byte) []byte {
	d := h()
	d.Write(b)
	return d.Sum(nil)
}

// digester is a MessageDigest, Mac or CRC32 under way.
type digester struct {
	class string
	name  string
	h     hash.Hash
}

func (d *digester) JavaClass() string { return d.class }

func securityClasses() []*Class {
	finish := func(c *Call) any {
		d := c.This.(*digester)
		if c.Len() > 0 {
			d.h.Write(c.Bytes(0))
		}
		sum := d.h.Sum(nil)
		d.h.Reset()
		return sum
	}
	update := func(c *Call) any {
		d := c.This.(*digester)
		b := []byte(nil)
		if c.IsNumber(0) {
			b = []byte{byte(c.Int(0))}
		} else {
			b = c.Bytes(0)
		}
		if from, n := c.Int(1), c.Int(2); c.Len() == 3 && from >= 0 && n >= 0 && from+n <= len(b) {
			b = b[from : from+n]
		}
		d.h.Write(b)
		return Void
	}
	reset := func(c *Call) any { c.This.(*digester).h.Reset(); return Void }
	return []*Class{
		{Name: "java.security.MessageDigest", Static: Methods{
			"getInstance": func(c *Call) any {
				return &digester{class: "java.security.MessageDigest", name: c.Need(0), h: c.hash(c.Need(0))()}
			},
			"isEqual": func(c *Call) any { return hmac.Equal(c.Bytes(0), c.Bytes(1)) },
		}, Methods: Methods{"digest": finish, "update": update, "reset": reset,
			"getAlgorithm": func(c *Call) any { return c.This.(*digester).name }}},
		{Name: "javax.crypto.Mac", Static: Methods{"getInstance": func(c *Call) any {
			name := strings.TrimPrefix(strings.ToUpper(c.Need(0)), "HMAC")
			c.hash(name)
			return &digester{class: "javax.crypto.Mac", name: name}
		}}, Methods: Methods{
			"init": func(c *Call) any {
				d := c.This.(*digester)
				k, ok := c.Object(0).(*key)
				if !ok {
					panic(c.Throw("java.security.InvalidKeyException", "No installed provider supports this key: (null)"))
				}
				d.h = hmac.New(c.hash(d.name), k.raw)
				return Void
			},
			"doFinal": finish, "update": update, "reset": reset,
		}},
		{Name: "java.util.zip.CRC32", New: func(*Call) any { return &digester{class: "java.util.zip.CRC32", h: crc32.NewIEEE()} },
			Methods: Methods{"update": update, "reset": reset,
				"getValue": func(c *Call) any { return float64(c.This.(*digester).h.(hash.Hash32).Sum32()) }}},
	}
}

// hexText is the lower-case hexadecimal form.
func hexText(b []byte) string { return encodinghex.EncodeToString(b) }

// hashMethods are the static methods of a class such as DigestUtils: md5Hex,
// sha256, and so on.
func hashMethods() Methods {
	m := Methods{}
	for name, algorithm := range map[string]string{"md5": "MD5", "sha": "SHA1", "sha1": "SHA1", "sha256": "SHA256",
		"sha384": "SHA384", "sha512": "SHA512"} {
		m[name] = func(c *Call) any { return digest(hashes[algorithm], c.Bytes(0)) }
		m[name+"Hex"] = func(c *Call) any { return hexText(digest(hashes[algorithm], c.Bytes(0))) }
	}
	return m
}

// commonsBase64 is org.apache.commons.codec.binary.Base64.
func commonsBase64(name string) *Class {
	encode := func(enc *base64.Encoding, chunk bool) func(*Call) string {
		return func(c *Call) string {
			s := enc.EncodeToString(c.Bytes(0))
			if chunk || c.Len() > 1 && c.Bool(1) {
				s = chunked(s)
			}
			return s
		}
	}
	text := func(f func(*Call) string) func(*Call) any { return func(c *Call) any { return f(c) } }
	bytes := func(f func(*Call) string) func(*Call) any { return func(c *Call) any { return []byte(f(c)) } }
	decode := func(c *Call) any { return decodeLoosely(string(c.Bytes(0))) }
	std, web := encode(base64.StdEncoding, false), encode(base64.RawURLEncoding, false)
	methods := Methods{
		"encodeBase64": bytes(std), "encodeBase64String": text(std), "encodeBase64URLSafeString": text(web),
		"encodeBase64URLSafe": bytes(web), "encodeBase64Chunked": bytes(encode(base64.StdEncoding, true)),
		"decodeBase64": decode, "encode": bytes(std), "encodeToString": text(std), "encodeAsString": text(std), "decode": decode,
		"isBase64": func(c *Call) any { _, err := DecodeBase64(string(c.Bytes(0))); return err == nil },
	}
	return &Class{Name: name, New: func(*Call) any { return &object{name} }, Static: methods}
}

// object is an instance of a class that has no state.
type object struct{ class string }

func (o *object) JavaClass() string { return o.class }
