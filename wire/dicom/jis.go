package dicom

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// The Japanese sets of two bytes come without their high bits, which EUC-JP has.
var (
	jis0208 encoding.Encoding = sevenBit{0}
	jis0212 encoding.Encoding = sevenBit{0x8f}
)

func isDoubleByte(e encoding.Encoding) bool { _, ok := e.(sevenBit); return ok }

// sevenBit is a set of two bytes; lead is what EUC-JP puts before each character.
type sevenBit struct{ lead byte }

func (s sevenBit) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: transform.Chain(raise{lead: s.lead}, japanese.EUCJP.NewDecoder())}
}

// NewEncoder writes EUC-JP: as in Mirth, what changes in such a text is not
// switched to the set of two bytes again.
func (s sevenBit) NewEncoder() *encoding.Encoder { return japanese.EUCJP.NewEncoder() }

// raise sets the high bits of pairs of bytes; control characters stay.
type raise struct {
	transform.NopResetter
	lead byte
}

func (r raise) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if len(dst)-nDst < 3 {
			return nDst, nSrc, transform.ErrShortDst
		}
		c := src[nSrc]
		if c <= ' ' || c >= 0x7f {
			dst[nDst] = c
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		if nSrc+1 == len(src) {
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			dst[nDst] = '?'
			return nDst + 1, nSrc + 1, nil
		}
		if r.lead != 0 {
			dst[nDst] = r.lead
			nDst++
		}
		dst[nDst], dst[nDst+1] = c|0x80, src[nSrc+1]|0x80
		nDst, nSrc = nDst+2, nSrc+2
	}
	return nDst, nSrc, nil
}
