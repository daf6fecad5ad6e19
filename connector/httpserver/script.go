package httpserver

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpfield"
)

// scriptAuth is Mirth's authentication by JavaScript.
type scriptAuth struct{ script string }

// authScript is the name of its script.
const authScript = "authentication"

// Scripts are the scripts of the settings: that of the authentication, if it is by
// JavaScript.
func (s *Server) Scripts() []weir.Script {
	found, err := s.authentication()
	if err != nil || found == nil || kindOf(found) != "JavaScript" {
		return nil // what is wrong is told by Start
	}
	return []weir.Script{{Name: authScript, Context: weir.AuthenticationContext, Code: found.Group.Text("script")}}
}

// Fields lists the settings.
func (a *scriptAuth) Fields(f *config.Fields) {
	f.Kept("authType", "The kind of authentication; says the same as the name of the group.")
	f.String(&a.script, "script", "", "JavaScript that sees the request in sourceMap and returns an AuthenticationResult, or true.")
}

func (a *scriptAuth) start(*Server) error { return nil }

var errCannotJudge = &Refusal{Status: 500, Text: "Whether the sender may send cannot be said at the moment; send the message again later."}

// authenticate runs the script. As in Mirth the sender is let in by a result of
// SUCCESS, and by true.
func (a *scriptAuth) authenticate(x *Exchange) error {
	about, err := x.about()
	if err != nil {
		return err
	}
	value, err := x.s.env.RunFor(x.R.Context(), authScript, about)
	if err != nil {
		x.s.env.Log.Error("The script that authenticates senders failed; the request is refused", "remote", x.R.RemoteAddr, "error", err)
		return errCannotJudge
	}
	switch v := value.(type) {
	case *weir.Authentication:
		if v.Status == "SUCCESS" {
			return nil
		}
		if v.Status != "CHALLENGED" { // who is asked for a password is no stranger yet
			x.warnUnknown()
		}
		return &Refusal{Status: http.StatusUnauthorized, Text: errUnauthorized.Text, headers: v.Headers}
	case string:
		if v == "true" {
			return nil
		}
	}
	x.warnUnknown()
	return errUnauthorized
}

// about is what a script sees of a request whose body is not read.
func (x *Exchange) about() (map[string]any, error) {
	query, err := url.ParseQuery(x.R.URL.RawQuery)
	if err != nil {
		return nil, &Refusal{Status: http.StatusBadRequest, Text: "The query cannot be read."}
	}
	headers := x.R.Header.Clone()
	headers.Set("Host", x.R.Host)
	remote, remotePort := endpoint(x.R.RemoteAddr)
	about := map[string]any{
		"remoteAddress": remote, "remotePort": remotePort,
		"protocol": x.R.Proto, "method": x.R.Method, "uri": httpfield.Text(x.R.RequestURI),
		"headers": multi(weir.Headers, headers), "parameters": multi(weir.Parameters, query),
	}
	if a, ok := x.R.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		about["localAddress"], about["localPort"] = endpoint(a.String())
	}
	return about, nil
}

// multi is what came, in order of the names.
func multi(kind weir.MultiMapKind, from map[string][]string) *weir.MultiMap {
	m := weir.NewMultiMap(kind)
	for _, name := range slices.Sorted(maps.Keys(from)) {
		for _, v := range from[name] {
			m.Add(httpfield.Text(name), httpfield.Text(v))
		}
	}
	return m
}

func endpoint(address string) (host string, port int32) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return address, 0
	}
	n, _ := strconv.ParseInt(text, 10, 32)
	return strings.Trim(host, "[]"), int32(n)
}
