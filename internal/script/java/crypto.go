package java

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"math/big"
	"strconv"
	"strings"
)

// key is a key of any kind: SecretKeySpec, or one of a pair.
type key struct {
	class     string
	algorithm string
	raw       []byte // getEncoded
	private   any    // *rsa.PrivateKey or *ecdsa.PrivateKey
	public    any
}

func (k *key) JavaClass() string { return k.class }

// parameters are those of a cipher or key: an IvParameterSpec, GCMParameterSpec,
// PBEKeySpec, PKCS8EncodedKeySpec or X509EncodedKeySpec.
type parameters struct {
	class      string
	bytes      []byte
	password   string
	iterations int
	bits       int
}

func (s *parameters) JavaClass() string { return s.class }

// blockCipher is a Cipher.
type blockCipher struct {
	name, mode, padding string
	encrypts            bool
	ready               bool
	block               cipher.Block
	iv                  []byte
	tag                 int
	public              *rsa.PublicKey
	private             *rsa.PrivateKey
	data, aad           []byte
}

func (*blockCipher) JavaClass() string { return "javax.crypto.Cipher" }

// signer is a Signature.
type signer struct {
	algorithm string
	hash      crypto.Hash
	k         *key
	data      []byte
}

func (*signer) JavaClass() string { return "java.security.Signature" }

// maxRounds bounds PBKDF2, which no script can be stopped in: its iterations for
// all blocks of the key together.
const maxRounds = 5_000_000

