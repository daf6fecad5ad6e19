package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost of a new hash: what OWASP names as the least for argon2id.
const (
	hashMemory  = 19 << 10 // KiB
	hashTime    = 2
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
)

// Bounds of what is accepted in a stored hash, so that a changed file cannot make
// a log-in take all memory.
const (
	maxHashMemory = 256 << 10 // KiB
	maxHashTime   = 16
)

// hashPassword returns a hash in the PHC form.
func hashPassword(password string) string {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads, b64(salt), b64(key))
}

// verify reports whether a password fits a hash, and whether the hash was made at
// another cost than a new one.
func verify(hash, password string) (ok, old bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false
	}
	var version, memory, time, threads uint32
	if n, _ := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); n != 4 ||
		version != argon2.Version || memory < 8 || memory > maxHashMemory || time < 1 || time > maxHashTime || threads < 1 || threads > 16 {
		return false, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != hashLength {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, uint8(threads), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, memory != hashMemory || time != hashTime || threads != hashThreads
}
