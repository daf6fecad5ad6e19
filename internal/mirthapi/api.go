// Package mirthapi serves the REST interface of Mirth Connect 4.5 at /api, so that
// its clients keep working: the Administrator, the command line, mirthSync, and
// scripts. Paths under /api/4.5.2, or any other version, are the same.
//
// The table of routes, in table.go, is all there is: method, path, the permission
// it needs, and the operation's name in the audit trail. A request goes through
// one door, [API.ServeHTTP]: header, account, permission, and only then a look at
// its body, which has a limit and is read into nodes that mean nothing by
// themselves. Names of classes in a body choose nothing.
//
// What the engine runs (channels, code templates, global scripts, the
// configuration map) is kept as Mirth's files in the directory that the engine
// reads; what it does not run (groups, tags, alerts, settings) beside it.
package mirthapi

//lint:file-ignore ST1005 the sentences are those that Mirth's clients show

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
	"github.com/weir-health/weir/internal/history"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// ServerVersion is the version that clients are told: those of Mirth refuse what is
// not theirs.
const ServerVersion = mirth.WrittenVersion

// Limits of requests.
const (
	MaxBody  = 64 << 20      // bytes; a channel with its templates has some 100 KiB
	MaxForm  = 8 << 20       // bytes of a form, such as the ids of channels
	MaxLogin = 16 << 10      // bytes of the form with which one logs in
	MaxWhole = mirth.MaxFile // bytes of a server backup
	MaxPage  = 1000          // messages or events of one answer
)

// Engine is what the API needs of the engine. Channels are named by their ids.
type Engine interface {
	Ready() bool
	ServerID() string
	// Channels lists all that are known. What they hold is not to be changed.
	Channels() []*Channel
	// Kept returns a file of the API, nil where there is none. Keep replaces files,
	// or removes those that are nil, and has the engine read what concerns it, and
	// remember what has a history; nothing is deployed by that.
	Kept(name string) ([]byte, error)
	// Given is what the files in the directory of channels hold of what a file of the
	// API is for.
	Given(name string) Given
	Keep(ctx context.Context, by history.By, files map[string][]byte) error

	Deploy(ctx context.Context, channelID string) error
	Undeploy(ctx context.Context, channelID string) error
	RedeployAll(ctx context.Context) error
	// Control does "start", "stop", "pause", "resume" or "halt".
	Control(ctx context.Context, channelID, action string) error
	// ControlConnector starts or stops one connector.
	ControlConnector(ctx context.Context, channelID string, metaDataID int, start bool) error
	ResetStatistics(ctx context.Context, channelID string, metaDataID int, statuses []weir.Status) error
	ResetLifetime(ctx context.Context, channelID string) error

	Receive(ctx context.Context, channelID string, in weir.Inbound) (messageID int64, err error)
	Messages(ctx context.Context, q store.Query) ([]*weir.Message, error)
	// Holding looks for a text in contents, see [store.Store].
	Holding(ctx context.Context, q store.Query, text string) (found []*weir.Message, next int64, err error)
	// Message returns a message with all contents and its maps, or store.ErrNotFound.
	Message(ctx context.Context, channelID string, id int64) (*weir.Message, error)
	Attachments(ctx context.Context, channelID string, id int64) ([]store.AttachmentInfo, error)
	Attachment(ctx context.Context, channelID string, id int64, attachment string) (*weir.Attachment, error)

	// Remove removes messages and returns how many; Reprocess takes one through the
	// channel once more; Import keeps one that was exported.
	Remove(ctx context.Context, channelID string, ids []int64) (int, error)
	Reprocess(ctx context.Context, channelID string, id int64, how pipeline.Again) error
	Import(ctx context.Context, channelID string, in pipeline.Imported) (int64, error)
	// SealExport encrypts what an export holds with the engine's own key, OpenExport
	// undoes it.
	SealExport(plain []byte) ([]byte, error)
	OpenExport(sealed []byte) ([]byte, error)
	// Whole returns a message with all that is exported of it, or store.ErrNotFound.
	Whole(ctx context.Context, channelID string, id int64, attachments bool) (*messagefile.Message, error)
	// Exports opens the one directory that exports are written to and read from.
	Exports() (*os.Root, error)

	// StartPruning prunes all channels beside the request, and tells when that began.
	StartPruning() time.Time
	StopPruning()
	Pruning() Pruning

	// Mail sends an e-mail; TestConnector tries the connection of a connector of a
	// channel that need not be saved; Resolve replaces ${…} from the configuration map.
	Mail(ctx context.Context, m script.MailSettings, to, subject, text string) error
	TestConnector(ctx context.Context, ch *weir.Channel, of *weir.Connector) (found string, err error)
	Resolve(text string) string
	// Maps are the values of the global map, and of the global channel map of a channel.
	Maps(channelID string) (map[string]string, bool)

	// Log and ConnectionLog are the last lines, the newest first.
	Log(limit int) []LogLine
	ConnectionLog(limit int) []ConnectionLine

	// Alerted is how often each alert that is enabled has told of an error.
	Alerted() map[string]int64

	// Sources, Destinations and DataTypes name what there is.
	Sources() []string
	Destinations() []string
	DataTypes() []string
}

