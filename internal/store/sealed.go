package store

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/weir-health/weir"
)

// KeyRing holds the keys with which contents and attachments are encrypted at
// rest, in a file that only its owner may read: a line for each key, its number
// and its 32 bytes in base64. The last one encrypts; all decrypt, so that a new
// line begins a new key. The file is made when something is first encrypted.
//
// What is sealed is
//
//	3 | number of the key, 4 bytes | salt, 16 bytes | nonce, 12 bytes | AES-256-GCM
//
// with a key of its own for each, HMAC-SHA-256 of the salt, since random nonces
// would run out under one key: 2³² contents are two weeks of a busy engine. The
// place that a content is kept at is authenticated with it, so that what was
// moved to another message is refused.
type KeyRing struct {
	path string
	mu   sync.Mutex
	keys []ringKey
}

type ringKey struct {
	number uint32
	secret []byte
}

const (
	formSealed = 3 // stands where contents have the form they are packed in

	keySize   = 32
	saltSize  = 16
	nonceSize = 12
	sealedAt  = 1 + 4 + saltSize + nonceSize // where the ciphertext begins

	maxKeyFile = 64 << 10 // bytes
)

var errSealed = errors.New("the encrypted content is damaged, or belongs elsewhere")

const keyFileHead = `# The keys of encrypted messages. What they encrypt cannot be read without them:
# keep a copy, and keep it apart from copies of the data. A new key is a line of
# its own below the others: another number, and 32 random bytes in base64.
`

// OpenKeyRing reads the key file at a path; a file that is not there is an empty
// ring.
func OpenKeyRing(path string) (*KeyRing, error) {
	k := &KeyRing{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return nil, &weir.Fault{Err: err, Hint: "Let the user that runs Weir read the file."}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, &weir.Fault{Err: fmt.Errorf("the key file %s may be read by others", path), Hint: "Take that right away: chmod 600. If others have read it, add a new key."}
	}
	if info.Size() > maxKeyFile {
		return nil, k.broken("it is larger than a key file is")
	}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if err := k.read(strings.TrimSpace(lines.Text())); err != nil {
			return nil, k.broken(fmt.Sprintf("line %d: %v", n, err))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, k.broken(err.Error())
	}
	if len(k.keys) == 0 {
		return nil, k.broken("it holds no key")
	}
	return k, nil
}

func (k *KeyRing) broken(why string) error {
	return &weir.Fault{Err: fmt.Errorf("the key file %s cannot be used: %s", k.path, why), Hint: "Restore it from its copy."}
}

func (k *KeyRing) read(line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	number, text, _ := strings.Cut(line, " ")
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return errors.New("it does not begin with the number of a key")
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(secret) != keySize {
		return errors.New("the key is not 32 bytes in base64")
	}
	if _, ok := k.find(uint32(n)); ok {
		return errors.New("there are two keys of that number")
	}
	k.keys = append(k.keys, ringKey{uint32(n), secret})
	return nil
}

// Sealed reports whether a body is encrypted.
func Sealed(body []byte) bool { return len(body) > 0 && body[0] == formSealed }

// Seal encrypts what is to be kept at a place.
func (k *KeyRing) Seal(plain []byte, place string) ([]byte, error) {
	key, err := k.last()
	if err != nil {
		return nil, err
	}
	out := make([]byte, sealedAt, sealedAt+len(plain)+16)
	out[0] = formSealed
	binary.BigEndian.PutUint32(out[1:], key.number)
	rand.Read(out[5:]) // never fails
	aead, err := key.derive(out[5 : 5+saltSize])
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, out[5+saltSize:sealedAt], plain, []byte(place)), nil
}

// Open decrypts what is kept at a place.
func (k *KeyRing) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < sealedAt {
		return nil, errSealed
	}
	number := binary.BigEndian.Uint32(sealed[1:])
	key, ok := k.find(number)
	if !ok {
		return nil, &weir.Fault{Err: fmt.Errorf("the content is encrypted with key %d, which %s does not have", number, k.path), Hint: "Restore the key file from its copy."}
	}
	aead, err := key.derive(sealed[5 : 5+saltSize])
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, sealed[5+saltSize:sealedAt], sealed[sealedAt:], []byte(place))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// derive makes the key of one content.
func (r ringKey) derive(salt []byte) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, r.secret)
	mac.Write([]byte("weir content "))
	mac.Write(salt)
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k *KeyRing) find(number uint32) (ringKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if key.number == number {
			return key, true
		}
	}
	return ringKey{}, false
}

// last is the key that encrypts. An empty ring gets one, which is on disk before
// it is used.
func (k *KeyRing) last() (ringKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.keys); n > 0 {
		return k.keys[n-1], nil
	}
	// The number is by chance, so that a key that is lost is not taken for this one.
	random := make([]byte, 4+keySize)
	rand.Read(random)
	key := ringKey{binary.BigEndian.Uint32(random), random[4:]}
	text := keyFileHead + strconv.FormatUint(uint64(key.number), 10) + " " + base64.StdEncoding.EncodeToString(key.secret) + "\n"
	if err := writeDurably(k.path, []byte(text)); err != nil {
		return ringKey{}, &weir.Fault{Err: fmt.Errorf("make the key file: %w", err), Hint: "Let the user that runs Weir write to the data directory, and make room on the disk."}
	}
	k.keys = append(k.keys, key)
	return key, nil
}

// writeDurably makes a file for the owner alone, whole and on disk or not at all. It
// never replaces one.
func writeDurably(path string, data []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keys-*") // with the rights 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = bytes.NewReader(data).WriteTo(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
