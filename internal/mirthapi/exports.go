package mirthapi

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// Messages as files on the server's disk. Mirth reads and writes wherever it may; here
// all of them are in one directory, which a client names whole or leaves out.

// below is a path that a client gave as one inside of the directory of exports.
func below(root *os.Root, paths ...string) (string, error) {
	at := "."
	for _, p := range paths {
		switch p = filepath.FromSlash(p); {
		case p == "":
		case filepath.IsAbs(p):
			dir, err := filepath.Abs(root.Name())
			if err != nil {
				return "", err
			}
			if at, err = filepath.Rel(dir, p); err != nil {
				return "", err
			}
		default:
			at = filepath.Join(at, p)
		}
	}
	if !filepath.IsLocal(at) {
		return "", &weir.Fault{Err: errors.New("the path is not inside of the directory of exports"), Hint: "Give one relative to " + root.Name() + ", or name that directory with --exports."}
	}
	return filepath.ToSlash(at), nil
}

// exportForm reads how messages are to be written. get finds a value by its name.
func (c *call) exportForm(get func(name string) string) (f messagefile.Form, err error) {
	f = messagefile.Form{Destinations: get("destinationContent") == "true", Pattern: get("filePattern"), Archive: get("archiveFormat"), Compress: get("compressFormat"), Name: get("archiveFileName")}
	if f.Compress == "none" {
		f.Compress = ""
	}
	if f.Archive == "" { // as in Mirth, which then looks at none of the others
		f.Compress = ""
	}
	if kind := get("contentType"); kind != "" {
		var ok bool
		if f.Content, ok = messagefile.ContentOf(kind); !ok {
			return f, refuse(http.StatusInternalServerError, "there is no content "+strconv.Quote(kind))
		}
	}
	if get("encrypt") == "true" {
		f.Encrypt = c.engine.SealExport
	}
	if f.Password = get("password"); f.Password != "" && f.Archive == "zip" && get("passwordEnabled") != "false" {
		if f.Encryption = messagefile.Encryption(get("encryptionType")); f.Encryption == "" {
			f.Encryption = messagefile.AES256
		}
	}
	return f, nil
}

func (c *call) exportMessages() (*reply, error) {
	f, err := c.messageFilter()
	if err != nil {
		return nil, err
	}
	return c.export(f, c.query.Get)
}

// exportUsingFilter is exportMessages with filter and form as parts of the body.
func (c *call) exportUsingFilter() (*reply, error) {
	parts, err := c.parts()
	if err != nil {
		return nil, err
	}
	if parts["filter"] == nil || parts["writerOptions"] == nil {
		return nil, refuse(http.StatusBadRequest, "the parts filter and writerOptions are needed")
	}
	f, err := c.filterOf(parts["filter"])
	if err != nil {
		return nil, err
	}
	return c.export(f, func(name string) string { return parts["writerOptions"].TextAt(name) })
}

// export writes what a filter selects, oldest first, and answers how many those are.
func (c *call) export(f *filter, get func(name string) string) (*reply, error) {
	form, err := c.exportForm(get)
	if err != nil {
		return nil, err
	}
	root, err := c.engine.Exports()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	folder, err := below(root, get("baseFolder"), get("rootFolder"))
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := c.search(c.r.Context(), f, func(m *weir.Message) bool { ids = append(ids, m.ID); return true }); err != nil {
		return nil, err
	}
	w, err := messagefile.NewWriter(root, folder, form, c.now)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	count := int64(0)
	for _, id := range slices.Backward(ids) {
		m, err := c.engine.Whole(c.r.Context(), f.query.ChannelID, id, get("includeAttachments") == "true")
		if errors.Is(err, store.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		written, err := w.Write(m)
		if err != nil {
			return nil, err
		}
		if written {
			count++
		}
	}
	c.note("folder", folder)
	c.note("messages", strconv.FormatInt(count, 10))
	return document(mirth.IntLeaf("int", count)), w.Close()
}

// importFromPath imports what the files at a path hold. What is no message there, or is
// refused, is counted and does not keep the others from it.
func (c *call) importFromPath() (*reply, error) {
	root, err := c.engine.Exports()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	at, err := below(root, strings.TrimSpace(string(c.body)))
	if err != nil {
		return nil, err
	}
	total, done := int64(0), int64(0)
	files := &messagefile.Files{FS: root.FS(), Recursive: c.flag("includeSubfolders")}
	err = files.Each(at, func(file string, doc []byte) error {
		if err := c.r.Context().Err(); err != nil {
			return err
		}
		total++
		m, err := messagefile.ParseText(doc, c.engine.OpenExport)
		if err == nil {
			_, err = c.engine.Import(context.WithoutCancel(c.r.Context()), c.path["channelId"], pipeline.Imported{Message: m.Message, Attachments: m.Attachments})
		}
		if err != nil {
			c.log.Warn("A message was not imported", "file", file, "error", err)
			return nil
		}
		done++
		return nil
	})
	c.note("path", at)
	c.note("messages", strconv.FormatInt(done, 10))
	if err != nil {
		return nil, err
	}
	return document(mirth.El("com.mirth.connect.model.MessageImportResult", mirth.IntLeaf("totalCount", total), mirth.IntLeaf("successCount", done))), nil
}

// exportAttachment writes what an attachment holds to a file: as it is, or as text.
func (c *call) exportAttachment() (*reply, error) {
	id, err := c.messageID()
	if err != nil {
		return nil, err
	}
	a, err := c.engine.Attachment(c.r.Context(), c.path["channelId"], id, c.path["attachmentId"])
	if err != nil {
		return nil, err
	}
	root, err := c.engine.Exports()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name, err := below(root, strings.TrimSpace(string(c.body)))
	if err != nil {
		return nil, err
	}
	content := a.Content
	if c.flag("binary") { // Mirth takes the content for base64 then
		if plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(content)), "")); err == nil {
			content = plain
		}
	}
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return nil, err
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("write the attachment: %w", err)
	}
	c.note("file", name)
	return nothing, nil
}
