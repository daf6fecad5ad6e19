package config

import "strconv"

// TemplateMap is a map of names to lists of texts in which ${…} is replaced for
// each message, in names and in values, in file order.
type TemplateMap []TemplateEntry

// TemplateEntry is one name with its values.
type TemplateEntry struct {
	Name   Template
	Values []Template
}

// TemplateMap declares a map of names to lists of templates, written as Mirth
// writes the headers and parameters of HTTP connectors: entries of a text and a
// list of texts. A text in place of the list is a list of one.
//
// The templates in it are called after the name as it is typed, so that a stored
// value is never taken for that of another name: with the header X-Site in the
// setting headers, "headers.X-Site.name" is its name and "headers.X-Site.0" its
// first value. [List] of settings that have been decoded gives these, too, each
// with its text as default; they are part of what a file wrote and not settings
// that a reference page could name.
func (f *Fields) TemplateMap(p *TemplateMap, name, help string) *Field {
	fd := f.add(name, "map of templates", "", help, func(s Setting) error {
		*p = nil
		for _, entry := range s.Group {
			if len(entry.Group) == 2 {
				*p = append(*p, templateEntry(name, entry.Group[0].Text, entry.Group[1]))
			}
		}
		return nil
	})
	if !f.decoding {
		for _, e := range *p {
			f.listed(e.Name)
			for _, v := range e.Values {
				f.listed(v)
			}
		}
	}
	return fd
}

func templateEntry(setting, name string, value Setting) TemplateEntry {
	in := setting + "." + name + "."
	e := TemplateEntry{Name: Template{Name: in + "name", Text: name}}
	texts := value.Group
	if len(texts) == 0 && value.Name == "string" {
		texts = Group{value}
	}
	for i, t := range texts {
		e.Values = append(e.Values, Template{Name: in + strconv.Itoa(i), Text: t.Text})
	}
	return e
}

// Part lists a template that is part of a setting declared otherwise, such as the
// references in a statement of SQL. Its name begins with the setting's, and tells
// which part it is. It does nothing while settings are decoded.
func (f *Fields) Part(t Template) {
	if !f.decoding {
		f.listed(t)
	}
}

// listed adds a template that a map holds to the list of fields.
func (f *Fields) listed(t Template) {
	f.list = append(f.list, &Field{Name: t.Name, Kind: "template", Default: t.Text, Help: "A name or value of a map.", claim: f})
}