func cryptoClasses() []*Class {
	classes := []*Class{cipherClass(), signatureClass(), keyFactoryClass(), secretKeyFactoryClass(), keyGeneratorClass(), keyPairGeneratorClass()}
	encoded := Methods{
		"getEncoded":   func(c *Call) any { return append([]byte(nil), c.This.(*key).raw...) },
		"getAlgorithm": func(c *Call) any { return c.This.(*key).algorithm },
		"getFormat": func(c *Call) any {
			switch k := c.This.(*key); {
			case k.private != nil:
				return "PKCS#8"
			case k.public != nil:
				return "X.509"
			}
			return "RAW"
		},
	}
	const secret = "javax.crypto.spec.SecretKeySpec"
	classes = append(classes,
		&Class{Name: secret, Implements: []string{"javax.crypto.SecretKey", "java.security.Key"}, Methods: encoded, New: func(c *Call) any {
			b, algorithm := c.Bytes(0), c.Text(1)
			if c.Len() > 3 {
				from, n := c.Int(1), c.Int(2)
				if from < 0 || n < 0 || from+n > len(b) {
					panic(c.Throw("java.lang.IllegalArgumentException", "Invalid offset/length combination"))
				}
				b, algorithm = b[from:from+n], c.Text(3)
			}
			if len(b) == 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Empty key"))
			}
			return &key{class: secret, algorithm: algorithm, raw: append([]byte(nil), b...)}
		}},
		&Class{Name: "java.security.PrivateKey", Implements: []string{"java.security.Key"}, Methods: encoded},
		&Class{Name: "java.security.PublicKey", Implements: []string{"java.security.Key"}, Methods: encoded},
		&Class{Name: "java.security.KeyPair", Methods: Methods{
			"getPrivate": func(c *Call) any { k := *c.This.(*key); k.class = "java.security.PrivateKey"; return &k },
			"getPublic":  func(c *Call) any { return publicKey(c, c.This.(*key).public) },
		}},
		&Class{Name: "java.security.Security", Static: Methods{
			// Every algorithm there is here is there without a provider.
			"addProvider": func(*Call) any { return 1 }, "insertProviderAt": func(*Call) any { return 1 }, "getProvider": func(*Call) any { return nil },
		}},
		&Class{Name: "org.bouncycastle.jce.provider.BouncyCastleProvider", New: func(*Call) any {
			return &object{"org.bouncycastle.jce.provider.BouncyCastleProvider"}
		}},
		&Class{Name: "java.security.KeyStore", Instead: "key stores are files of the server, which scripts do not open; give the key as text, and java.security.KeyFactory reads it"},
		&Class{Name: "javax.xml.bind.DatatypeConverter", Static: Methods{
			"printBase64Binary": func(c *Call) any { return base64.StdEncoding.EncodeToString(c.Bytes(0)) },
			"parseBase64Binary": func(c *Call) any {
				b, err := DecodeBase64(c.Need(0))
				if err != nil {
					return []byte{}
				}
				return b
			},
			"printHexBinary": func(c *Call) any { return strings.ToUpper(hexText(c.Bytes(0))) },
			"parseHexBinary": func(c *Call) any {
				b, ok := new(big.Int).SetString("1"+c.Need(0), 16)
				if len(c.Text(0))%2 != 0 {
					panic(c.Throw("java.lang.IllegalArgumentException", "hexBinary needs to be even-length: "+c.Text(0)))
				}
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", "contains illegal character for hexBinary: "+c.Text(0)))
				}
				return b.Bytes()[1:]
			},
			"parseInt":     func(c *Call) any { n, _ := strconv.Atoi(strings.TrimSpace(c.Text(0))); return n },
			"parseBoolean": func(c *Call) any { s := strings.TrimSpace(c.Text(0)); return s == "true" || s == "1" },
			"printInt":     func(c *Call) any { return strconv.Itoa(c.Int(0)) },
		}},
		&Class{Name: "java.util.zip.Adler32", New: func(*Call) any { return &digester{class: "java.util.zip.Adler32", h: adler32.New()} },
			Methods: Methods{
				"update":   func(c *Call) any { c.This.(*digester).h.Write(c.Bytes(0)); return Void },
				"reset":    func(c *Call) any { c.This.(*digester).h.Reset(); return Void },
				"getValue": func(c *Call) any { return float64(c.This.(*digester).h.(hash.Hash32).Sum32()) },
			}},
	)
	for name, make1 := range map[string]func(c *Call) *parameters{
		"javax.crypto.spec.IvParameterSpec":      func(c *Call) *parameters { return &parameters{bytes: c.Bytes(0)} },
		"javax.crypto.spec.GCMParameterSpec":     func(c *Call) *parameters { return &parameters{bits: c.Int(0), bytes: c.Bytes(1)} },
		"java.security.spec.PKCS8EncodedKeySpec": func(c *Call) *parameters { return &parameters{bytes: c.Bytes(0)} },
		"java.security.spec.X509EncodedKeySpec":  func(c *Call) *parameters { return &parameters{bytes: c.Bytes(0)} },
		"javax.crypto.spec.DESedeKeySpec": func(c *Call) *parameters {
			b := c.Bytes(0)
			if len(b) < 24 {
				panic(c.Throw("java.security.InvalidKeyException", "Wrong key size"))
			}
			return &parameters{bytes: b[:24]}
		},
		"javax.crypto.spec.PBEKeySpec": func(c *Call) *parameters {
			s := &parameters{password: c.Text(0), iterations: c.Int(2), bits: c.Int(3)}
			if a, ok := c.Object(0).(*Array); ok {
				s.password = c.VM.JoinTexts(a.items, "")
			}
			if c.Len() > 1 {
				s.bytes = c.Bytes(1)
			}
			return s
		},
	} {
		classes = append(classes, &Class{Name: name, New: func(c *Call) any { s := make1(c); s.class = name; return s },
			Methods: Methods{"getIV": func(c *Call) any { return c.This.(*parameters).bytes }, "getEncoded": func(c *Call) any { return c.This.(*parameters).bytes },
				"clearPassword": func(c *Call) any { c.This.(*parameters).password = ""; return Void }}})
	}
	return classes
}

