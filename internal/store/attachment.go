package store

import (
	"bytes"
	"fmt"

	"github.com/weir-health/weir"
)

const (
	// MaxAttachment is the largest attachment that is handed over as a whole, in bytes.
	MaxAttachment = 512 << 20

	// ChunkSize is how many bytes of an attachment are kept in one piece, so that
	// a large one fits into the rows of every dialect.
	ChunkSize = 1 << 20
)

// PackAttachment cuts an attachment into chunks and compresses each where that
// makes it smaller. It returns an error if the attachment exceeds MaxAttachment.
// An empty one has no chunks.
func PackAttachment(a *weir.Attachment, effort Effort) (chunks [][]byte, err error) {
	if err := CheckAttachment(a); err != nil {
		return nil, err
	}
	for from := 0; from < len(a.Content); from += ChunkSize {
		chunks = append(chunks, packChunk(a.Content[from:min(from+ChunkSize, len(a.Content))], effort))
	}
	return chunks, nil
}

// CheckAttachment refuses an attachment that exceeds MaxAttachment.
func CheckAttachment(a *weir.Attachment) error {
	if len(a.Content) <= MaxAttachment {
		return nil
	}
	return &weir.Fault{
		Err:  fmt.Errorf("an attachment of %d MB exceeds the limit of %d MB", len(a.Content)>>20, MaxAttachment>>20),
		Hint: "Let the sender split it.",
	}
}

func packChunk(plain []byte, effort Effort) []byte {
	if len(plain) >= minCompressed {
		if out := compress(plain, effort); len(out) <= len(plain) {
			return out
		}
	}
	return append(append(make([]byte, 0, 1+len(plain)), formPlain), plain...)
}

// appendChunk appends a chunk of those bytes.
func appendChunk(dst, plain []byte) []byte {
	from := len(dst)
	if len(plain) >= minCompressed {
		out := encoder().EncodeAll(plain, append(dst, formZstd))
		if len(out)-from <= len(plain) {
			return out
		}
		dst = out[:from]
	}
	return append(append(dst, formPlain), plain...)
}

// appendPlain appends what a chunk holds that appendChunk made.
func appendPlain(dst, chunk []byte) ([]byte, error) {
	if len(chunk) == 0 {
		return nil, errAttachment
	}
	from := len(dst)
	var err error
	switch form, body := chunk[0], chunk[1:]; form {
	case formPlain:
		dst = append(dst, body...)
	case formZstd:
		if dst, err = decoder().DecodeAll(body, dst); err != nil {
			err = fmt.Errorf("%w: %w", errAttachment, err)
		}
	default:
		err = errAttachment
	}
	if err == nil && len(dst)-from > ChunkSize {
		err = errAttachment
	}
	return dst, err
}

// UnpackChunk writes what a chunk holds to out.
func UnpackChunk(chunk []byte, out *bytes.Buffer) error {
	if len(chunk) == 0 {
		return errAttachment
	}
	plain, err := decompress(chunk[0], chunk[1:])
	if err != nil {
		return fmt.Errorf("%w: %w", errAttachment, err)
	}
	if len(plain) > ChunkSize {
		return errAttachment
	}
	out.WriteString(plain)
	return nil
}
