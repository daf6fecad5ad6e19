package mirth

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Import is what a file held.
type Import struct {
	Kind          string // such as "channel", "channel list", "server backup"
	Version       string // of the engine that wrote it, where the file says
	Channels      []*weir.Channel
	Libraries     []Library            // also those exported inside of channels
	Inside        map[string][]Library // those, by the channel's id
	Global        *weir.GlobalScripts
	Configuration []ConfigEntry

	// Kept as written, for those who read them later.
	Alerts       config.Group // alertModel
	Groups       config.Group // channelGroup, with ids in place of channels
	Tags         config.Group // channelTag
	Dependencies config.Group // channelDependency, also applied to the channels
	Resources    config.Group // resource properties, by their classes
	Other        config.Group // server settings, plugin properties, …
	Messages     int          // in an export of messages, which is for a channel's message browser

	Notes []Note // in the order of channels, the gravest first

	libraries    []Library  // as found
	loose        []Template // without a library
	left         int        // notes beyond MaxNotes
	leftSeverity Severity
}

// ReadFile reads a file of any kind; name is used in errors alone. An error
// means that nothing of the file can be used. What is wrong with single
// channels is in the notes: a channel that cannot be read is left out and has a
// note of severity Blocks.
func ReadFile(name string, data []byte) (*Import, error) {
	im, err := readFile(data, defaultLimits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return im, nil
}

func readFile(data []byte, l limits) (*Import, error) {
	if len(data) > l.file {
		return nil, weir.WithHint(fmt.Errorf("the file has %d bytes, more than %d", len(data), l.file), "",
			"Export the channels in several files.")
	}
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	im := &Import{Inside: map[string][]Library{}}
	if isXML, err := looksLike(text); err != nil {
		return nil, err
	} else if !isXML {
		im.Kind = "configuration map"
		im.readProperties(text)
		im.finish()
		return im, nil
	}
	if isMessages(text) {
		im.readMessages(text)
		return im, nil
	}
	root, err := scan(text, l)
	if err != nil {
		return nil, err
	}
	if err := im.read(root, l); err != nil {
		return nil, err
	}
	im.join()
	im.finish()
	return im, nil
}

// join makes of single finds what belongs together.
func (im *Import) join() {
	if len(im.loose) > 0 {
		im.libraries = append(im.libraries, Library{Name: looseLibrary, IncludeNewChannels: true, Templates: im.loose})
	}
	im.Libraries = MergeLibraries(nil, im.libraries)
	im.applyDependencies()
}

// looksLike tells XML from the text of a configuration map, and refuses what is
// neither or is another kind of document.
func looksLike(text string) (isXML bool, err error) {
	trimmed := strings.TrimSpace(text)
	switch root, _ := rootName(trimmed); {
	case trimmed == "":
		return false, weir.WithHint(errors.New("the file is empty"), "", "Export it again.")
	case trimmed[0] != '<':
		if isProperties(trimmed) {
			return false, nil
		}
		return false, weir.WithHint(errors.New("the file is neither XML nor a configuration map of key = value lines"), "",
			"Choose a file that Mirth exported.")
	case strings.EqualFold(root, "html"), len(trimmed) > 9 && strings.EqualFold(trimmed[:9], "<!doctype"):
		return false, weir.WithHint(errors.New("the file is a web page or has a document type; exports have none"), "",
			"Download the export itself; this may be a login or an error page.")
	}
	return true, nil
}

// isMessages tells an export of messages, alone or in a list. Some tools write
// several documents into one file.
func isMessages(text string) bool {
	root, rest := rootName(text)
	if root == "list" || root == "linked-list" {
		_, rest, _ = strings.Cut(rest, ">")
		root, _ = rootName(rest)
	}
	return root == "message"
}

// readMessages counts messages, which are not looked into: what they hold is
// somebody's health, and no configuration.
func (im *Import) readMessages(text string) {
	im.Kind = "message export"
	im.Messages = strings.Count(text, "<message>") + strings.Count(text, "<message ")
	im.add(Note{Severity: Info, Text: fmt.Sprintf("the file holds %d exported messages, and no configuration", im.Messages),
		Remedy: "Import them into their channel through the REST API, as POST /channels/ID/messages/_import."})
}

func errUnknown(format string, args ...any) error {
	return weir.WithHint(fmt.Errorf(format+" is not an export that Weir knows", args...), "",
		"Choose an export of channels, groups, code templates, scripts, alerts, or a server backup.")
}

// rootName finds the name of the root element without reading the document, and
// what follows the name.
func rootName(text string) (name, rest string) {
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		switch {
		case strings.HasPrefix(text, "<?"):
			_, text, _ = strings.Cut(text, "?>")
		case strings.HasPrefix(text, "<!--"):
			_, text, _ = strings.Cut(text, "-->")
		case strings.HasPrefix(text, "<"):
			n := strings.IndexAny(text, " \t\r\n/>")
			if n < 0 {
				n = len(text)
			}
			return text[1:n], text[n:]
		default:
			return "", ""
		}
	}
}