func cipherClass() *Class {
	on := func(f func(k *blockCipher, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*blockCipher), c) }
	}
	return &Class{Name: "javax.crypto.Cipher", Constants: map[string]any{"ENCRYPT_MODE": 1, "DECRYPT_MODE": 2, "WRAP_MODE": 3, "UNWRAP_MODE": 4},
		Static: Methods{
			"getInstance":            newCipher,
			"getMaxAllowedKeyLength": func(*Call) any { return 2147483647 },
		},
		Methods: Methods{
			"init": on(initCipher),
			"update": on(func(k *blockCipher, c *Call) any {
				k.data = append(k.data, slice(c)...)
				return []byte{}
			}),
			"updateAAD": on(func(k *blockCipher, c *Call) any { k.aad = append(k.aad, c.Bytes(0)...); return Void }),
			"doFinal": on(func(k *blockCipher, c *Call) any {
				if !k.ready {
					panic(c.Throw("java.lang.IllegalStateException", "Cipher not initialized"))
				}
				if c.Len() > 0 {
					k.data = append(k.data, slice(c)...)
				}
				data := k.data
				k.data = nil
				return k.run(c, data)
			}),
			"getIV": on(func(k *blockCipher, c *Call) any { return k.iv }),
			"getBlockSize": on(func(k *blockCipher, c *Call) any {
				if k.block == nil {
					return 0
				}
				return k.block.BlockSize()
			}),
			"getAlgorithm": on(func(k *blockCipher, c *Call) any { return k.name + "/" + k.mode + "/" + k.padding }),
		}}
}

// slice reads bytes with an optional range.
func slice(c *Call) []byte {
	b := c.Bytes(0)
	if from, n := c.Int(1), c.Int(2); c.Len() >= 3 {
		if from < 0 || n < 0 || from+n > len(b) {
			panic(c.Throw("java.lang.IllegalArgumentException", "Bad arguments"))
		}
		b = b[from : from+n]
	}
	return b
}

func newCipher(c *Call) any {
	name := c.Need(0)
	parts := strings.Split(name, "/")
	k := &blockCipher{name: strings.ToUpper(parts[0]), mode: "ECB", padding: "PKCS5PADDING"}
	if k.name == "RSA" {
		k.padding = "PKCS1PADDING"
	}
	if len(parts) == 3 {
		k.mode, k.padding = strings.ToUpper(parts[1]), strings.ToUpper(parts[2])
	}
	known := map[string]string{"AES": "ECB CBC CTR GCM", "DESEDE": "ECB CBC", "DES": "ECB CBC", "TRIPLEDES": "ECB CBC", "RSA": "ECB NONE"}[k.name]
	if !strings.Contains(" "+known+" ", " "+k.mode+" ") || len(parts) == 2 {
		panic(c.Throw("java.security.NoSuchAlgorithmException", "Cannot find any provider supporting "+name))
	}
	if k.padding == "PKCS7PADDING" {
		k.padding = "PKCS5PADDING"
	}
	if k.padding != "PKCS5PADDING" && k.padding != "NOPADDING" && (k.name != "RSA" || k.padding != "PKCS1PADDING" && !strings.HasPrefix(k.padding, "OAEP")) {
		panic(c.Throw("javax.crypto.NoSuchPaddingException", "Padding "+parts[2]+" not implemented"))
	}
	return k
}

