package server

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/weir-health/weir/internal/audit"
	"github.com/weir-health/weir/internal/mirthapi"
)

//go:embed setup.html
var setupHTML string

var setupTemplate = template.Must(template.New("setup").Parse(setupHTML))

// setupPolicy lets the page's own style and script run, and nothing else. The
// script takes the code from behind the # of the link, which browsers do not send:
// it comes with the form alone and into no log.
var setupPolicy = fmt.Sprintf("default-src 'none'; form-action 'self'; frame-ancestors 'none'; style-src '%s'; script-src '%s'",
	hashOf(setupHTML, "style"), hashOf(setupHTML, "script"))

// hashOf is the hash of what stands in an element, as a policy names it.
func hashOf(page, element string) string {
	_, rest, _ := strings.Cut(page, "<"+element+">")
	text, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// setupForm is what the page for the first account shows.
type setupForm struct{ Message, Token, Name string }

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) {
	s.showSetup(w, http.StatusOK, setupForm{Name: "admin"})
}

func (s *Server) showSetup(w http.ResponseWriter, status int, form setupForm) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", setupPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	if s.doors.accounts.Setup() == "" {
		http.Error(w, "There is an account already. Whoever has one makes others; on the host of the engine, weir user add does.", http.StatusGone)
		return
	}
	w.WriteHeader(status)
	setupTemplate.Execute(w, form)
}

func (s *Server) setup(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mirthapi.MaxLogin)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	form := setupForm{Token: r.PostForm.Get("token"), Name: r.PostForm.Get("username")}
	u, err := s.doors.accounts.First(form.Name, r.PostForm.Get("password"), form.Token, false)
	if err != nil {
		s.doors.trail.Add(audit.Event{Name: "First account", Outcome: audit.Failure, Address: r.RemoteAddr})
		form.Message = err.Error()
		s.showSetup(w, http.StatusForbidden, form)
		return
	}
	s.doors.trail.Add(audit.Event{Name: "First account", UserID: u.ID, Address: r.RemoteAddr, Attributes: []audit.Attribute{{Name: "username", Value: u.Name}}})
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "The account is made. Log in with it: with Mirth's Administrator or command line, mirthSync, or weir with --server.")
}
