package messagefile

//lint:file-ignore SA1019 a raw entry is written with the short fields as they are; nothing else sets them

import (
	"archive/zip"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"time"

	"github.com/weir-health/weir"
)

// Encrypted entries of zip archives, which archive/zip does not know: by the old cipher
// of PKWARE (APPNOTE.TXT 6.1), and by AES as WinZip specifies it (AE-1 and AE-2), whose
// password is stretched by a thousand rounds only. They are what Mirth's exporter makes;
// neither keeps a secret from somebody who wants it badly.

// Encryption is how the entries of a zip archive are encrypted.
type Encryption string

const (
	NoEncryption Encryption = ""
	Standard     Encryption = "STANDARD"
	AES128       Encryption = "AES128"
	AES256       Encryption = "AES256"
)

const (
	flagEncrypted  = 0x1
	flagDescriptor = 0x8
	flagUTF8       = 0x800
	methodAES      = 99
	extraAES       = 0x9901
	macSize        = 10
)

var errPassword = &weir.Fault{Err: errors.New("the archive is encrypted, and the password does not open it"), Hint: "Give its password."}

// openEntry opens a file of a zip archive.
func openEntry(f *zip.File, password string) (io.Reader, error) {
	if f.Flags&flagEncrypted == 0 {
		return f.Open()
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	method := f.Method
	var plain io.Reader
	if method == methodAES {
		plain, method, err = openAES(raw, f, password)
	} else {
		plain, err = openStandard(raw, f, password)
	}
	if err != nil {
		return nil, err
	}
	switch method {
	case zip.Deflate:
		// What is inflated is read to its end, so that what stands behind it is checked.
		return &checked{r: flate.NewReader(plain), behind: plain}, nil
	case zip.Store:
		return plain, nil
	}
	return nil, fmt.Errorf("%w: method %d", zip.ErrAlgorithm, method)
}

// checked reads on behind what it gives, where that ends.
type checked struct {
	r, behind io.Reader
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err == io.EOF {
		if _, behind := io.Copy(io.Discard, c.behind); behind != nil {
			err = behind
		}
	}
	return n, err
}

// keysOfAES makes the key, that of the sum, and what tells a wrong password.
func keysOfAES(password string, salt []byte, size int) (key, mac, verify []byte, err error) {
	all, err := pbkdf2.Key(sha1.New, password, salt, 1000, 2*size+2)
	if err != nil {
		return nil, nil, nil, err
	}
	return all[:size], all[size : 2*size], all[2*size:], nil
}

func openAES(raw io.Reader, f *zip.File, password string) (io.Reader, uint16, error) {
	extra := extraField(f.Extra, extraAES)
	if len(extra) < 7 || extra[4] < 1 || extra[4] > 3 {
		return nil, 0, zip.ErrFormat
	}
	size := 8 + 8*int(extra[4])
	head := make([]byte, size/2+2)
	left := int64(f.CompressedSize64) - int64(len(head)) - macSize
	if _, err := io.ReadFull(raw, head); err != nil || left < 0 {
		return nil, 0, zip.ErrFormat
	}
	key, mac, verify, err := keysOfAES(password, head[:size/2], size)
	if err != nil {
		return nil, 0, err
	}
	if subtle.ConstantTimeCompare(verify, head[size/2:]) == 0 {
		return nil, 0, errPassword
	}
	stream, err := newCounter(key)
	if err != nil {
		return nil, 0, err
	}
	return &aesReader{raw: raw, left: left, stream: stream, mac: hmac.New(sha1.New, mac)}, binary.LittleEndian.Uint16(extra[5:]), nil
}

// extraField finds a field among the extra ones of an entry.
func extraField(extra []byte, id uint16) []byte {
	for len(extra) >= 4 {
		size := int(binary.LittleEndian.Uint16(extra[2:]))
		if size > len(extra)-4 {
			return nil
		}
		if binary.LittleEndian.Uint16(extra) == id {
			return extra[4 : 4+size]
		}
		extra = extra[4+size:]
	}
	return nil
}

type aesReader struct {
	raw    io.Reader
	left   int64
	stream *counter
	mac    hash.Hash
}

func (r *aesReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		sum := make([]byte, macSize)
		if r.mac == nil {
			return 0, io.EOF
		}
		if _, err := io.ReadFull(r.raw, sum); err != nil || !hmac.Equal(sum, r.mac.Sum(nil)[:macSize]) {
			return 0, errors.New("the encrypted archive is damaged")
		}
		r.mac = nil
		return 0, io.EOF
	}
	n, err := r.raw.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	r.mac.Write(p[:n])
	r.stream.xor(p[:n])
	if err == io.EOF && r.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	return n, err
}

// counter is AES in counter mode as WinZip has it: from 1, the low byte first.
type counter struct {
	block cipher.Block
	n     uint64
	pad   [aes.BlockSize]byte
	used  int
}

func newCounter(key []byte) (*counter, error) {
	block, err := aes.NewCipher(key)
	return &counter{block: block, used: aes.BlockSize}, err
}

func (c *counter) xor(p []byte) {
	for i := range p {
		if c.used == aes.BlockSize {
			c.n++
			var at [aes.BlockSize]byte
			binary.LittleEndian.PutUint64(at[:], c.n)
			c.block.Encrypt(c.pad[:], at[:])
			c.used = 0
		}
		p[i] ^= c.pad[c.used]
		c.used++
	}
}

// standard is PKWARE's cipher.
type standard struct{ keys [3]uint32 }