func initCipher(k *blockCipher, c *Call) any {
	mode := c.Int(0)
	given, ok := c.Object(1).(*key)
	if !ok {
		panic(c.Throw("java.security.InvalidKeyException", "No installed provider supports this key: (null)"))
	}
	k.encrypts, k.ready, k.data, k.aad, k.iv, k.tag = mode == 1, true, nil, nil, nil, 16
	if k.name == "RSA" {
		k.public, _ = given.public.(*rsa.PublicKey)
		k.private, _ = given.private.(*rsa.PrivateKey)
		if k.public == nil && k.private == nil {
			panic(c.Throw("java.security.InvalidKeyException", "No installed provider supports this key: "+given.class))
		}
		return Void
	}
	var err error
	switch k.name {
	case "AES":
		k.block, err = aes.NewCipher(given.raw)
	case "DES":
		k.block, err = des.NewCipher(given.raw)
	default:
		k.block, err = des.NewTripleDESCipher(given.raw)
	}
	if err != nil {
		kind := "Invalid AES key length: "
		if k.name != "AES" {
			kind = "Invalid key length: "
		}
		panic(c.Throw("java.security.InvalidKeyException", kind+strconv.Itoa(len(given.raw))+" bytes"))
	}
	if s, ok := c.Object(2).(*parameters); ok && c.Len() > 2 {
		k.iv = s.bytes
		if s.bits > 0 {
			k.tag = s.bits / 8
		}
	}
	size := k.block.BlockSize()
	switch {
	case k.mode == "ECB":
		return Void
	case k.iv == nil && !k.encrypts:
		panic(c.Throw("java.security.InvalidKeyException", "Parameters missing"))
	case k.iv == nil:
		n := size
		if k.mode == "GCM" {
			n = 12
		}
		k.iv = make([]byte, n)
		_, _ = rand.Read(k.iv) // which never fails
	case k.mode != "GCM" && len(k.iv) != size:
		panic(c.Throw("java.security.InvalidAlgorithmParameterException", "Wrong IV length: must be "+strconv.Itoa(size)+" bytes long"))
	case len(k.iv) == 0:
		panic(c.Throw("java.security.InvalidAlgorithmParameterException", "Wrong IV length: must be positive"))
	}
	return Void
}

func (k *blockCipher) run(c *Call, data []byte) []byte {
	if k.name == "RSA" {
		return k.rsa(c, data)
	}
	size := k.block.BlockSize()
	switch k.mode {
	case "GCM":
		if k.tag < 12 || k.tag > 16 {
			panic(c.Throw("java.security.InvalidAlgorithmParameterException", "Unsupported TLen value. Must be one of {128, 120, 112, 104, 96}"))
		}
		aead, err := cipher.NewGCMWithTagSize(k.block, k.tag)
		if len(k.iv) != 12 {
			aead, err = cipher.NewGCMWithNonceSize(k.block, len(k.iv))
		}
		if err != nil {
			panic(c.Throw("java.security.InvalidAlgorithmParameterException", "the parameters do not fit each other"))
		}
		if k.encrypts {
			return aead.Seal(nil, k.iv, data, k.aad)
		}
		out, err := aead.Open(nil, k.iv, data, k.aad)
		if err != nil {
			panic(c.Throw("javax.crypto.AEADBadTagException", "Tag mismatch!"))
		}
		return out
	case "CTR":
		out := make([]byte, len(data))
		cipher.NewCTR(k.block, k.iv).XORKeyStream(out, data)
		return out
	}
	pads := k.padding == "PKCS5PADDING"
	if k.encrypts && pads {
		n := size - len(data)%size
		data = append(append([]byte(nil), data...), strings.Repeat(string(rune(n)), n)...)
	}
	if len(data)%size != 0 {
		text := "Input length not multiple of " + strconv.Itoa(size) + " bytes"
		if !k.encrypts && pads {
			text = "Input length must be multiple of " + strconv.Itoa(size) + " when decrypting with padded cipher"
		}
		panic(c.Throw("javax.crypto.IllegalBlockSizeException", text))
	}
	out := make([]byte, len(data))
	switch {
	case k.mode == "CBC" && k.encrypts:
		cipher.NewCBCEncrypter(k.block, k.iv).CryptBlocks(out, data)
	case k.mode == "CBC":
		cipher.NewCBCDecrypter(k.block, k.iv).CryptBlocks(out, data)
	default:
		for i := 0; i < len(data); i += size {
			if k.encrypts {
				k.block.Encrypt(out[i:], data[i:])
			} else {
				k.block.Decrypt(out[i:], data[i:])
			}
		}
	}
	if k.encrypts || !pads || len(out) == 0 {
		return out
	}
	n := int(out[len(out)-1])
	if n == 0 || n > size || strings.Trim(string(out[len(out)-n:]), string(out[len(out)-1:])) != "" {
		panic(c.Throw("javax.crypto.BadPaddingException", "Given final block not properly padded. Such issues can arise if a bad key is used during decryption."))
	}
	return out[:len(out)-n]
}

