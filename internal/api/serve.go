package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/auth"
)

// Base is where the API is, at the socket and over HTTPS.
const Base = "/api/weir/v1"

// Limits of requests, in bytes.
const (
	MaxMessage = 64 << 20 // a message that a user hands over
	maxFile    = 32 << 20 // a channel file
	maxBody    = 1 << 20  // any other body
	maxLogin   = 16 << 10
)

// API serves an engine.
type API struct {
	engine   Engine
	accounts *auth.Accounts
	trail    *audit.Log
	log      *slog.Logger
	mux      *http.ServeMux // finds the route; its handlers are [route]s
}

// New makes the API of an engine.
func New(e Engine, accounts *auth.Accounts, trail *audit.Log, log *slog.Logger) *API {
	a := &API{engine: e, accounts: accounts, trail: trail, log: log, mux: http.NewServeMux()}
	for _, rt := range routes() {
		a.mux.Handle(rt.method+" "+Base+rt.path, &rt)
	}
	return a
}

// Socket serves those whom the socket lets in, which is the user that runs the
// engine, or root. who names the user of a request in the audit trail.
func (a *API) Socket(who func(*http.Request) string) http.Handler {
	mux := http.NewServeMux()
	health(mux, a.engine)
	mux.Handle(Base+"/", a.handler(func(r *http.Request) (*auth.User, string) {
		return &auth.User{Name: who(r), Roles: []string{auth.Administrator}}, ""
	}))
	return mux
}

// Web serves those who have a token or a session.
func (a *API) Web() http.Handler { return a.handler(a.signedIn) }

// CookieName is the session's, as in Mirth Connect: one log-in is good for both APIs.
const CookieName = "JSESSIONID"

// signedIn finds out who asks, by token or else by session.
func (a *API) signedIn(r *http.Request) (u *auth.User, session string) {
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return a.accounts.Bearer(strings.TrimSpace(token)), ""
	}
	// A session comes with any request that a browser sends, also one that another
	// page has made it send.
	if http.NewCrossOriginProtection().Check(r) != nil {
		return nil, ""
	}
	for _, cookie := range r.CookiesNamed(CookieName) {
		if u := a.accounts.Session(cookie.Value); u != nil {
			return u, cookie.Value
		}
	}
	return nil, ""
}

// call is one request on its way.
type call struct {
	*API
	r       *http.Request
	w       http.ResponseWriter
	route   *route
	user    *auth.User // nil before a log-in
	session string     // its token, if any
	attrs   []audit.Attribute
}

func (a *API) handler(who func(*http.Request) (*auth.User, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		found, _ := a.mux.Handler(r)
		c := &call{API: a, r: r, w: w}
		c.route, _ = found.(*route)
		if c.route == nil || c.route.permission != public {
			if c.user, c.session = who(r); c.user == nil {
				h.Set("WWW-Authenticate", "Bearer")
				refuse(w, http.StatusUnauthorized, errors.New("this needs a token (Authorization: Bearer …) or a session"))
				return
			}
		}
		if c.route == nil {
			a.unknown(w, r)
			return
		}
		// The mux sets the parameters of the path only when it serves.
		a.mux.ServeHTTP(&served{w, c}, r)
	})
}

// unknown answers a request that no route has.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		h, _ := a.mux.Handler(other)
		if _, ok := h.(*route); ok {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		refuse(w, http.StatusMethodNotAllowed, fmt.Errorf("%s is not for this path", r.Method))
		return
	}
	refuse(w, http.StatusNotFound, fmt.Errorf("there is nothing at %s; %s/openapi.json lists what there is", r.URL.Path, Base))
}

// served takes a call through the mux to its route.
type served struct {
	http.ResponseWriter
	call *call
}

func (s *served) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// route is one operation.
type route struct {
	method, path string
	permission   string // without one nobody is served
	name         string // what it does; in the audit trail and in OpenAPI
	handler
	limit  int  // of the body, in bytes; 0 is maxBody
	record bool // a GET that is an event: what it shows may be somebody's health
}

func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := w.(*served).call
	c.r = r
	c.serve()
}

// serve runs the route: permission, query and body, what is to be done, the answer.
func (c *call) serve() {
	rt := c.route
	if rt.permission != public && !c.may(rt.permission) {
		c.event(audit.Failure)
		refuse(c.w, http.StatusForbidden, fmt.Errorf("%w: it needs the permission %s", auth.ErrForbidden, rt.permission))
		return
	}
	out, err := c.run()
	if rt.record || rt.method != http.MethodGet {
		outcome := audit.Success
		if err != nil {
			outcome = audit.Failure
		}
		if aerr := c.event(outcome); aerr != nil && err == nil {
			err = aerr // what cannot be recorded is not answered as done
		}
	}
	c.answer(out, err)
}

func (c *call) may(permission string) bool { return c.accounts.May(c.user, permission) }

// invalid is a request that cannot be understood.
type invalid struct {
	status int
	error
}

func (c *call) run() (any, error) {
	query := reflect.New(c.route.query).Elem()
	if err := readQuery(c.r.URL.Query(), query); err != nil {
		return nil, invalid{http.StatusBadRequest, err}
	}
	body := reflect.New(c.route.body).Elem()
	if err := c.readBody(body); err != nil {
		return nil, err
	}
	return c.route.run(c, query.Interface(), body.Interface())
}

