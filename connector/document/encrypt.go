package document

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
)

// encryption is the standard security handler, revision 4, with AES of 128 bits:
// ISO 32000-1 §7.6. MD5 and RC4 are what the format makes the key with.
type encryption struct {
	id          [16]byte
	key         [16]byte
	owner, user [32]byte
}

// padding is the text that passwords are filled up with (Algorithm 2).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// permissions allow everything to whoever has the password.
const permissions uint32 = 0xFFFFFFFC

// newEncryption makes the keys for a user password; the owner's is random.
func newEncryption(password string) (*encryption, error) {
	e := new(encryption)
	var owner [16]byte
	if _, err := rand.Read(e.id[:]); err != nil {
		return nil, err
	}
	if _, err := rand.Read(owner[:]); err != nil {
		return nil, err
	}
	user := []byte((winAnsi(password) + padding)[:32])

	sum := md5.Sum(append(owner[:], padding[:16]...)) // Algorithm 3
	for range 50 {
		sum = md5.Sum(sum[:])
	}
	copy(e.owner[:], user)
	if err := rounds(sum[:], e.owner[:]); err != nil {
		return nil, err
	}

	text := append(user, e.owner[:]...) // Algorithm 2
	text = binary.LittleEndian.AppendUint32(text, permissions)
	text = append(text, e.id[:]...)
	e.key = md5.Sum(text)
	for range 50 {
		e.key = md5.Sum(e.key[:])
	}

	sum = md5.Sum(append([]byte(padding), e.id[:]...)) // Algorithm 5
	copy(e.user[:], sum[:])
	return e, rounds(e.key[:], e.user[:16])
}

// rounds encrypts with RC4 twenty times, with keys made from one.
func rounds(key, data []byte) error {
	for i := range 20 {
		one := make([]byte, len(key))
		for j := range key {
			one[j] = key[j] ^ byte(i)
		}
		c, err := rc4.NewCipher(one)
		if err != nil {
			return err
		}
		c.XORKeyStream(data, data)
	}
	return nil
}

// encrypt encrypts the stream of an object (Algorithm 1).
func (e *encryption) encrypt(object int, data []byte) ([]byte, error) {
	seed := append(e.key[:len(e.key):len(e.key)], byte(object), byte(object>>8), byte(object>>16), 0, 0)
	key := md5.Sum(append(seed, "sAlT"...))
	c, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	fill := aes.BlockSize - len(data)%aes.BlockSize
	out := make([]byte, aes.BlockSize+len(data)+fill)
	if _, err := rand.Read(out[:aes.BlockSize]); err != nil {
		return nil, err
	}
	copy(out[aes.BlockSize:], data)
	for i := len(out) - fill; i < len(out); i++ {
		out[i] = byte(fill)
	}
	cipher.NewCBCEncrypter(c, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], out[aes.BlockSize:])
	return out, nil
}

func (e *encryption) dictionary() string {
	return fmt.Sprintf("<< /Filter /Standard /V 4 /R 4 /Length 128 /P %d /O <%x> /U <%x> "+
		"/CF << /StdCF << /CFM /AESV2 /AuthEvent /DocOpen /Length 16 >> >> /StmF /StdCF /StrF /StdCF >>", ^3, e.owner, e.user)
}
