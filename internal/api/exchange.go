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
	// ids: nothing of them is processed or sent. With once set, one that was imported so
	// before, and is still there, is left out.
	Import(ctx context.Context, channel string, from io.Reader, once bool) (Outcome, error)
}

// Exporting says what an export holds.
type Exporting struct {
	Attachments bool
	Encrypt     bool // with the engine's own key
}

// MaxExport is how many messages are exported at once.
const MaxExport = 10_000_000

func exchange(mux *http.ServeMux, e Engine) {
	const messages = "/v1/channels/{channel}/messages"
	mux.HandleFunc("GET "+messages+"/export", selected(func(w http.ResponseWriter, r *http.Request, channel string, q MessageQuery) {
		v := r.URL.Query()
		begun := false
		err := e.Export(r.Context(), channel, q, Exporting{Attachments: v.Get("attachments") != "false", Encrypt: v.Get("encrypt") == "true"}, func(doc []byte) error {
			if !begun {
				w.Header().Set("Content-Type", "application/xml")
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
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		case err != nil:
			answer(w, nil, err)
		case !begun:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	mux.HandleFunc("POST "+messages+"/import", func(w http.ResponseWriter, r *http.Request) {
		out, err := e.Import(r.Context(), r.PathValue("channel"), r.Body, r.URL.Query().Get("once") == "true")
		answer(w, out, err)
	})
}

// Export writes the documents of messages to w, see [Exchange].
func (c *Client) Export(ctx context.Context, channel string, q MessageQuery, how Exporting, w io.Writer) error {
	v := q.values()
	v.Set("attachments", strconv.FormatBool(how.Attachments))
	v.Set("encrypt", strconv.FormatBool(how.Encrypt))
	resp, err := c.open(ctx, "GET", channelPath(channel)+"/messages/export?"+v.Encode(), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(w, resp.Body); errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the engine broke off the export; its log says why")
	}
	return err
}

// Import hands over documents, see [Exchange].
func (c *Client) Import(ctx context.Context, channel string, from io.Reader, once bool) (out Outcome, err error) {
	v := url.Values{"once": {strconv.FormatBool(once)}}
	err = c.into(ctx, "POST", channelPath(channel)+"/messages/import?"+v.Encode(), from, &out)
	return out, err
}