func (k *blockCipher) rsa(c *Call, data []byte) []byte {
	var out []byte
	var err error
	oaep := strings.HasPrefix(k.padding, "OAEP")
	h := sha1.New
	if strings.Contains(k.padding, "SHA-256") {
		h = sha256.New
	}
	switch {
	case k.encrypts && k.public != nil && oaep:
		out, err = rsa.EncryptOAEP(h(), rand.Reader, k.public, data, nil)
	case k.encrypts && k.public != nil && k.padding == "PKCS1PADDING":
		//lint:ignore SA1019 what channels name is what their partners expect
		out, err = rsa.EncryptPKCS1v15(rand.Reader, k.public, data)
	case !k.encrypts && k.private != nil && oaep:
		out, err = rsa.DecryptOAEP(h(), rand.Reader, k.private, data, nil)
	case !k.encrypts && k.private != nil && k.padding == "PKCS1PADDING":
		//lint:ignore SA1019 likewise
		out, err = rsa.DecryptPKCS1v15(rand.Reader, k.private, data)
	default:
		err = errors.ErrUnsupported
	}
	switch {
	case errors.Is(err, rsa.ErrMessageTooLong):
		panic(c.Throw("javax.crypto.IllegalBlockSizeException", "Data must not be longer than "+strconv.Itoa(k.public.Size()-11)+" bytes"))
	case errors.Is(err, errors.ErrUnsupported):
		panic(c.Throw("java.security.InvalidKeyException", "RSA encrypts with a public key and decrypts with a private one here; java.security.Signature signs"))
	case err != nil:
		panic(c.Throw("javax.crypto.BadPaddingException", "Decryption error"))
	}
	return out
}

// signatureHashes are the digests of signatures by their names.
var signatureHashes = map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA224": crypto.SHA224, "SHA256": crypto.SHA256, "SHA384": crypto.SHA384,
	"SHA512": crypto.SHA512, "MD5": crypto.MD5}

func signatureClass() *Class {
	on := func(f func(s *signer, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*signer), c) }
	}
	start := on(func(s *signer, c *Call) any {
		k, ok := c.Object(0).(*key)
		if !ok {
			panic(c.Throw("java.security.InvalidKeyException", "No installed provider supports this key: (null)"))
		}
		s.k, s.data = k, nil
		return Void
	})
	digest := func(s *signer, c *Call) []byte {
		if s.k == nil {
			panic(c.Throw("java.security.SignatureException", "object not initialized for signature or verification"))
		}
		h := s.hash.New()
		h.Write(s.data)
		s.data = nil
		return h.Sum(nil)
	}
	return &Class{Name: "java.security.Signature",
		Static: Methods{"getInstance": func(c *Call) any {
			name := c.Need(0)
			digestName, kind, _ := strings.Cut(strings.ToUpper(strings.ReplaceAll(name, "-", "")), "WITH")
			h, ok := signatureHashes[digestName]
			if !ok || !strings.HasPrefix(kind, "RSA") && !strings.HasPrefix(kind, "ECDSA") {
				panic(c.Throw("java.security.NoSuchAlgorithmException", name+" Signature not available"))
			}
			return &signer{algorithm: name, hash: h}
		}},
		Methods: Methods{
			"initSign": start, "initVerify": start,
			"update": on(func(s *signer, c *Call) any {
				if c.IsNumber(0) {
					s.data = append(s.data, byte(c.Int(0)))
				} else {
					s.data = append(s.data, slice(c)...)
				}
				return Void
			}),
			"sign": on(func(s *signer, c *Call) any {
				sum := digest(s, c)
				var out []byte
				err := errors.ErrUnsupported
				switch private := s.k.private.(type) {
				case *rsa.PrivateKey:
					out, err = rsa.SignPKCS1v15(rand.Reader, private, s.hash, sum)
				case *ecdsa.PrivateKey:
					out, err = ecdsa.SignASN1(rand.Reader, private, sum)
				}
				if err != nil {
					panic(c.Throw("java.security.SignatureException", "the key cannot sign with "+s.algorithm))
				}
				return out
			}),
			"verify": on(func(s *signer, c *Call) any {
				sum := digest(s, c)
				switch public := s.k.public.(type) {
				case *rsa.PublicKey:
					return rsa.VerifyPKCS1v15(public, s.hash, sum, c.Bytes(0)) == nil
				case *ecdsa.PublicKey:
					return ecdsa.VerifyASN1(public, sum, c.Bytes(0))
				}
				return false
			}),
			"getAlgorithm": on(func(s *signer, c *Call) any { return s.algorithm }),
		}}
}

