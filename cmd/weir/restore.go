package main

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/archive"
)

// restore imports what an archive has into a channel: first all messages that are documents
// and nothing else, as one text, then those with attachments of their own, one by one.
func restore(ctx context.Context, r *archive.Reader, q archive.Query, engine *api.Client, to string) (api.Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	documents, done := io.Pipe()
	large := false
	go func() {
		done.CloseWithError(r.Each(ctx, q, func(m *archive.Message) error {
			if len(m.Apart) > 0 {
				large = true
				return nil
			}
			_, err := done.Write(m.Document)
			return err
		}))
	}()
	out, err := engine.Import(ctx, to, documents, api.Importing{Once: true})
	documents.Close()
	if err != nil || !large {
		return out, err
	}
	err = r.Each(ctx, q, func(m *archive.Message) error {
		if len(m.Apart) == 0 {
			return nil
		}
		return restoreLarge(ctx, r, m, engine, to, &out)
	})
	return out, err
}

// restoreLarge imports a message, and the attachments that stand apart from it. One that is
// there already gets those that it lacks: a restore may have broken off.
func restoreLarge(ctx context.Context, r *archive.Reader, m *archive.Message, engine *api.Client, to string, out *api.Outcome) error {
	one, err := engine.Import(ctx, to, bytes.NewReader(m.Document), api.Importing{Once: true})
	if err != nil {
		return err
	}
	out.Done += one.Done
	out.There += one.There
	out.Failed += one.Failed
	if out.Problem == "" {
		out.Problem = one.Problem
	}
	for _, id := range one.IDs {
		if one.Done > 0 {
			out.List(id)
		}
		there, err := engine.Message(ctx, to, id)
		if err != nil {
			return err
		}
		for i := range m.Apart {
			a := &m.Apart[i]
			if slices.ContainsFunc(there.Attachments, func(b api.Attachment) bool { return b.ID == a.ID }) {
				continue
			}
			content := r.Open(ctx, m, a)
			err := engine.PutAttachment(ctx, to, id, a.ID, a.Type, content)
			content.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}
