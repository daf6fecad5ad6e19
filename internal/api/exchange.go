package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Exchange is messages out of the engine as Mirth's documents, and in again.
type Exchange interface {
	// Export calls visit for the document of each message that a query finds, oldest
	// first.
	Export(ctx context.Context, channel string, q MessageQuery, how Exporting, visit func(doc []byte) error) error
	// Import takes in the documents that stand one after another in a text, under new
	// ids: nothing of them is processed or sent.
	Import(ctx context.Context, channel string, from io.Reader, how Importing) (Outcome, error)
	// PutAttachment gives a message an attachment of any size, in place of the one with
	// its id.
	PutAttachment(ctx context.Context, channel string, id int64, attachment, kind string, content io.Reader) error
}

// Exporting says what an export holds.
type Exporting struct {
	Bare    bool `query:"bare" doc:"Without attachments."`
	Encrypt bool `query:"encrypt" doc:"Encrypt what messages hold with the engine's own key."`
}

// Importing says how messages are imported.
type Importing struct {
	Once bool `query:"once" doc:"Leave out what was imported so before, and is still there."`
}

// MaxExport is how many messages are exported at once.
const MaxExport = 10_000_000

const typeXML = "application/xml"

// eachDocument are documents as they are made, one after another.
type eachDocument func(visit func(doc []byte) error) error

// documents are those of a body, which is read as it comes, and upload is any content.
type (
	documents struct{ from io.Reader }
	upload    struct{ from io.Reader }
)

// putting says what is put.
type putting struct {
	Type string `query:"type" doc:"Content type, such as application/pdf."`
}

func (c *call) export(q struct {
	actQuery
	Exporting
}, _ none) (eachDocument, error) {
	if q.actQuery.Empty() && !q.All {
		return nil, invalid{http.StatusBadRequest, errors.New("no message is selected; all=true selects all")}
	}
	selected, err := c.looked(q.MessageQuery)
	if err != nil {
		return nil, err
	}
	return func(visit func([]byte) error) error {
		return c.engine.Export(c.r.Context(), c.channel(), selected, q.Exporting, visit)
	}, nil
}

func (c *call) importMessages(q Importing, body documents) (Outcome, error) {
	out, err := c.engine.Import(c.r.Context(), c.channel(), body.from, q)
	c.note("there", strconv.Itoa(out.There))
	return c.outcome(out, err)
}

func (c *call) putAttachment(q putting, body upload) (none, error) {
	id, err := c.id()
	if err != nil {
		return none{}, err
	}
	return none{}, c.engine.PutAttachment(c.r.Context(), c.channel(), id, c.r.PathValue("attachment"), q.Type, body.from)
}

// writeDocuments writes them as they come. After an error in their midst the connection
// is cut, so that nobody takes a part for the whole.
func writeDocuments(w http.ResponseWriter, each eachDocument) {
	begun := false
	err := each(func(doc []byte) error {
		if !begun {
			w.Header().Set("Content-Type", typeXML)
			begun = true
		}
		if _, err := w.Write(doc); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
	switch {
	case err != nil && begun:
		panic(http.ErrAbortHandler)
	case err != nil:
		fail(w, err)
	case !begun:
		w.WriteHeader(http.StatusNoContent)
	}
}

// Export writes the documents of messages to w, see [Exchange].
func (c *Client) Export(ctx context.Context, channel string, q MessageQuery, how Exporting, w io.Writer) error {
	v := writeQuery(actQuery{q, q.Empty()})
	for name, list := range writeQuery(how) {
		v[name] = list
	}
	resp, err := c.open(ctx, "GET", pathOf(channel)+"/messages/export?"+v.Encode(), "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(w, resp.Body); errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the engine broke off the export; its log says why")
	}
	return err
}

// PutAttachment hands over an attachment, see [Exchange].
func (c *Client) PutAttachment(ctx context.Context, channel string, id int64, attachment, kind string, content io.Reader) error {
	path := pathOf(channel) + "/messages/" + strconv.FormatInt(id, 10) + "/attachments/" + url.PathEscape(attachment)
	return c.into(ctx, "PUT", path+"?"+writeQuery(putting{kind}).Encode(), "application/octet-stream", content, nil)
}

// Import hands over documents, see [Exchange].
func (c *Client) Import(ctx context.Context, channel string, from io.Reader, how Importing) (out Outcome, err error) {
	err = c.into(ctx, "POST", pathOf(channel)+"/messages/import?"+writeQuery(how).Encode(), typeXML, from, &out)
	return out, err
}