// keyMaker is a KeyFactory, SecretKeyFactory, KeyGenerator or KeyPairGenerator.
type keyMaker struct {
	class, algorithm string
	bits             int
}

func (m *keyMaker) JavaClass() string { return m.class }

func makerOf(class string, known ...string) Methods {
	return Methods{"getInstance": func(c *Call) any {
		for _, k := range known {
			if strings.EqualFold(k, c.Need(0)) || strings.HasSuffix(k, "*") && strings.HasPrefix(strings.ToUpper(c.Text(0)), strings.TrimSuffix(k, "*")) {
				return &keyMaker{class: class, algorithm: c.Text(0)}
			}
		}
		panic(c.Throw("java.security.NoSuchAlgorithmException", c.Text(0)+" "+shortClass(class)+" not available"))
	}}
}

func keyFactoryClass() *Class {
	wrong := func(c *Call) any {
		return c.Throw("java.security.spec.InvalidKeySpecException", "the key cannot be read")
	}
	return &Class{Name: "java.security.KeyFactory", Static: makerOf("java.security.KeyFactory", "RSA", "EC", "ECDSA"),
		Methods: Methods{
			"generatePrivate": func(c *Call) any {
				s, ok := c.Object(0).(*parameters)
				if !ok {
					panic(wrong(c))
				}
				private, err := x509.ParsePKCS8PrivateKey(s.bytes)
				if err != nil {
					panic(wrong(c))
				}
				k := &key{class: "java.security.PrivateKey", algorithm: c.This.(*keyMaker).algorithm, raw: s.bytes, private: private}
				return k
			},
			"generatePublic": func(c *Call) any {
				s, ok := c.Object(0).(*parameters)
				if !ok {
					panic(wrong(c))
				}
				public, err := x509.ParsePKIXPublicKey(s.bytes)
				if err != nil {
					panic(wrong(c))
				}
				return publicKey(c, public)
			},
		}}
}

func publicKey(c *Call, public any) any {
	raw, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(c.Throw("java.security.spec.InvalidKeySpecException", "the key cannot be written"))
	}
	algorithm := "RSA"
	if _, ok := public.(*ecdsa.PublicKey); ok {
		algorithm = "EC"
	}
	return &key{class: "java.security.PublicKey", algorithm: algorithm, raw: raw, public: public}
}