func newStandard(password string) *standard {
	s := &standard{[3]uint32{0x12345678, 0x23456789, 0x34567890}}
	for i := range len(password) {
		s.update(password[i])
	}
	return s
}

func (s *standard) update(b byte) {
	s.keys[0] = crc32.IEEETable[byte(s.keys[0])^b] ^ s.keys[0]>>8
	s.keys[1] = (s.keys[1]+s.keys[0]&0xff)*134775813 + 1
	s.keys[2] = crc32.IEEETable[byte(s.keys[2])^byte(s.keys[1]>>24)] ^ s.keys[2]>>8
}

func (s *standard) pad() byte {
	t := s.keys[2]&0xffff | 2
	return byte(t * (t ^ 1) >> 8)
}

func (s *standard) open(p []byte) {
	for i := range p {
		p[i] ^= s.pad()
		s.update(p[i])
	}
}

func (s *standard) seal(p []byte) {
	for i, b := range p {
		p[i] ^= s.pad()
		s.update(b)
	}
}

func openStandard(raw io.Reader, f *zip.File, password string) (io.Reader, error) {
	s := newStandard(password)
	head := make([]byte, 12)
	if _, err := io.ReadFull(raw, head); err != nil {
		return nil, zip.ErrFormat
	}
	s.open(head)
	check := byte(f.CRC32 >> 24)
	if f.Flags&flagDescriptor != 0 {
		check = byte(f.ModifiedTime >> 8)
	}
	if head[11] != check {
		return nil, errPassword
	}
	return readerFunc(func(p []byte) (int, error) {
		n, err := raw.Read(p)
		s.open(p[:n])
		return n, err
	}), nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// addEntry adds a file to a zip archive, encrypted or not.
func addEntry(w *zip.Writer, name string, at time.Time, content io.Reader, how Encryption, password string) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
	if how == NoEncryption {
		to, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.Copy(to, content)
		}
		return err
	}
	// What CreateHeader would fill in. A raw entry's sizes are read where it ends.
	year, month, day := at.Date()
	h.ModifiedDate = uint16(day + int(month)<<5 + (max(year, 1980)-1980)<<9)
	h.ModifiedTime = uint16(at.Second()/2 + at.Minute()<<5 + at.Hour()<<11)
	h.Flags = flagEncrypted | flagDescriptor | flagUTF8
	h.CreatorVersion, h.ReaderVersion = 51, 51
	if how == Standard {
		h.CreatorVersion, h.ReaderVersion = 20, 20
		return addStandard(w, h, content, password)
	}
	return addAES(w, h, content, how, password)
}

func addStandard(w *zip.Writer, h *zip.FileHeader, content io.Reader, password string) error {
	raw, err := w.CreateRaw(h)
	if err != nil {
		return err
	}
	s := newStandard(password)
	head := make([]byte, 12)
	rand.Read(head)
	head[11] = byte(h.ModifiedTime >> 8)
	return deflateInto(h, content, func(p []byte) (int, error) {
		if head != nil {
			s.seal(head)
			if n, err := raw.Write(head); err != nil {
				return n, err
			}
			h.CompressedSize64 += uint64(len(head))
			head = nil
		}
		s.seal(p)
		return raw.Write(p)
	})
}

func addAES(w *zip.Writer, h *zip.FileHeader, content io.Reader, how Encryption, password string) error {
	size, strength := 32, byte(3)
	if how == AES128 {
		size, strength = 16, 1
	}
	h.Method = methodAES
	h.Extra = append([]byte{0x01, 0x99, 7, 0, 2, 0, 'A', 'E', strength}, byte(zip.Deflate), 0)
	raw, err := w.CreateRaw(h)
	if err != nil {
		return err
	}
	salt := make([]byte, size/2)
	rand.Read(salt)
	key, mac, verify, err := keysOfAES(password, salt, size)
	if err != nil {
		return err
	}
	stream, err := newCounter(key)
	if err != nil {
		return err
	}
	head := append(salt, verify...)
	if _, err := raw.Write(head); err != nil {
		return err
	}
	sum := hmac.New(sha1.New, mac)
	err = deflateInto(h, content, func(p []byte) (int, error) {
		stream.xor(p)
		sum.Write(p)
		return raw.Write(p)
	})
	if err != nil {
		return err
	}
	h.CompressedSize64 += uint64(len(head)) + macSize
	h.CRC32 = 0 // AE-2 has the other sum alone
	shorten(h)
	_, err = raw.Write(sum.Sum(nil)[:macSize])
	return err
}

// deflateInto compresses content, hands it on, and notes sizes and sum in the header.
func deflateInto(h *zip.FileHeader, content io.Reader, write writerFunc) error {
	sum := crc32.NewIEEE()
	deflate, err := flate.NewWriter(writerFunc(func(p []byte) (int, error) {
		own := append([]byte(nil), p...) // which is encrypted in its place
		h.CompressedSize64 += uint64(len(own))
		return write(own)
	}), flate.DefaultCompression)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(deflate, sum), content)
	if err != nil {
		return err
	}
	h.UncompressedSize64, h.CRC32 = uint64(n), sum.Sum32()
	err = deflate.Close()
	shorten(h)
	return err
}

// shorten sets the fields that archive/zip writes where the long ones are not needed.
func shorten(h *zip.FileHeader) {
	const most = 1<<32 - 1
	h.CompressedSize, h.UncompressedSize = uint32(min(h.CompressedSize64, most)), uint32(min(h.UncompressedSize64, most))
}
