package store

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func openRing(t *testing.T, path string) *KeyRing {
	t.Helper()
	k, err := OpenKeyRing(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyRing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	k := openRing(t, path)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a ring that encrypts nothing makes a file: %v", err)
	}
	first, err := k.Seal([]byte("secret"), "here")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := k.Seal([]byte("secret"), "here")
	if bytes.Equal(first, again) || bytes.Contains(first, []byte("secret")) || !Sealed(first) {
		t.Errorf("sealed %q and %q", first, again)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v", info, err)
	}

	// A new key is used from then on; the old one still decrypts.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("\n7 " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, keySize)) + "\n")
	f.Close()
	k = openRing(t, path)
	second, err := k.Seal(nil, "there")
	if err != nil || !bytes.Equal(second[:5], []byte{formSealed, 0, 0, 0, 7}) {
		t.Fatalf("sealed %x, %v", second, err)
	}
	for place, sealed := range map[string][]byte{"here": first, "there": second} {
		got, err := k.Open(sealed, place)
		if err != nil || place == "here" && string(got) != "secret" || place == "there" && len(got) != 0 {
			t.Errorf("%s: got %q, %v", place, got, err)
		}
		if got, err := k.Open(sealed, "elsewhere"); err == nil {
			t.Errorf("%s, moved: got %q", place, got)
		}
	}
	for i := range first {
		changed := bytes.Clone(first)
		changed[i] ^= 1
		if got, err := k.Open(changed, "here"); err == nil && i > 0 {
			t.Errorf("byte %d changed: got %q", i, got)
		}
		if got, err := k.Open(first[:i], "here"); err == nil {
			t.Errorf("cut to %d: got %q", i, got)
		}
	}
}

func TestKeyFileRefused(t *testing.T) {
	key := base64.StdEncoding.EncodeToString(make([]byte, keySize))
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"readable by others", "1 " + key, 0o640, "may be read by others"},
		{"no number", key, 0o600, "line 1: it does not begin"},
		{"short key", "# a key\n1 " + key[:20], 0o600, "line 2: the key is not 32 bytes"},
		{"the same number twice", "1 " + key + "\n1 " + key, 0o600, "line 2: there are two"},
		{"no key", keyFileHead, 0o600, "it holds no key"},
		{"too large", strings.Repeat("#\n", maxKeyFile), 0o600, "larger than a key file"},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyRing(path); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), key[:10]) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	k := openRing(t, filepath.Join(t.TempDir(), "nowhere", "keys"))
	if _, err := k.Seal([]byte("secret"), "here"); err == nil {
		t.Error("a key was used that could not be kept")
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keys")
	k, err := OpenKeyRing(path)
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := k.Seal([]byte("secret"), "here")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := k.Open(b, "there"); err == nil {
			t.Errorf("got %q", got)
		}
	})
}

// What is kept of a term of an encrypted message takes the key to make, and is found
// under each key that there was.
func TestKeyedTerms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	keys, err := OpenKeyRing(path)
	if err != nil {
		t.Fatal(err)
	}
	term := Term{PatientTerm, "4711"}
	plain, err := HashOf(keys, term, false)
	if err != nil || plain != term.Hash() {
		t.Errorf("without encryption: got %d, error %v", plain, err)
	}
	first, err := HashOf(keys, term, true)
	if err != nil || first == plain {
		t.Errorf("keyed: got %d, error %v", first, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "7 "+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, keySize))+"\n"...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if keys, err = OpenKeyRing(path); err != nil {
		t.Fatal(err)
	}
	second, err := HashOf(keys, term, true)
	if err != nil || second == first {
		t.Errorf("with another key: got %d, error %v", second, err)
	}
	if got := HashesOf(keys, term); !slices.Equal(got, []int64{plain, first, second}) {
		t.Errorf("to be found under: got %v", got)
	}
	if _, err := HashOf(nil, term, true); err == nil {
		t.Error("a term was hashed without keys")
	}
	if got := HashesOf(nil, term); !slices.Equal(got, []int64{plain}) {
		t.Errorf("without keys: got %v", got)
	}
}
