package messagefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/weir-health/weir/internal/mirth"
)

// Reader reads the documents of messages that stand one after another in a text, as
// Mirth's exporter writes them, or in a list.
type Reader struct {
	r    *bufio.Reader
	max  int
	read int // documents
	buf  []byte
}

// NewReader returns a reader of documents of up to max bytes each; 0 is MaxDocument.
func NewReader(r io.Reader, max int) *Reader {
	if max == 0 {
		max = MaxDocument
	}
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), max: max}
}

var (
	opening = []byte("<message")
	closing = []byte("</message>")
)

// Next returns the next document; it is good until Next is called again. The end is
// io.EOF. What stands between documents is left out, but a document type is refused.
func (r *Reader) Next() ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.read++
	// Elements of this name may stand inside: those of a response in a map.
	for depth, open := 1, -1; depth > 0; {
		piece, err := r.r.ReadSlice('>')
		if at := bytes.LastIndexByte(piece, '<'); at >= 0 {
			open = len(r.buf) + at
		}
		r.buf = append(r.buf, piece...)
		switch {
		case len(r.buf) > r.max:
			return nil, fmt.Errorf("document %d has more than %d bytes", r.read, r.max)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("document %d has no end: the file was cut, or not copied completely", r.read)
		case err != nil:
			return nil, err
		}
		tag := r.buf[open+1:]
		switch {
		case bytes.Equal(tag, closing[1:]):
			depth--
		case isOpening(tag):
			depth++
		}
	}
	return r.buf, nil
}

// isOpening tells whether a tag, without its <, opens an element message.
func isOpening(tag []byte) bool {
	rest, ok := bytes.CutPrefix(tag, opening[1:])
	return ok && len(rest) > 0 && (rest[0] == '>' || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r') && !bytes.HasSuffix(rest, []byte("/>"))
}

// begin reads up to and with the opening tag of the next document.
func (r *Reader) begin() error {
	r.buf = r.buf[:0]
	for {
		if err := r.skipTo('<'); err != nil {
			return err
		}
		tag, err := r.r.ReadSlice('>')
		if errors.Is(err, bufio.ErrBufferFull) || errors.Is(err, io.EOF) {
			return fmt.Errorf("behind document %d stands what is no message", r.read)
		}
		if err != nil {
			return err
		}
		switch {
		case isOpening(tag):
			r.buf = append(append(r.buf, '<'), tag...)
			return nil
		case tag[0] == '!' && !bytes.HasPrefix(tag, []byte("!--")):
			return errors.New("document types and entities are not accepted")
		}
	}
}

func (r *Reader) skipTo(c byte) error {
	for {
		_, err := r.r.ReadSlice(c)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// Message reads the next message, of which open decrypts what is encrypted; nil opens
// nothing. It reads on behind a document that is none.
func (r *Reader) Message(open func(sealed []byte) ([]byte, error)) (*Message, error) {
	doc, err := r.Next()
	if err != nil {
		return nil, err
	}
	m, err := ParseText(doc, open)
	if err != nil {
		return nil, &DocumentError{Number: r.read, Err: err}
	}
	return m, nil
}

// ParseText reads a message from the text of its document.
func ParseText(doc []byte, open func(sealed []byte) ([]byte, error)) (*Message, error) {
	n, err := mirth.ParseDocument(doc, len(doc))
	if err != nil {
		return nil, err
	}
	if open != nil {
		if err := Decrypt(n, open); err != nil {
			return nil, err
		}
	}
	return Parse(n)
}

// DocumentError is why one document of a file is no message; others may be.
type DocumentError struct {
	Number int // in the file, from 1
	Err    error
}

func (e *DocumentError) Error() string { return fmt.Sprintf("document %d: %v", e.Number, e.Err) }
func (e *DocumentError) Unwrap() error { return e.Err }
