package charset

import (
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// UTF8 reports whether texts are written as they are.
func (c Charset) UTF8() bool { return c.enc == nil }

// DecodeReader gives what Decode makes of all that in gives, piece by piece.
func (c Charset) DecodeReader(in io.Reader) io.Reader {
	if c.enc == nil {
		return transform.NewReader(in, utf8Decoder{})
	}
	return transform.NewReader(in, c.enc.NewDecoder())
}

// EncodeReader gives what Append makes of all the text that in gives, piece by
// piece.
func (c Charset) EncodeReader(in io.Reader) io.Reader {
	if c.enc == nil {
		return in
	}
	return transform.NewReader(in, replacer{c.enc.NewEncoder()})
}

// utf8Decoder is decodeUTF8 for pieces.
type utf8Decoder struct{ transform.NopResetter }

func (utf8Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if n := min(len(dst)-nDst, len(src)-nSrc) - utf8.UTFMax; n > 0 {
			// Back to the start of a character, which nearly always is all there is to do.
			for i := 0; i < utf8.UTFMax && n > 0 && !utf8.RuneStart(src[nSrc+n]); i++ {
				n--
			}
			if utf8.Valid(src[nSrc : nSrc+n]) {
				copy(dst[nDst:], src[nSrc:nSrc+n])
				nDst, nSrc = nDst+n, nSrc+n
			}
		}
		rest := src[nSrc:]
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			if n = malformed(rest); n == len(rest) && n < utf8.UTFMax && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc // the next byte may belong to it
			}
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// replacer encodes, with a question mark for what the character set lacks.
type replacer struct{ enc *encoding.Encoder }

func (p replacer) Reset() { p.enc.Reset() }

func (p replacer) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for {
		d, s, err := p.enc.Transform(dst[nDst:], src[nSrc:], atEOF)
		nDst, nSrc = nDst+d, nSrc+s
		if err == nil || err == transform.ErrShortDst || err == transform.ErrShortSrc || nSrc == len(src) {
			return nDst, nSrc, err
		}
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		d, _, err = p.enc.Transform(dst[nDst:], []byte("?"), false)
		nDst += d
		if err != nil {
			return nDst, nSrc, err
		}
		_, n := utf8.DecodeRune(src[nSrc:])
		nSrc += n
	}
}
