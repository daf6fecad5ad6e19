package script

import (
	"encoding/base64"
	"strings"

	"github.com/weir-health/weir/internal/script/java"
)

const encryptionException = "com.mirth.commons.encryption.EncryptionException"

// encryptionHeader stands before what EncryptionUtil has encrypted as text and is
// the header of what it has encrypted as bytes. It tells ours from Mirth's, whose
// key we do not have.
const encryptionHeader = "{alg=WEIR}"

// encryptedData is an EncryptedData.
type encryptedData struct {
	header string
	data   []byte
}

func (*encryptedData) JavaClass() string { return "com.mirth.connect.server.userutil.EncryptedData" }

func encryptionClasses() []*java.Class {
	const pkg = "com.mirth.connect.server.userutil."
	return []*java.Class{
		{Name: pkg + "EncryptionUtil", Static: java.Methods{"encrypt": encrypt, "decrypt": decrypt}},
		{Name: pkg + "EncryptedData",
			New: func(c *java.Call) any { return &encryptedData{c.Text(0), c.Bytes(1)} },
			Methods: java.Methods{
				"getHeader":        func(c *java.Call) any { return c.This.(*encryptedData).header },
				"getEncryptedData": func(c *java.Call) any { return c.This.(*encryptedData).data },
			}},
	}
}

// encryption returns the engine's keys.
func encryption(c *java.Call) Encryption {
	e, ok := runOf(c).host(c).(Encryption)
	if !ok {
		panic(encryptionFault(c, "the engine has no keys here"))
	}
	return e
}

func encryptionFault(c *java.Call, text string) any {
	return c.VM.ThrowJava(&java.Throwable{Class: encryptionException, Message: text, HasText: true, Plain: true})
}

// encrypt makes text of a String, and EncryptedData of bytes.
func encrypt(c *java.Call) any {
	b, isBytes := c.Object(0).([]byte)
	if !isBytes {
		b = []byte(c.Need(0))
	}
	sealed, err := encryption(c).Encrypt(b)
	if err != nil {
		panic(encryptionFault(c, err.Error()))
	}
	if isBytes {
		return &encryptedData{encryptionHeader, sealed}
	}
	return encryptionHeader + base64.StdEncoding.EncodeToString(sealed)
}

// decrypt takes what encrypt has made: a text, or a header and bytes.
func decrypt(c *java.Call) any {
	const foreign = "this was not encrypted by Weir; encrypt it anew with EncryptionUtil.encrypt"
	text := c.Need(0)
	sealed, asBytes := []byte(nil), c.Len() > 1
	if asBytes {
		if text != encryptionHeader {
			panic(encryptionFault(c, foreign))
		}
		sealed = c.Bytes(1)
	} else {
		body, ok := strings.CutPrefix(text, encryptionHeader)
		if ok {
			var err error
			sealed, err = base64.StdEncoding.DecodeString(body)
			ok = err == nil
		}
		if !ok {
			panic(encryptionFault(c, foreign))
		}
	}
	plain, err := encryption(c).Decrypt(sealed)
	if err != nil {
		panic(encryptionFault(c, err.Error()))
	}
	if asBytes {
		return plain
	}
	return string(plain)
}
