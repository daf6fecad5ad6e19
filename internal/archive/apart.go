package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
)

const (
	apartFolder = "attachments" // in the folder of a day
	bare        = ".zst"
)

// apartSize is how much of an attachment one file holds, in bytes: a bucket takes files of up
// to 5 GB.
var apartSize int64 = 1 << 30

// Apart keeps the content of an attachment in files of its own, which are durable when it
// returns, for a document to name.
func (a *Archive) Apart(ctx context.Context, channelID string, day time.Time, messageID int64, id, kind string, content io.Reader) (messagefile.Apart, error) {
	out := messagefile.Apart{ID: id, Type: kind, Files: fmt.Sprintf("%s-%d", a.moment(), messageID)}
	folder, err := folderOf(channelID, day)
	if err != nil {
		return out, err
	}
	sum := sha256.New()
	r := bufio.NewReaderSize(io.TeeReader(content, sum), 64<<10)
	for {
		if _, err := r.Peek(1); err == io.EOF {
			break
		} else if err != nil {
			return out, err
		}
		n, err := a.part(ctx, path.Join(folder, apartFolder, fileOf(out.Files, out.Count)), io.LimitReader(r, apartSize))
		if err != nil {
			return out, err
		}
		out.Count++
		out.Size += n
	}
	out.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return out, nil
}

func (a *Archive) part(ctx context.Context, name string, content io.Reader) (int64, error) {
	p, err := a.pack()
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(p.out, content)
	if err != nil {
		return 0, errors.Join(err, p.Abort())
	}
	_, err = p.put(ctx, name)
	return n, err
}

func fileOf(files string, number int) string { return fmt.Sprintf("%s-%d%s", files, number, bare) }

// Open opens the content of an attachment that stands apart from the document of its
// message. What is not the content that was archived is an error at its end.
func (r *Reader) Open(ctx context.Context, m *Message, a *messagefile.Apart) io.ReadCloser {
	return &apart{ctx: ctx, r: r, m: m, a: a, sum: sha256.New()}
}

type apart struct {
	ctx   context.Context
	r     *Reader
	m     *Message
	a     *messagefile.Apart
	next  int
	size  int64
	sum   hash.Hash
	at    io.ReadCloser // nil between files
	below io.Closer
}

func (p *apart) Read(to []byte) (int, error) {
	for {
		if p.at == nil {
			if err := p.open(); err != nil {
				return 0, err
			}
		}
		n, err := p.at.Read(to)
		p.size += int64(n)
		p.sum.Write(to[:n])
		if err == io.EOF {
			err = p.Close()
		}
		if err != nil {
			err = p.bad(err)
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// open opens the next file; after the last one it is io.EOF.
func (p *apart) open() error {
	if p.next == p.a.Count {
		if p.size != p.a.Size || hex.EncodeToString(p.sum.Sum(nil)) != p.a.SHA256 {
			return p.bad(errors.New("it is not what was archived"))
		}
		return io.EOF
	}
	name := path.Join(path.Dir(p.m.File), apartFolder, fileOf(p.a.Files, p.next))
	if strings.HasSuffix(p.m.File, sealed) {
		name += sealed
	}
	p.next++
	f, err := p.r.Place.Get(p.ctx, name)
	if err != nil {
		return p.bad(err)
	}
	if p.at, err = unpacked(f, name, p.r.keys); err != nil {
		return p.bad(errors.Join(fmt.Errorf("%s: %w", name, err), f.Close()))
	}
	p.below = f
	return nil
}

func (p *apart) bad(err error) error {
	return &weir.Fault{Channel: p.m.ChannelName, MessageID: p.m.ID, Err: fmt.Errorf("message %d: attachment %s: %w", p.m.ID, p.a.ID, err)}
}

// Close leaves the file that is being read.
func (p *apart) Close() error {
	if p.at == nil {
		return nil
	}
	err := errors.Join(p.at.Close(), p.below.Close())
	p.at = nil
	return err
}