// Channel is a channel that the engine knows.
type Channel struct {
	*weir.Channel           // as saved, which may be newer than what runs
	Kept          bool      // given through the API; others come from files
	File          string    // where it comes from
	Modified      time.Time // of that file

	Status           *pipeline.Status // nil while it is not deployed
	Lifetime         map[int]store.Counts
	DeployedRevision int
	DeployedAt       time.Time
	Connection       func(metaDataID int) (state, detail string)
}

// API is the interface.
type API struct {
	engine   Engine
	accounts *auth.Accounts
	trail    *audit.Log
	log      *slog.Logger
	now      func() time.Time

	changing sync.Mutex // held from reading a kept file to replacing it
}

// New makes the interface of an engine.
func New(e Engine, accounts *auth.Accounts, trail *audit.Log, log *slog.Logger, now func() time.Time) *API {
	return &API{engine: e, accounts: accounts, trail: trail, log: log, now: now}
}

// call is one request on its way.
type call struct {
	*API
	r     *http.Request
	w     http.ResponseWriter
	route *route
	base  string            // such as /api/4.5.2, as the client wrote it
	path  map[string]string // parameters
	query url.Values
	user  *auth.User // nil before a log-in
	token string     // of the session, if any

	body  []byte
	attrs []audit.Attribute
}

// reply is what a handler answers: a document, or a text, or nothing.
type reply struct {
	status int
	node   *mirth.Node
	text   string
	isText bool
	header map[string]string
}

func document(n *mirth.Node) *reply { return &reply{node: n} }
func text(s string) *reply          { return &reply{text: s, isText: true} }

// nothing is 204, also for what is null in Mirth.
var nothing *reply

func boolean(b bool) *reply { return document(mirth.BoolLeaf("boolean", b)) }

// failure is an answer that is an error.
type failure struct {
	status int
	text   string
	node   *mirth.Node
	bare   bool // the text alone, labelled XML
}

func (f *failure) Error() string { return f.text }

func refuse(status int, text string) error { return &failure{status: status, text: text} }

var versionPrefix = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// fixedHeaders are on every answer, as in Mirth; in place of its CORS headers, which
// let any page read, there are none.
var fixedHeaders = map[string]string{
	"Content-Security-Policy":   "frame-ancestors 'none'",
	"X-Frame-Options":           "DENY",
	"X-Content-Type-Options":    "nosniff",
	"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	"Cache-Control":             "no-store",
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range fixedHeaders {
		w.Header().Set(name, value)
	}
	c := &call{API: a, r: r, w: w, query: r.URL.Query()}
	segments, err := c.segments()
	if err != nil {
		c.page(http.StatusBadRequest, err.Error())
		return
	}
	if strings.TrimSpace(r.Header.Get("X-Requested-With")) == "" {
		c.page(http.StatusBadRequest, "All requests must have 'X-Requested-With' header")
		return
	}
	allowed := c.find(segments)
	if c.route == nil || c.route.permission != public {
		if !c.authenticate() {
			return
		}
	}
	switch {
	case c.route != nil:
		c.serve()
	case len(allowed) > 0:
		w.Header().Set("Allow", strings.Join(append(allowed, "OPTIONS"), ","))
		w.WriteHeader(http.StatusMethodNotAllowed)
	default:
		c.page(http.StatusNotFound, "Not Found")
	}
}

