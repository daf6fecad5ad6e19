package server

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// valid judges a value by a schema: the keywords that ours is written with, and a
// failure for any other, so that the schema cannot come to use what is not judged.
type valid struct {
	root map[string]any
}

func (v valid) check(at string, s any, value any) error {
	schema, ok := s.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %v is no schema", at, s)
	}
	object, isObject := value.(map[string]any)
	list, isList := value.([]any)
	text, isText := value.(string)
	for key, with := range schema {
		var err error
		switch key {
		case "$schema", "title", "description", "default", "examples", "$defs", "then":
		case "$ref":
			name := strings.TrimPrefix(with.(string), "#/$defs/")
			def, ok := v.root["$defs"].(map[string]any)[name]
			if !ok {
				return fmt.Errorf("there is no $defs/%s", name)
			}
			err = v.check(at, def, value)
		case "type":
			types, many := with.([]any)
			if !many {
				types = []any{with}
			}
			if !slices.ContainsFunc(types, func(t any) bool { return isOfType(value, t.(string)) }) {
				err = fmt.Errorf("%s: %v is not of type %v", at, value, with)
			}
		case "properties":
			for name, inside := range with.(map[string]any) {
				if held, ok := object[name]; ok && err == nil {
					err = v.check(at+"/"+name, inside, held)
				}
			}
		case "additionalProperties":
			known, _ := schema["properties"].(map[string]any)
			for name, held := range object {
				if _, ok := known[name]; ok || err != nil {
					continue
				}
				if allowed, isBool := with.(bool); isBool {
					if !allowed {
						err = fmt.Errorf("%s: there is no %s", at, name)
					}
				} else {
					err = v.check(at+"/"+name, with, held)
				}
			}
		case "required":
			for _, name := range with.([]any) {
				if _, ok := object[name.(string)]; isObject && !ok {
					err = fmt.Errorf("%s: %s is missing", at, name)
				}
			}
		case "items":
			for i, item := range list {
				if err == nil && isList {
					err = v.check(fmt.Sprintf("%s/%d", at, i), with, item)
				}
			}
		case "enum":
			if !slices.ContainsFunc(with.([]any), func(x any) bool { return fmt.Sprint(x) == fmt.Sprint(value) }) {
				err = fmt.Errorf("%s: %v is none of %v", at, value, with)
			}
		case "const":
			if fmt.Sprint(with) != fmt.Sprint(value) {
				err = fmt.Errorf("%s: %v is not %v", at, value, with)
			}
		case "pattern":
			if isText && !regexp.MustCompile(with.(string)).MatchString(text) {
				err = fmt.Errorf("%s: %q does not match %s", at, text, with)
			}
		case "anyOf":
			var all []string
			for _, one := range with.([]any) {
				if err = v.check(at, one, value); err == nil {
					break
				}
				all = append(all, err.Error())
			}
			if err != nil {
				err = fmt.Errorf("%s: none of: %s", at, strings.Join(all, " / "))
			}
		case "allOf":
			for _, one := range with.([]any) {
				if err == nil {
					err = v.check(at, one, value)
				}
			}
		case "if":
			if v.check(at, with, value) == nil {
				err = v.check(at, schema["then"], value)
			}
		default:
			err = fmt.Errorf("the keyword %s of the schema is not judged here", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isOfType(value any, name string) bool {
	switch value := value.(type) {
	case map[string]any:
		return name == "object"
	case []any:
		return name == "array"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case nil:
		return name == "null"
	case float64:
		return name == "number" || name == "integer" && value == float64(int64(value))
	}
	return false
}

// schemaValue reads a channel file as the schema sees it.
func schemaValue(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value) // which makes all numbers alike
	if err != nil {
		t.Fatal(err)
	}
	value = nil
	if err := json.Unmarshal(asJSON, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// TestExamplesFitTheSchema converts every export there is, and judges the channel
// files, and those among the examples, by the published schema.
func TestExamplesFitTheSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(Schema(Options{})), &schema); err != nil {
		t.Fatal(err)
	}
	v := valid{schema}
	files := map[string][]byte{"variables": []byte(variableChannel)}
	for _, pattern := range []string{"../test/cases/*/*.xml", "../test/cases-own/*/*.xml", "../test/bench-channels/*.xml", "../examples/*/*.xml",
		"../internal/mirth/testdata/channels/*.xml", "testdata/check/backup.xml", "testdata/check/channels.xml"} {
		found, _ := filepath.Glob(pattern)
		if len(found) == 0 {
			t.Errorf("no exports in %s", pattern)
		}
		for _, name := range found {
			made, err := Convert(Options{}, name)
			if err != nil {
				continue // libraries, scripts and maps are no channels
			}
			for _, f := range made {
				if strings.HasSuffix(f.Name, ".yaml") {
					files[name+" "+f.Name] = f.Data
				}
			}
		}
	}
	own, _ := filepath.Glob("../examples/*/*.yaml")
	for _, name := range own {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	if len(files) < 50 || len(own) == 0 {
		t.Errorf("only %d files", len(files))
	}
	for name, data := range files {
		if err := v.check("", schema, schemaValue(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is wrong does not fit.
func TestSchemaRefuses(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(Schema(Options{})), &schema); err != nil {
		t.Fatal(err)
	}
	v := valid{schema}
	if err := v.check("", schema, schemaValue(t, []byte(variableChannel))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to string }{
		{"a key that is not known", "name: Ward", "nam: Ward"},
		{"no source", "source:", "sources:"},
		{"a setting that is not known", "outputPattern", "outputPatern"},
		{"a number that is none", "      template:", "      destinationConnectorProperties: {retryCount: soon}\n      template:"},
		{"a choice that is none", "      template:", "      scheme: GOPHER\n      template:"},
		{"a variable that is a list", "  folder:\n", "  folder: [a]\n"},
	} {
		text := strings.Replace(variableChannel, c.from, c.to, 1)
		if err := v.check("", schema, schemaValue(t, []byte(text))); err == nil {
			t.Errorf("%s fits:\n%s", c.name, text)
		}
	}
}
