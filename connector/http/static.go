package http

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/connector/httpserver"
	"github.com/weir-health/weir/wire/httpbody"
)

// staticResource is a file, a directory or a text that is answered to GET
// requests for its path.
type staticResource struct {
	Path        config.Template
	Kind        string
	Value       config.Template
	ContentType config.Template
	Query       config.TemplateMap

	path string
}

// Fields lists the settings.
func (s *staticResource) Fields(f *config.Fields) {
	f.Template(&s.Path, "contextPath", "", "Path of the resource, below that of the listener.")
	f.String(&s.Kind, "resourceType", "FILE", "What the value is: FILE, DIRECTORY or CUSTOM.").OneOf("FILE", "DIRECTORY", "CUSTOM")
	f.Template(&s.Value, "value", "", "File, directory, or the text itself.")
	f.Template(&s.ContentType, "contentType", "text/plain", "Media type of the answer.")
	f.TemplateMap(&s.Query, "queryParameters", "Parameters that a request must have, and no others; none means any.")
}

// staticResources reads the settings; the longest path comes first.
func (l *Listener) staticResources() ([]*staticResource, error) {
	var out []*staticResource
	for _, item := range l.Static.Group {
		s := new(staticResource)
		if _, err := config.Decode(item.Group, s); err != nil {
			return nil, &weir.Fault{At: "staticResources", Err: err, Hint: "Correct the resource, or remove it."}
		}
		path, query, _ := strings.Cut(l.env.Resolve(s.Path), "?")
		s.path = l.base + contextPath(path)
		s.addQuery(query)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b *staticResource) int { return len(b.path) - len(a.path) })
	return out, nil
}

// addQuery adds the parameters that stand in the path, as older exports have
// them.
func (s *staticResource) addQuery(query string) {
	_ = eachParameter(query, utf8Text, func(name, value string) {
		for i := range s.Query {
			if s.Query[i].Name.Text == name {
				s.Query[i].Values = append(s.Query[i].Values, config.Template{Text: value})
				return
			}
		}
		s.Query = append(s.Query, config.TemplateEntry{Name: config.Template{Text: name}, Values: []config.Template{{Text: value}}})
	})
}

// serveStatic answers from a static resource, if the request is for one.
func (x *exchange) serveStatic() (served bool, err error) {
	if x.R.Method != http.MethodGet || len(x.l.static) == 0 {
		return false, nil
	}
	q := x.head()
	if err := x.parameters(q, nil, false); err != nil {
		return false, err
	}
	for _, s := range x.l.static {
		file, ok := s.match(x.R.URL.Path, q.parameters)
		if !ok {
			continue
		}
		served, err := x.serveResource(s, file, q)
		if err != nil {
			x.l.env.Log.Error("A static resource could not be answered", "path", s.path, "error", err)
			return false, &httpserver.Refusal{Status: 500, Text: "The resource cannot be read."}
		}
		if served {
			return true, nil
		}
	}
	return false, nil
}

// match reports whether a request is for a resource; file is the name below a
// directory.
func (s *staticResource) match(path string, parameters *weir.MultiMap) (file string, ok bool) {
	if len(s.Query) > 0 && !s.sameQuery(parameters) {
		return "", false
	}
	if s.Kind != "DIRECTORY" {
		return "", strings.EqualFold(path, s.path) || s.path == "" && path == "/"
	}
	if !hasPrefixFold(path, s.path+"/") {
		return "", false
	}
	file = path[len(s.path)+1:]
	return file, file != "" && !strings.ContainsAny(file, `/\`) && filepath.IsLocal(file)
}

func (s *staticResource) sameQuery(parameters *weir.MultiMap) bool {
	if parameters.Len() != len(s.Query) {
		return false
	}
	for _, e := range s.Query {
		values := parameters.List(e.Name.Text)
		if len(values) != len(e.Values) {
			return false
		}
		for i, v := range e.Values {
			if values[i] != v.Text {
				return false
			}
		}
	}
	return true
}

// serveResource writes a resource; false means that there is no such file in the
// directory.
func (x *exchange) serveResource(s *staticResource, file string, q *incoming) (served bool, err error) {
	value := x.l.replaced(s.Value, q)
	t, ok := httpbody.ParseMediaType(x.l.replaced(s.ContentType, q))
	if !ok {
		return false, errors.New("its content type is none")
	}
	x.W.Header().Set("Content-Type", httpfield.Value(usualType(t)))
	switch s.Kind {
	case "CUSTOM":
		cs, err := charsetOf(t, x.l.Reply.Charset)
		if err != nil {
			return false, err
		}
		return true, x.Write(http.StatusOK, cs.Append(nil, value))
	case "FILE":
		f, err := os.Open(value)
		if err != nil {
			return false, err
		}
		defer f.Close()
		return true, x.writeFile(f)
	}
	root, err := os.OpenRoot(value)
	if err != nil {
		return false, err
	}
	defer root.Close()
	f, err := root.Open(file)
	if err != nil {
		return false, nil // not there, or a link that leads out of the directory
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	return true, x.writeFile(f)
}

func (x *exchange) writeFile(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", f.Name())
	}
	return x.Writing(func() error {
		x.W.Header().Set("Content-Length", fmt.Sprint(info.Size()))
		x.W.WriteHeader(http.StatusOK)
		_, err := io.CopyN(x.W, f, info.Size())
		return err
	})
}

// replaced replaces variables of a resource: first from the maps that there are
// without a message, then ${name} from what is known of the request. In this
// order nothing in a request is taken for a variable.
func (l *Listener) replaced(t config.Template, q *incoming) string {
	if t.Constant() {
		return t.Text
	}
	text := l.env.Resolve(t)
	var pairs []string
	for name, v := range q.sourceMap() {
		pairs = append(pairs, "${"+name+"}", fmt.Sprint(v))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