// segments are the parts of the path behind /api and a version. A slash at the
// end counts for nothing.
func (c *call) segments() ([]string, error) {
	parts := strings.Split(strings.Trim(c.r.URL.EscapedPath(), "/"), "/")
	if len(parts) == 0 || parts[0] != "api" {
		return nil, errors.New("Not Found")
	}
	c.base, parts = "/api", parts[1:]
	if len(parts) > 0 && versionPrefix.MatchString(parts[0]) {
		c.base += "/" + parts[0]
		parts = parts[1:]
	}
	for i := range parts {
		var err error
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			return nil, errors.New("the path is not encoded as paths are")
		}
	}
	return parts, nil
}

// find sets the route and its parameters. Without one it returns the methods that
// the path has. A path without parameters goes before one with them.
func (c *call) find(segments []string) (allowed []string) {
	best := -1
	for i := range table {
		rt := &table[i]
		params, fixed, ok := rt.match(segments)
		if !ok {
			continue
		}
		if rt.method != c.r.Method {
			allowed = append(allowed, rt.method)
			continue
		}
		if fixed > best {
			best, c.route, c.path = fixed, rt, params
		}
	}
	return allowed
}

// authenticate finds out who asks: by session, else by a token, which is Weir's own,
// or basic authentication.
func (c *call) authenticate() bool {
	for _, cookie := range c.r.CookiesNamed(cookieName) {
		if u := c.accounts.Session(cookie.Value); u != nil {
			c.user, c.token = u, cookie.Value
			return true
		}
	}
	if scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		if c.user = c.accounts.Bearer(strings.TrimSpace(token)); c.user != nil {
			return true
		}
	}
	name, password, ok := basicAuth(c.r)
	if !ok {
		c.page(http.StatusUnauthorized, "Unauthorized")
		return false
	}
	u, err := c.accounts.Login(c.r.Context(), name, password, c.address())
	if err != nil {
		c.event("Login", audit.Failure, 0, audit.Attribute{Name: "username", Value: name})
		c.write(http.StatusUnauthorized, loginFailed(err))
		return false
	}
	c.user = u
	return true
}

// basicAuth reads the Authorization header, whose text is UTF-8.
func basicAuth(r *http.Request) (name, password string, ok bool) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") || len(value) > MaxLogin {
		return "", "", false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), ":")
}

// address is where the connection comes from. What a header claims is not
// believed.
func (c *call) address() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}

// serve runs the route: permission, type of the body, the handler, the answer.
func (c *call) serve() {
	rt := c.route
	if rt.permission != public && !c.accounts.May(c.user, rt.permission) && !c.own() {
		c.event(rt.title(), audit.Failure, c.userID())
		c.w.WriteHeader(http.StatusForbidden)
		return
	}
	var out *reply
	err := c.readBody()
	if err == nil {
		out, err = rt.do(c)
	}
	if !rt.quiet() || err != nil && rt.method != http.MethodGet {
		outcome := audit.Success
		if err != nil {
			outcome = audit.Failure
		}
		if aerr := c.event(rt.title(), outcome, c.userID(), c.attrs...); aerr != nil && err == nil {
			err = aerr // what cannot be recorded is not answered as done
		}
	}
	if err != nil {
		c.fail(err)
		return
	}
	c.answer(out)
}

// own tells whether a route with a user's id is about the caller.
func (c *call) own() bool {
	id, ok := c.path["userId"]
	return ok && c.user != nil && c.route.ownToo && id == strconv.Itoa(c.user.ID)
}

func (c *call) userID() int {
	if c.user == nil {
		return 0
	}
	return c.user.ID
}

// note says more of the operation in the audit trail.
func (c *call) note(name, value string) {
	c.attrs = append(c.attrs, audit.Attribute{Name: name, Value: value})
}

func (c *call) event(name, outcome string, user int, attrs ...audit.Attribute) error {
	for _, p := range slices.Sorted(func(yield func(string) bool) {
		for k := range c.path {
			if !yield(k) {
				return
			}
		}
	}) {
		attrs = append(attrs, audit.Attribute{Name: p, Value: c.path[p]})
	}
	e := audit.Event{Name: name, Outcome: outcome, UserID: user, Address: c.address(), Attributes: attrs}
	if c.user != nil {
		e.Who = c.user.Name
	}
	err := c.trail.Add(e)
	if err != nil {
		c.log.Error("The audit trail cannot be written; changes are refused", "error", err)
	}
	return err
}

