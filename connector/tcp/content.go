package tcp

import (
	"context"
	"io"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/wire/mllp"
)

// content is what a message is as it is sent: bytes, or a stream of them.
type content struct {
	whole []byte
	large *weir.Stream // nil: all is in whole
}

// write writes one frame. Limit is called for each piece of a stream, to give it time.
func (c content) write(ctx context.Context, w *mllp.Writer, limit func()) error {
	if c.large == nil {
		return w.WriteMessage(c.whole)
	}
	in, err := c.large.Open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	return w.WriteLarge(&paced{in: in, next: limit})
}

// paced calls next after each piece of a stream.
type paced struct {
	in    io.Reader
	next  func()
	count int
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	if p.count += n; p.count >= stream.Piece {
		p.count = 0
		p.next()
	}
	return n, err
}
