package mirth

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestNothingIsLost walks the texts of every example export and looks for each
// in what was read, as often as it was there.
func TestNothingIsLost(t *testing.T) {
	for _, name := range exports(t) {
		t.Run(filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			im, err := ReadFile(name, data)
			if err != nil {
				t.Fatal(err)
			}
			have := map[string]int{}
			countTexts(reflect.ValueOf(im.Channels), have)
			countTexts(reflect.ValueOf(im.Libraries), have)
			root := parse(t, string(data))
			root.inherit(noVersion)
			leaves(root, nil, func(path []string, e *element) {
				text := e.text
				if e.attr("encoding") == "base64" {
					decoded, err := base64.StdEncoding.DecodeString(text)
					if err != nil {
						t.Fatal(err)
					}
					text = string(decoded)
				}
				if text == "" || known(path, e) {
					return
				}
				if have[text]--; have[text] < 0 {
					t.Errorf("line %d: the text of %s is lost: %q", e.line, strings.Join(path, "/"), text)
				}
			})
		})
	}
}

// known are the texts that are represented by something else: the order of
// steps, the kind of connector, a default script by an empty one, and in steps
// before 3.5 what the conversion replaces.
func known(path []string, e *element) bool {
	switch last := path[len(path)-1]; {
	case last == "sequenceNumber", last == "mode":
		return true
	case strings.HasSuffix(last, "Script") && len(path) == 2 && shipped[strings.TrimSpace(e.text)]:
		return true
	case last == "string" && slices.Contains(path, "resourceIds"):
		return e.version.before(version{3, 4, 0})
	case !slices.Contains(path, "step") && !slices.Contains(path, "rule"):
		return false
	case last == "type", last == "script":
		return true
	case last == "string" && path[len(path)-2] == "entry":
		switch e.text { // keys, and the values that have other names now
		case "Variable", "Mapping", "DefaultValue", "RegularExpressions", "isGlobal", "isGlobalVisible", "Field", "Equals",
			"Values", "Script", "Name", "channel", "globalChannel", "0", "1", "2", "3", "4", "5":
			return true
		}
	}
	return false
}

func leaves(e *element, path []string, visit func([]string, *element)) {
	path = append(path, e.name)
	if len(e.children) == 0 {
		visit(path, e)
	}
	for _, c := range e.children {
		leaves(c, path, visit)
	}
}

// countTexts counts all texts, numbers and truths inside v.
func countTexts(v reflect.Value, have map[string]int) {
	switch v.Kind() {
	case reflect.String:
		have[v.String()]++
	case reflect.Int:
		have[strconv.FormatInt(v.Int(), 10)]++
	case reflect.Bool:
		have[strconv.FormatBool(v.Bool())]++
	case reflect.Pointer:
		if !v.IsNil() {
			countTexts(v.Elem(), have)
		}
	case reflect.Slice:
		for i := range v.Len() {
			countTexts(v.Index(i), have)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			countTexts(v.Field(i), have)
		}
	}
}