// readBody takes the body up to its limit, when its type is one the route reads.
func (c *call) readBody() error {
	limit := c.route.limit
	if limit == 0 {
		limit = MaxBody
	}
	if c.r.ContentLength > int64(limit) {
		return refuse(http.StatusRequestEntityTooLarge, "the request is too large")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, int64(limit)))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return refuse(http.StatusRequestEntityTooLarge, "the request is too large")
		}
		return refuse(http.StatusBadRequest, "the request was cut short")
	}
	c.body = body
	if len(body) == 0 {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	accepted := map[string][]string{
		"":     {"application/xml", "application/json"},
		"text": {"text/plain"}, "form": {"application/x-www-form-urlencoded"}, "multipart": {"multipart/form-data"},
	}[c.route.body]
	if c.route.body != "none" && !slices.Contains(accepted, kind) {
		return refuse(http.StatusUnsupportedMediaType, "")
	}
	return nil
}

// document reads the body as XML or JSON; nil is an empty body.
func (c *call) document() (*mirth.Node, error) {
	if len(c.body) == 0 {
		return nil, nil
	}
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	var n *mirth.Node
	var err error
	if kind == "application/json" {
		n, err = fromJSON(c.body)
	} else {
		n, err = mirth.ParseDocument(c.body, MaxWhole)
	}
	if err != nil {
		c.w.Header().Set("Connection", "close")
		return nil, refuse(http.StatusInternalServerError, err.Error())
	}
	return n, nil
}

// root reads the body as a document of one of these names.
func (c *call) root(names ...string) (*mirth.Node, error) {
	n, err := c.document()
	if err != nil {
		return nil, err
	}
	if n == nil || !slices.Contains(names, n.Name) {
		return nil, refuse(http.StatusInternalServerError, "the body is not a <"+names[0]+">")
	}
	return n, nil
}

// Roots of collections, of which clients send any.
var (
	collectionRoots = []string{"list", "set", "linked-list", "linked-hash-set", "tree-set", "empty-set", "java.util.Collections_-UnmodifiableSet", "java.util.HashSet", "java.util.ArrayList"}
	mapRoots        = []string{"map", "linked-hash-map", "tree-map", "java.util.HashMap"}
)

// ids reads a set of texts; a missing body is an empty set.
func (c *call) ids() ([]string, error) {
	if len(c.body) == 0 {
		return nil, nil
	}
	n, err := c.root(collectionRoots...)
	if err != nil {
		return nil, err
	}
	return n.Texts(), nil
}

// askedFor are the ids that a request for some items names: in its query, or in the body
// of a POST.
func (c *call) askedFor(parameter string) ([]string, error) {
	if c.r.Method == http.MethodPost {
		return c.ids()
	}
	return c.query[parameter], nil
}

// form reads a form.
func (c *call) form() (url.Values, error) {
	v, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the form is not encoded as forms are")
	}
	return v, nil
}

// parts reads the parts of a multipart body as documents, by their names.
func (c *call) parts() (map[string]*mirth.Node, error) {
	reader, err := c.multipart()
	if err != nil {
		return nil, err
	}
	found := map[string]*mirth.Node{}
	for range 100 {
		p, err := reader.NextPart()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "the multipart body is not well formed")
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "the multipart body is not well formed")
		}
		if len(strings.TrimSpace(string(data))) == 0 {
			continue
		}
		n, err := mirth.ParseDocument(data, MaxBody)
		if err != nil {
			return nil, refuse(http.StatusInternalServerError, err.Error())
		}
		found[p.FormName()] = n
	}
	return nil, refuse(http.StatusBadRequest, "the multipart body has too many parts")
}

func (c *call) flag(name string) bool { return c.query.Get(name) == "true" }

// number reads a number from the query.
func (c *call) number(name string, absent int64) (int64, error) {
	v := c.query.Get(name)
	if v == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, refuse(http.StatusNotFound, "Not Found") // as the servlet container does
	}
	return n, nil
}