func secretKeyFactoryClass() *Class {
	return &Class{Name: "javax.crypto.SecretKeyFactory", Static: makerOf("javax.crypto.SecretKeyFactory", "PBKDF2WITHHMAC*", "DESede", "DES", "AES"),
		Methods: Methods{"generateSecret": func(c *Call) any {
			s, ok := c.Object(0).(*parameters)
			m := c.This.(*keyMaker)
			if !ok {
				panic(c.Throw("java.security.spec.InvalidKeySpecException", "Inappropriate key specification"))
			}
			out := &key{class: "javax.crypto.spec.SecretKeySpec", algorithm: m.algorithm, raw: s.bytes}
			name, isPBE := strings.CutPrefix(strings.ToUpper(m.algorithm), "PBKDF2WITHHMAC")
			if !isPBE {
				return out
			}
			h := map[string]func() hash.Hash{"SHA1": sha1.New, "SHA224": sha256.New224, "SHA256": sha256.New, "SHA384": sha512.New384, "SHA512": sha512.New, "MD5": md5.New}[name]
			if h == nil || s.iterations < 1 || s.bits < 8 || s.bits > 8*maxDigits || len(s.bytes) == 0 {
				panic(c.Throw("java.security.spec.InvalidKeySpecException", "salt, iterations or key length are missing or out of range"))
			}
			if size := 8 * h().Size(); s.iterations > maxRounds/((s.bits+size-1)/size) {
				panic(c.Throw("java.security.spec.InvalidKeySpecException", fmt.Sprintf("a key of %d bits with %d iterations takes more than the %d rounds that are allowed; use fewer iterations or a shorter key",
					s.bits, s.iterations, maxRounds)))
			}
			raw, err := pbkdf2.Key(h, s.password, s.bytes, s.iterations, s.bits/8)
			if err != nil {
				panic(c.Throw("java.security.spec.InvalidKeySpecException", "the key cannot be made"))
			}
			out.raw = raw
			return out
		}}}
}

func keyGeneratorClass() *Class {
	return &Class{Name: "javax.crypto.KeyGenerator", Static: makerOf("javax.crypto.KeyGenerator", "AES", "DESede", "HMAC*"),
		Methods: Methods{
			"init": func(c *Call) any { c.This.(*keyMaker).bits = c.Int(0); return Void },
			"generateKey": func(c *Call) any {
				m := c.This.(*keyMaker)
				n := m.bits / 8
				if strings.EqualFold(m.algorithm, "DESede") {
					n = 24
				}
				if n <= 0 {
					n = 32
				}
				raw := make([]byte, c.limit(n))
				_, _ = rand.Read(raw) // which never fails
				return &key{class: "javax.crypto.spec.SecretKeySpec", algorithm: m.algorithm, raw: raw}
			},
		}}
}

func keyPairGeneratorClass() *Class {
	made := func(c *Call) any {
		m := c.This.(*keyMaker)
		pair := &key{class: "java.security.KeyPair", algorithm: m.algorithm}
		var err error
		if strings.EqualFold(m.algorithm, "RSA") {
			bits := m.bits
			if bits == 0 {
				bits = 2048
			}
			if bits < 1024 || bits > 8192 {
				panic(c.Throw("java.security.InvalidAlgorithmParameterException", "RSA keys must be 1024 to 8192 bits long"))
			}
			private, failed := rsa.GenerateKey(rand.Reader, bits)
			if err = failed; err == nil {
				pair.private, pair.public = private, &private.PublicKey
			}
		} else {
			private, failed := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err = failed; err == nil {
				pair.private, pair.public = private, &private.PublicKey
			}
		}
		if err == nil {
			pair.raw, err = x509.MarshalPKCS8PrivateKey(pair.private)
		}
		if err != nil {
			panic(c.Throw("java.security.GeneralSecurityException", "the keys cannot be made"))
		}
		return pair
	}
	return &Class{Name: "java.security.KeyPairGenerator", Static: makerOf("java.security.KeyPairGenerator", "RSA", "EC"),
		Methods: Methods{
			"initialize":      func(c *Call) any { c.This.(*keyMaker).bits = c.Int(0); return Void },
			"generateKeyPair": made, "genKeyPair": made,
		}}
}
