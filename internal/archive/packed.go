package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// packed is a file on its way: compressed and, where the archive has recipients,
// encrypted, in the spool.
type packed struct {
	place  Place
	file   *os.File
	sealed io.WriteCloser // nil where nothing is encrypted
	out    *zstd.Encoder
}

func (a *Archive) pack() (*packed, error) {
	file, err := os.CreateTemp(a.spool, "*.part")
	if err != nil {
		return nil, err
	}
	p := &packed{place: a.place, file: file}
	var to io.Writer = file
	if len(a.recipients) > 0 {
		if p.sealed, err = age.Encrypt(file, a.recipients...); err != nil {
			return nil, errors.Join(err, p.Abort())
		}
		to = p.sealed
	}
	if p.out, err = zstd.NewWriter(to, zstd.WithEncoderConcurrency(1)); err != nil {
		return nil, errors.Join(err, p.Abort())
	}
	return p, nil
}

// put puts the file into its place, and returns its name when it is durable there.
func (p *packed) put(ctx context.Context, name string) (string, error) {
	defer p.Abort()
	if err := p.out.Close(); err != nil {
		return "", err
	}
	if p.sealed != nil {
		name += sealed
		if err := p.sealed.Close(); err != nil {
			return "", err
		}
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	if err := p.place.Put(ctx, name, p.file, false); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return name, nil
}

// Abort leaves a file that is not in its place yet.
func (p *packed) Abort() error {
	if p.out != nil {
		p.out.Close()
	}
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}

// unpacked opens what a file holds.
func unpacked(r io.Reader, name string, ids []age.Identity) (io.ReadCloser, error) {
	r = bufio.NewReaderSize(r, 256<<10)
	if strings.HasSuffix(name, sealed) {
		if len(ids) == 0 {
			return nil, errors.New("the file is encrypted: name the file with its key, --key FILE")
		}
		var err error
		if r, err = age.Decrypt(r, ids...); err != nil {
			return nil, fmt.Errorf("none of the keys opens the file: %w", err)
		}
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