// kinds names the root elements and how each is read. It is the list of all
// that a file may choose from.
var kinds = map[string]struct {
	kind string
	read func(*Import, *element)
}{
	"channel":             {"channel", (*Import).addChannel},
	"channelGroup":        {"channel group", (*Import).addGroup},
	"codeTemplate":        {"code template", (*Import).addTemplate},
	"codeTemplateLibrary": {"code template library", (*Import).addLibrary},
	"alertModel":          {"alert", (*Import).addAlert},
	"channelTag":          {"channel tag", (*Import).addTag},
	"channelDependency":   {"channel dependency", (*Import).addDependency},
	"metaDataColumn":      {"metadata column", (*Import).addOther},
	"serverSettings":      {"server settings", (*Import).addOther},
	directoryResource:     {"resource", (*Import).addResource},
	"serverConfiguration": {"server backup", (*Import).readServer},
}

// parts are roots that belong into a channel.
var parts = map[string]string{
	"filter": "filter", "transformer": "transformer", "responseTransformer": "transformer",
	"connector": "connector", "sourceConnector": "connector",
}

func (im *Import) read(root *element, l limits) error {
	root.inherit(noVersion)
	im.followReferences(root, l)
	place{im: im}.scriptsApart(root)
	if root.attr("version") != "" {
		im.Version = root.version.String()
	}
	switch root.name {
	case "list", "set", "linked-list", "linked-hash-set":
		return im.readList(root)
	case "map", "linked-hash-map", "tree-map":
		return im.readMap(root)
	}
	if what, ok := parts[root.name]; ok {
		return weir.WithHint(fmt.Errorf("the file holds a %s alone", what), "",
			"Export the channel that it belongs to.")
	}
	k, ok := kinds[root.name]
	if !ok {
		return errUnknown("<%s>", shown(root.name))
	}
	k.read(im, root)
	im.Kind = k.kind
	return nil
}

// scriptsApart notes scripts that stand in files of their own, as mirthSync writes
// them: without them a channel would run with empty scripts.
func (p place) scriptsApart(e *element) {
	if e.name == "channel" && e.child("sourceConnector") != nil {
		p.channel = channelLabel(e)
	}
	p = p.in(e.name)
	if file := e.attr("msync-fileref"); file != "" {
		p.add(e, Note{Severity: Blocks, About: Apart, Text: fmt.Sprintf("the script stands in a file of its own, %s, and not in the export", shown(file)),
			Remedy: "Pull it again with mirthSync's --disk-mode items, which leaves scripts in the exports, or export it from Mirth Connect."})
	}
	for _, c := range e.children {
		p.scriptsApart(c)
	}
}

// readList reads a list or set of whatever kinds.
func (im *Import) readList(root *element) error {
	im.Kind = "empty list"
	unknown := 0
	for i, e := range root.children {
		k, ok := kinds[e.name]
		if !ok || e.name == "serverConfiguration" {
			place{im: im}.in(root.name).item(e.name, i+1).note(e, Info, "", "<%s> is not known to Weir and kept as it is", shown(e.name))
			im.addOther(e)
			unknown++
			k.kind = "list"
		} else {
			k.read(im, e)
			k.kind += " list"
		}
		if i == 0 {
			im.Kind = k.kind
			im.Version = e.attr("version")
		} else if im.Kind != k.kind {
			im.Kind = "list"
		}
	}
	if unknown > 0 && unknown == len(root.children) {
		return errUnknown("<%s> of <%s>", root.name, shown(root.children[0].name))
	}
	return nil
}
