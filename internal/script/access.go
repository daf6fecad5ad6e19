package script

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
	"weak"

	"github.com/dop251/goja"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/internal/script/java"
)

// release closes what the run has opened and not closed, but for what it left in
// a map that outlives it.
func (r *run) release() {
	open := r.java.Handles()
	if len(open) == 0 {
		return
	}
	for _, m := range []*SharedMap{r.scope.GlobalChannel, r.scope.Global} {
		if m != nil {
			open = m.keep(open)
		}
	}
	for h := range open {
		h.Release()
	}
}

// Use is a use of something outside of a script, with its place.
type Use struct {
	e4x.Use
	Connector string // set by who knows it; empty for the channel's own scripts
	Script    string // of the program, such as "transformer"
	Part      string
	Line      int
	Unsure    bool // in a function that a code template makes and nobody may call
}

// Place names where a use stands.
func (u Use) Place() string { return fmt.Sprintf("%s, line %d", u.Part, u.Line) }

// outside lists what the parts of a text use of names outside, in the user's own text.
// It is wanted when a channel is deployed, and then seldom again, so it is not kept.
func (u *unit) outside() []Use {
	if kept := u.uses.Load(); kept != nil {
		if list := kept.Value(); list != nil {
			return *list
		}
	}
	list := u.findOutside()
	kept := weak.Make(&list)
	u.uses.Store(&kept)
	return list
}

// findOutside reads the text. One that cannot be read here was refused before.
func (u *unit) findOutside() []Use {
	if u.modern != nil {
		return u.outsideModern()
	}
	found, err := e4x.Uses("", u.text, e4x.Options{})
	if err != nil {
		return nil
	}
	var out []Use
	place := e4x.Places(u.text)
	for _, use := range found {
		line, _ := place(use.Pos)
		for _, sec := range u.sections {
			if line >= sec.start && line < sec.end {
				out = append(out, Use{Use: use, Part: sec.part, Line: line - sec.start + 1})
			}
		}
	}
	return out
}

// Uses lists what the program uses: its own script, and those code templates
// that it calls, by way of others too.
func (p *Program) Uses() []Use {
	if p.main == nil {
		return nil
	}
	var out []Use
	seen := make(map[*unit]bool)
	var visit func(u *unit)
	visit = func(u *unit) {
		if seen[u] {
			return
		}
		seen[u] = true
		for _, use := range u.outside() {
			use.Unsure = u == p.main && use.Inner && strings.HasPrefix(use.Part, TemplatePart)
			out = append(out, use)
			if t := p.lazy[use.Path[0]]; t != nil {
				visit(t)
			}
		}
	}
	visit(p.main)
	return out
}

// Reach is what scripts reach outside of the engine, found without running them.
type Reach struct {
	Access weir.Access
	Places []Place
	Faults []Fault
	Used   []string // classes, and their methods behind a dot
}

// Join adds what the scripts of a connector reach.
func (r *Reach) Join(connector string, o Reach) {
	for i := range o.Places {
		o.Places[i].Connector = connector
	}
	for i := range o.Faults {
		o.Faults[i].Connector = connector
	}
	r.Places, r.Faults, r.Used = append(r.Places, o.Places...), append(r.Faults, o.Faults...), append(r.Used, o.Used...)
	r.Access.Files = settled(append(r.Access.Files, o.Access.Files...))
	r.Access.Network = settled(append(r.Access.Network, o.Access.Network...))
	r.Access.Databases = settled(append(r.Access.Databases, o.Access.Databases...))
}

// Place is one use that reaches outside.
type Place struct {
	Use
	Kind  access.Kind
	Grant string // what it needs; access.Everything where the place is computed
}

// Fault is something that a script uses and that is not there.
type Fault struct {
	Use
	Name    string // of the class, method or function
	Certain bool   // the script would fail there
	Text    string
	Remedy  string
}

// Find looks at what programs use. The grants are exactly the places that stand
// in the scripts, and all of a kind where one is computed.
func Find(programs ...*Program) Reach {
	var r Reach
	for _, p := range programs {
		if p == nil {
			continue
		}
		f := finder{r: &r, p: p, uses: p.Uses()}
		for i := range f.uses {
			f.uses[i].Script = p.Name
		}
		f.look()
	}
	for _, list := range []*[]string{&r.Access.Files, &r.Access.Network, &r.Access.Databases} {
		*list = settled(*list)
	}
	return r
}

