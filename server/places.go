package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/blob"
	"github.com/weir-health/weir/internal/store"
)

// keeper puts the places for attachments that the options name before the database.
func keeper(ctx context.Context, opt Options, data *dataDir, keys *store.KeyRing, db store.Store) (*blob.Keeper, error) {
	places := map[string]blob.Place{}
	dir := opt.AttachmentsDirectory
	if dir == "" {
		dir = data.file("attachments")
	}
	_, err := os.Stat(dir)
	if opt.Attachments == blob.InDirectory || opt.AttachmentsDirectory != "" || !errors.Is(err, fs.ErrNotExist) {
		p, err := blob.OpenDirectory(dir)
		if err != nil {
			return nil, err
		}
		places[blob.InDirectory] = p
	}
	if opt.AttachmentsS3.URL != "" {
		p, err := blob.OpenS3(ctx, blob.S3Options{URL: opt.AttachmentsS3.URL, AccessKey: opt.AttachmentsS3.AccessKey, SecretKey: opt.AttachmentsS3.SecretKey})
		if err != nil {
			return nil, err
		}
		places[blob.InS3] = p
	}
	if into := opt.Attachments; into != "" && into != blob.InDatabase && places[into] == nil {
		hint := "Write database, directory or s3."
		if into == blob.InS3 {
			hint = "Name the bucket with --attachments-s3."
		}
		return nil, &weir.Fault{At: "attachments", Err: fmt.Errorf("there is no place %q for attachments", into), Hint: hint}
	}
	return blob.New(db, blob.Options{Log: opt.Log, Keys: keys, Into: opt.Attachments, Places: places, Streaming: lean, HoldAtMost: opt.HoldAtMost}), nil
}

func (e *engineAPI) Places(ctx context.Context) (list []api.Place, err error) {
	uses, err := e.store.Uses(ctx)
	for _, u := range uses {
		list = append(list, api.Place{Name: u.Place, New: u.New, Attachments: u.Attachments, Bytes: u.Bytes})
	}
	return list, err
}

func (e *engineAPI) MoveAttachments(ctx context.Context, from, to string) (api.MovedAttachments, error) {
	e.log.Info("Attachments are moved", "from", from, "to", to)
	moved, err := e.store.Move(ctx, from, to)
	out := api.MovedAttachments{Attachments: moved.Attachments, Bytes: moved.Bytes, Failed: moved.Failed}
	if moved.Reason != nil {
		out.Reason = moved.Reason.Error()
	}
	e.log.Info("Attachments were moved", "from", from, "to", to, "attachments", moved.Attachments, "failed", moved.Failed)
	return out, err
}
