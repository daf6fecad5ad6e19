package script_test

import (
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/internal/store"
)

// keyHost is a host with a key file.
type keyHost struct {
	recorder
	keys *store.KeyRing
}

func (h *keyHost) Encrypt(plain []byte) ([]byte, error)  { return h.keys.Seal(plain, "script") }
func (h *keyHost) Decrypt(sealed []byte) ([]byte, error) { return h.keys.Open(sealed, "script") }

// TestEncryptionUtil encrypts and decrypts with a real key file.
func TestEncryptionUtil(t *testing.T) {
	keys, err := store.OpenKeyRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"return EncryptionUtil.decrypt(EncryptionUtil.encrypt('Müller^Jörg'))", "Müller^Jörg"},
		{"return EncryptionUtil.encrypt('').startsWith('{alg=WEIR}') + '|' + EncryptionUtil.decrypt(EncryptionUtil.encrypt(''))", "true|"},
		{"var e = EncryptionUtil.encrypt('x'); return e == EncryptionUtil.encrypt('x')", "false"},
		{"var e = EncryptionUtil.encrypt(new java.lang.String('abc').getBytes()); return e.getClass().getSimpleName() + e.header + new java.lang.String(EncryptionUtil.decrypt(e.getHeader(), e.getEncryptedData()))", "EncryptedData{alg=WEIR}abc"},
		{"var e = new com.mirth.connect.server.userutil.EncryptedData('h', new java.lang.String('b').getBytes()); return e.getHeader() + e.encryptedData.length", "h1"},
		{thrown("EncryptionUtil.decrypt('{alg=AES/CBC/PKCS5Padding}AAAA')"), "com.mirth.commons.encryption.EncryptionException: this was not encrypted by Weir; encrypt it anew with EncryptionUtil.encrypt"},
		{thrown("EncryptionUtil.decrypt('{alg=WEIR}AAAA')"), "com.mirth.commons.encryption.EncryptionException: the encrypted content is damaged, or belongs elsewhere"},
		{thrown("EncryptionUtil.decrypt(null)"), "java.lang.NullPointerException: null"},
	} {
		scope := newScope()
		scope.Host = &keyHost{keys: keys}
		got, err := runBody(t, scope, c[0])
		if err != nil {
			t.Errorf("%s: %v", c[0], detail(err))
		} else if s := show(got); s != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], s, c[1])
		}
	}
}