// settled sorts grants and drops those that others hold.
func settled(list []string) []string {
	if slices.Contains(list, access.Everything) {
		return []string{access.Everything}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// finder looks at one program.
type finder struct {
	r       *Reach
	p       *Program
	uses    []Use
	imports []string        // packages
	defined map[string]bool // globals that the script makes itself
	evals   bool
	extends bool // built-in objects, or may do so
}

func (f *finder) look() {
	f.defined = make(map[string]bool)
	for _, u := range f.uses {
		name := u.Path[0]
		switch {
		case u.Kind == e4x.Written && len(u.Path) == 1:
			f.defined[name] = true
		case name == "importPackage" || name == "JavaImporter" || name == "importClass":
			for _, a := range u.Args {
				if a.From != nil {
					f.imports = append(f.imports, dotted(a.From.Path))
				}
			}
		case name == "eval" || name == "Function":
			f.evals = true
		}
		if u.Kind != e4x.Method && slices.Contains(u.Path, "prototype") {
			f.extends = true
		}
	}
	for _, u := range f.uses {
		f.one(u)
	}
}

// dotted is a path without Packages.
func dotted(path []string) string {
	if path[0] == "Packages" {
		path = path[1:]
	}
	return strings.Join(path, ".")
}

var javaRoots = map[string]bool{"java": true, "javax": true, "org": true, "com": true, "edu": true, "net": true, "Packages": true}

// one judges one use.
func (f *finder) one(u Use) {
	if u.Kind == e4x.Written || u.Checked {
		return
	}
	if u.Kind == e4x.Method {
		f.method(u)
		return
	}
	class, member, ok := f.class(u.Path)
	if !ok {
		f.absent(u)
		return
	}
	f.r.Used = append(f.r.Used, class.Name)
	if member != "" {
		f.r.Used = append(f.r.Used, class.Name+"."+member)
	}
	if class.Instead != "" {
		if u.Kind != e4x.Read {
			f.fault(u, class.Name, false, "Java class "+class.Name+" is refused", sentence(class.Instead))
		}
		return
	}
	if member != "" && !class.HasStatic(member) && u.Kind == e4x.Called && f.exists(class, member) {
		f.fault(u, class.Name+"."+member, !u.Guarded, "Java class "+class.Name+" has no static method "+member+" in Weir", "Use another method, or JavaScript")
		return
	}
	f.door(u, class.Name, member)
}

// exists tells a member that is looked for on the class itself, and not on what
// a constant or an inner class of it is.
func (f *finder) exists(class *java.Class, member string) bool {
	return !strings.Contains(member, ".") && member != "class" && member != "getName" && member != "toString"
}

// method judges a method that is called on what a class has made, as far as it is
// plain of what class that is. What JavaScript itself gives every value is there; and
// where a script gives more to all, nothing is said.
func (f *finder) method(u Use) {
	class, member, ok := f.class(u.On.Path)
	if !ok || f.extends || f.evals {
		return
	}
	if f.p.modern && (u.On.Kind != e4x.Made || len(u.Chain) > 1) {
		return // lists, maps and texts of Java are JavaScript's there
	}
	lib := library()
	if u.On.Kind == e4x.Called {
		class = lib.Returned(class, member)
	} else if member != "" || class.New == nil {
		return
	} else {
		class = lib.Made(class)
	}
	last := len(u.Chain) - 1
	for _, name := range u.Chain[:last] {
		class = lib.Returned(class, name)
	}
	name := u.Chain[last]
	if class == nil || class.HasMethod(name) || everywhere()[name] || class.Is("java.lang.String") && onStrings()[name] {
		return
	}
	certain := !u.Guarded && u.On.Kind == e4x.Made && last == 0
	f.fault(u, class.Name+"."+name, certain, "Java class "+class.Name+" has no method "+name+" in Weir", "Use another method, or JavaScript")
}

// everywhere are the methods that JavaScript gives every object, and onStrings those
// of texts.
var everywhere = sync.OnceValue(func() map[string]bool { return prototypeNames("Object") })
var onStrings = sync.OnceValue(func() map[string]bool { return prototypeNames("String") })

func prototypeNames(constructor string) map[string]bool {
	rt := goja.New()
	names := map[string]bool{"toSource": true, "toJSON": true}
	for _, n := range rt.Get(constructor).ToObject(rt).Get("prototype").ToObject(rt).GetOwnPropertyNames() {
		names[n] = true
	}
	return names
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// class finds the class that a path begins with, and what follows it.
func (f *finder) class(path []string) (c *java.Class, member string, ok bool) {
	lib := library()
	if javaRoots[path[0]] {
		parts := path
		if parts[0] == "Packages" {
			parts = parts[1:]
		}
		for n := len(parts); n > 0; n-- {
			if c := lib.Class(strings.Join(parts[:n], ".")); c != nil {
				return c, strings.Join(parts[n:], "."), true
			}
		}
		return nil, "", false
	}
	if f.defined[path[0]] || f.p.lazy[path[0]] != nil {
		return nil, "", false
	}
	if c := userClasses()[path[0]]; c != nil {
		return c, strings.Join(path[1:], "."), true
	}
	for _, name := range f.imports {
		full := name + "." + path[0]
		if name[strings.LastIndexByte(name, '.')+1:] == path[0] {
			full = name // importClass
		}
		if c := lib.Class(full); c != nil {
			return c, strings.Join(path[1:], "."), true
		}
	}
	return nil, "", false
}

// absent notes what is not there: a class of Java, or a function.
func (f *finder) absent(u Use) {
	if javaRoots[u.Path[0]] {
		parts := u.Path
		if parts[0] == "Packages" {
			parts = parts[1:]
		}
		for i, p := range parts {
			if r, _ := utf8.DecodeRuneInString(p); unicode.IsUpper(r) {
				name := strings.Join(parts[:i+1], ".")
				remedy := java.Advice(name)
				if remedy == "" {
					remedy = "Rewrite the line with JavaScript, or with a class that Weir has"
				}
				f.fault(u, name, !u.Guarded && u.Kind != e4x.Read, "Java class "+name+" is not available in Weir", remedy)
				return
			}
		}
		return
	}
	name := u.Path[0]
	if u.Kind == e4x.Read || len(u.Path) > 1 || f.defined[name] || f.evals || f.p.lazy[name] != nil || known()[name] {
		return
	}
	f.fault(u, name, false, "function "+name+" is defined nowhere", "Add the code template library that has it")
}

func (f *finder) fault(u Use, name string, certain bool, text, remedy string) {
	f.r.Faults = append(f.r.Faults, Fault{u, name, certain && !u.Unsure, text, strings.TrimSuffix(remedy, ".")})
}

// known are the global names that every script has.
var known = sync.OnceValue(func() map[string]bool {
	names := make(map[string]bool)
	for _, n := range goja.New().GlobalObject().GetOwnPropertyNames() {
		names[n] = true
	}
	for n := range helpers() {
		names[n] = true
	}
	for _, n := range strings.Fields(`$ $c $co $s $r $g $gc $cfg XML XMLList QName Namespace isXMLName importPackage importClass JavaImporter JavaAdapter
		validate getAttachmentIds getAttachments getAttachment addAttachment updateAttachment uneval doScript doFilter doTransform require`) {
		names[n] = true
	}
	return names
})

// reach is how a class or method of it reaches outside: which arguments are the
// place.
type reach struct {
	kind access.Kind
	args []int
	join bool // the arguments make one path: parent and child
	// maybe: an argument that is neither a text nor made by another door is
	// something else, such as a stream.
	maybe bool
}

// doors are the uses that reach outside, by class and, behind it, the method:
// new, or the name of a static one.
var doors = map[string]reach{
	"java.io.File new":                                                {kind: access.Files, args: []int{0, 1}, join: true},
	"java.io.File createTempFile":                                     {kind: access.Files, args: []int{2}},
	"java.io.FileInputStream new":                                     {kind: access.Files, args: []int{0}},
	"java.io.FileOutputStream new":                                    {kind: access.Files, args: []int{0}},
	"java.io.FileReader new":                                          {kind: access.Files, args: []int{0}},
	"java.io.FileWriter new":                                          {kind: access.Files, args: []int{0}},
	"java.io.RandomAccessFile new":                                    {kind: access.Files, args: []int{0}},
	"java.io.PrintWriter new":                                         {kind: access.Files, args: []int{0}, maybe: true},
	"java.util.zip.ZipFile new":                                       {kind: access.Files, args: []int{0}},
	"java.nio.file.Paths get":                                         {kind: access.Files, args: []int{0, 1, 2, 3}, join: true},
	"java.nio.file.Path of":                                           {kind: access.Files, args: []int{0, 1, 2, 3}, join: true},
	"org.apache.http.entity.FileEntity new":                           {kind: access.Files, args: []int{0}},
	"java.net.URL new":                                                {kind: access.Network, args: []int{0}},
	"java.net.Socket new":                                             {kind: access.Network, args: []int{0, 1}, join: true},
	"java.net.InetSocketAddress new":                                  {kind: access.Network, args: []int{0, 1}, join: true},
	"java.net.InetAddress getByName":                                  {kind: access.Network, args: []int{0}},
	"java.net.InetAddress getAllByName":                               {kind: access.Network, args: []int{0}},
	"java.sql.DriverManager getConnection":                            {kind: access.Databases, args: []int{0}},
	serverUtil + "FileUtil read":                                      {kind: access.Files, args: []int{0}},
	serverUtil + "FileUtil readBytes":                                 {kind: access.Files, args: []int{0}},
	serverUtil + "FileUtil write":                                     {kind: access.Files, args: []int{0}},
	serverUtil + "FileUtil deleteFile":                                {kind: access.Files, args: []int{0}},
	serverUtil + "SMTPConnection new":                                 {kind: access.Network, args: []int{0, 1}, join: true},
	serverUtil + "SMTPConnectionFactory createSMTPConnection":         {kind: access.Network},
	serverUtil + "DatabaseConnectionFactory createDatabaseConnection": {kind: access.Databases, args: []int{1}},
	serverUtil + "DatabaseConnectionFactory createConnection":         {kind: access.Databases, args: []int{1}},
}

const serverUtil = "com.mirth.connect.server.userutil."

// twoPaths are the methods of FileUtils and Files that name two files.
var twoPaths = map[string]bool{"copyFile": true, "copyFileToDirectory": true, "moveFile": true, "moveFileToDirectory": true,
	"moveDirectory": true, "contentEquals": true, "copy": true, "move": true, "isSameFile": true}

// doorOf finds the door of a use.
func doorOf(class, member string, kind e4x.UseKind) (reach, bool) {
	name := member
	if kind == e4x.Made {
		name = "new"
	}
	if d, ok := doors[class+" "+name]; ok {
		return d, true
	}
	method := strings.HasPrefix(class, "org.apache.http.client.methods.Http") && kind == e4x.Made
	switch {
	case method:
		return reach{kind: access.Network, args: []int{0}}, true
	case kind != e4x.Called:
	case class == "org.apache.commons.io.FileUtils" || class == "java.nio.file.Files":
		switch {
		case name == "copyInputStreamToFile" || name == "copyURLToFile":
			return reach{kind: access.Files, args: []int{1}}, true
		case strings.HasPrefix(name, "createTemp"):
			return reach{kind: access.Files, args: []int{0}, maybe: true}, true
		case strings.HasPrefix(name, "getTemp"):
		case name == "copy" && class == "java.nio.file.Files":
			return reach{kind: access.Files, args: []int{0, 1}, maybe: true}, true
		case twoPaths[name]:
			return reach{kind: access.Files, args: []int{0, 1}}, true
		default:
			return reach{kind: access.Files, args: []int{0}}, true
		}
	}
	return reach{}, false
}

// door grants what a use needs.
func (f *finder) door(u Use, class, member string) {
	d, ok := doorOf(class, member, u.Kind)
	if !ok {
		return
	}
	if class == serverUtil+"SMTPConnectionFactory" {
		f.grant(u, d.kind, access.MailServer)
		return
	}
	if d.kind == access.Files && strings.HasSuffix(class, "File") && member == "createTempFile" && len(u.Args) < 3 {
		f.grant(u, access.Files, os.TempDir())
		return
	}
	if d.kind == access.Files && class == "java.nio.file.Files" && strings.HasPrefix(member, "createTemp") {
		f.grant(u, access.Files, os.TempDir())
	}
	if len(u.Args) == 0 && d.kind == access.Network { // such as new HttpPost(), with setURI
		if class != "java.net.Socket" { // which connects to what an InetSocketAddress says
			f.grant(u, d.kind, access.Everything)
		}
		return
	}
	if d.join {
		f.joined(u, d, u.Args)
		return
	}
	for _, i := range d.args {
		if i < len(u.Args) {
			f.argument(u, d, u.Args[i])
		}
	}
}

// argument grants the place that one argument names.
func (f *finder) argument(u Use, d reach, v e4x.Value) {
	if v.From != nil && f.accounted(v.From, d.kind) {
		return
	}
	if d.maybe && !v.Begins() {
		return
	}
	f.place(u, d.kind, v)
}

// accounted tells a value that another door has made, and for which that one has
// granted what it needs.
func (f *finder) accounted(from *e4x.Use, kind access.Kind) bool {
	class, member, ok := f.class(from.Path)
	if !ok {
		return false
	}
	if class.Name == "java.net.URI" && kind == access.Network {
		return false
	}
	d, ok := doorOf(class.Name, member, from.Kind)
	return ok && d.kind == kind
}

// joined grants the place that several arguments make.
func (f *finder) joined(u Use, d reach, args []e4x.Value) {
	if len(args) == 0 {
		return
	}
	if d.kind == access.Network {
		host := args[0]
		if host.From != nil && f.accounted(host.From, d.kind) {
			return
		}
		switch {
		case !host.Known:
			f.grant(u, d.kind, access.Everything)
		case len(args) > 1 && args[1].Known:
			f.grant(u, d.kind, net.JoinHostPort(host.Text, args[1].Text))
		default:
			f.grant(u, d.kind, host.Text)
		}
		return
	}
	if args[0].From != nil && f.accounted(args[0].From, d.kind) {
		return // in the directory that is granted already
	}
	whole := args[0]
	for _, a := range args[1:] {
		if !whole.Known {
			break
		}
		if len(whole.Text) > 0 {
			whole.Text += string(filepath.Separator)
		}
		whole = e4x.Value{Text: whole.Text + a.Text, Known: a.Known}
	}
	f.place(u, d.kind, whole)
}

// place grants what a text names, as far as it is known.
func (f *finder) place(u Use, kind access.Kind, v e4x.Value) {
	switch kind {
	case access.Files:
		f.grant(u, kind, directory(v))
	case access.Network:
		f.address(u, v)
	default:
		grant := access.Everything
		text, _, cut := strings.Cut(v.Text, "?")
		if v.Known || cut || strings.Contains(v.Text, ";") {
			grant = access.DatabaseURL(text)
		}
		f.grant(u, kind, grant)
	}
}

// directory is the directory of a file, or the place itself where it may be a
// directory: where it has no extension. Of a text that goes on it is the part
// before the last separator.
func directory(v e4x.Value) string {
	path := strings.TrimSpace(v.Text)
	cut := strings.LastIndexByte(path, '/')
	if filepath.Separator != '/' {
		cut = max(cut, strings.LastIndexByte(path, filepath.Separator))
	}
	switch {
	case v.Known && path == "":
		return access.Everything
	case v.Known && filepath.Ext(path[cut+1:]) == "":
		return filepath.Clean(path)
	case cut < 0 && v.Known:
		return "."
	case cut < 0:
		return access.Everything
	case cut == 0:
		return string(filepath.Separator)
	}
	return filepath.Clean(path[:cut])
}

// address grants where a URL leads, which is known once its host and port are.
func (f *finder) address(u Use, v e4x.Value) {
	text := v.Text
	if !strings.Contains(text, "://") { // InetAddress
		if v.Known && text != "" {
			f.grant(u, access.Network, text)
		} else {
			f.grant(u, access.Network, access.Everything)
		}
		return
	}
	_, rest, _ := strings.Cut(text, "://")
	if !v.Known && !strings.ContainsAny(rest, "/?#") {
		f.grant(u, access.Network, access.Everything)
		return
	}
	end := strings.IndexAny(rest, "/?#")
	if end >= 0 {
		text = text[:len(text)-len(rest)+end]
	}
	parsed, err := url.Parse(text)
	if err != nil {
		f.grant(u, access.Network, access.Everything)
		return
	}
	if strings.EqualFold(parsed.Scheme, "file") {
		f.grant(u, access.Files, directory(e4x.Value{Text: strings.TrimPrefix(v.Text, "file://"), Known: v.Known}))
		return
	}
	if place := access.URLPlace(parsed); place != "" {
		f.grant(u, access.Network, place)
	}
}

func (f *finder) grant(u Use, kind access.Kind, grant string) {
	f.r.Places = append(f.r.Places, Place{u, kind, grant})
	list := map[access.Kind]*[]string{access.Files: &f.r.Access.Files, access.Network: &f.r.Access.Network, access.Databases: &f.r.Access.Databases}[kind]
	*list = append(*list, grant)
}