func (c *call) readBody(into reflect.Value) error {
	switch body := into.Addr().Interface().(type) {
	case *documents:
		body.from = c.r.Body
		return nil
	case *upload:
		body.from = c.r.Body
		return nil
	}
	limit := c.route.limit
	if limit == 0 {
		limit = maxBody
	}
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, int64(limit)))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return invalid{http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d bytes", limit)}
		}
		return invalid{http.StatusBadRequest, errors.New("the request was cut short")}
	}
	switch into.Type() {
	case reflect.TypeFor[none]():
		return nil
	case reflect.TypeFor[Text]():
		into.SetString(string(data))
		return nil
	}
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind != typeJSON {
		return invalid{http.StatusUnsupportedMediaType, errors.New("the body must be application/json")}
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(into.Addr().Interface()); err != nil {
		return invalid{http.StatusBadRequest, fmt.Errorf("the body is not as it should be: %w", err)}
	}
	if d.More() {
		return invalid{http.StatusBadRequest, errors.New("there is something behind the body")}
	}
	return nil
}

const (
	typeJSON = "application/json"
	typeText = "text/plain"
)

// note says more of the operation in the audit trail.
func (c *call) note(name, value string) {
	c.attrs = append(c.attrs, audit.Attribute{Name: name, Value: value})
}

func (c *call) event(outcome string) error {
	e := audit.Event{Name: c.route.name, Outcome: outcome, Address: c.address(), Attributes: c.attrs}
	if c.user != nil {
		e.UserID, e.Who = c.user.ID, c.user.Name
	}
	for _, name := range c.route.parameters() {
		e.Attributes = append(e.Attributes, audit.Attribute{Name: name, Value: c.r.PathValue(name)})
	}
	err := c.trail.Add(e)
	if err != nil {
		c.log.Error("The audit trail cannot be written; changes are refused", "error", err)
	}
	return err
}

// address is where the connection comes from; the socket has none.
func (c *call) address() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// channel is the one in the path.
func (c *call) channel() string { return c.r.PathValue("channel") }

// id is the message's in the path.
func (c *call) id() (int64, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, invalid{http.StatusBadRequest, fmt.Errorf("%q is no message id", c.r.PathValue("id"))}
	}
	return id, nil
}

// parameters are the names of those in the path.
func (rt *route) parameters() (names []string) {
	for _, part := range strings.Split(rt.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// handler is what a route does, with the types of what it takes and gives.
type handler struct {
	query, body, answer reflect.Type
	run                 func(c *call, query, body any) (any, error)
}

// op makes a handler of a function, whose types say all there is to say of it:
// the parameters of the query, the body, and the answer.
func op[Q, B, A any](do func(c *call, query Q, body B) (A, error)) handler {
	return handler{reflect.TypeFor[Q](), reflect.TypeFor[B](), reflect.TypeFor[A](),
		func(c *call, query, body any) (any, error) { return do(c, query.(Q), body.(B)) }}
}

// What is no JSON document.
type (
	none  struct{} // no query, no body, no answer
	Text  string   // a text as it is
	octet = *Bytes // bytes as they are
	// the messages of an array, as they are found
	eachMessage func(visit func(Message) error) error
)

// Bytes are read piece by piece, and closed.
type Bytes struct {
	io.ReadCloser
	Size int64
}

// answer writes what came of a call.
func (c *call) answer(out any, err error) {
	if err != nil {
		fail(c.w, err)
		return
	}
	switch out := out.(type) {
	case none:
		c.w.WriteHeader(http.StatusNoContent)
	case Text:
		c.w.Header().Set("Content-Type", typeText+"; charset=utf-8")
		io.WriteString(c.w, string(out))
	case octet:
		// Its own type came with the message, and is not for a browser to act upon.
		c.w.Header().Set("Content-Type", "application/octet-stream")
		c.w.Header().Set("Content-Length", strconv.FormatInt(out.Size, 10))
		defer out.Close()
		if n, _ := io.Copy(c.w, out); n != out.Size {
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		}
	case eachDocument:
		writeDocuments(c.w, out)
	case eachMessage:
		list := stream{w: c.w}
		list.end(out(list.add))
	default:
		c.w.Header().Set("Content-Type", typeJSON)
		json.NewEncoder(c.w).Encode(out)
	}
}

// ErrUnknown is returned by an Engine for a channel or message that is not there.
var ErrUnknown = errors.New("unknown")

// problem is an error as it travels (RFC 9457).
type problem struct {
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusConflict
	if bad, ok := errors.AsType[invalid](err); ok {
		status = bad.status
	}
	switch {
	case errors.Is(err, ErrUnknown), errors.Is(err, auth.ErrUnknown):
		status = http.StatusNotFound
	case errors.Is(err, auth.ErrForbidden):
		status = http.StatusForbidden
	case errors.Is(err, auth.ErrWrong):
		status = http.StatusUnauthorized
	}
	refuse(w, status, err)
}

func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(problem{status, err.Error()})
}
