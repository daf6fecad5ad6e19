package api

import (
	"context"
	"net/url"
)

// AttachmentPlaces is where the contents of attachments are.
type AttachmentPlaces interface {
	// Places tells how many attachments are in each place.
	Places(ctx context.Context) ([]Place, error)
	// MoveAttachments moves all that are in one place to another. What ends it in the midst
	// is an error, and begun again it goes on.
	MoveAttachments(ctx context.Context, from, to string) (MovedAttachments, error)
}

// Place is a place that contents of attachments are in.
type Place struct {
	Name        string `json:"name"` // database, directory, s3
	New         bool   `json:"new"`  // new ones go there
	Attachments int64  `json:"attachments"`
	Bytes       int64  `json:"bytes"`
}

// MovedAttachments is what a move has done.
type MovedAttachments struct {
	Attachments int64  `json:"attachments"`
	Bytes       int64  `json:"bytes"`
	Failed      int64  `json:"failed"`           // these are where they were
	Reason      string `json:"reason,omitempty"` // why the first of them could not be moved
}

func attachmentRoutes() []route {
	return []route{
		{method: get, path: "/attachments", permission: "viewServerSettings", name: "List places of attachments", handler: op((*call).places)},
		{method: post, path: "/attachments/move", permission: "editServerSettings", name: "Move attachments", handler: op((*call).moveAttachments)},
	}
}

// moveQuery names two places.
type moveQuery struct {
	From string `query:"from" doc:"Place that the attachments are in: database, directory or s3."`
	To   string `query:"to" doc:"Place that they go to."`
}

func (c *call) places(none, none) ([]Place, error) { return c.engine.Places(c.r.Context()) }

func (c *call) moveAttachments(q moveQuery, _ none) (MovedAttachments, error) {
	return c.engine.MoveAttachments(c.r.Context(), q.From, q.To)
}

// Places tells how many attachments are in each place.
func (c *Client) Places(ctx context.Context) (list []Place, err error) {
	err = c.do(ctx, "GET", "/attachments", &list)
	return list, err
}

// MoveAttachments moves attachments; see [Engine].
func (c *Client) MoveAttachments(ctx context.Context, from, to string) (out MovedAttachments, err error) {
	err = c.do(ctx, "POST", "/attachments/move?"+url.Values{"from": {from}, "to": {to}}.Encode(), &out)
	return out, err
}
