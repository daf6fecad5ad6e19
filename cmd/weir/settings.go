package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/weir-health/weir"
)

// A setting of serve comes from its flag, else from its variable (WEIR_DATA for
// --data), else from its key in the config file. Any of these may be a reference
// to where the value is: env:NAME or file:/path.

// maxConfigFile is the largest config file that is read, in bytes.
const maxConfigFile = 1 << 20

// fromEnvironment gives each flag that was not set the value of its variable,
// and then each flag the value that it refers to.
func fromEnvironment(c *cobra.Command, names ...string) error {
	return settle(c, nil, names)
}

// fromFile is fromEnvironment with a config file behind the variables. Its keys
// are the names of the flags; one that is not known is an error.
func fromFile(c *cobra.Command, file string, names ...string) error {
	values := map[string]string{}
	if file != "" {
		if err := readConfig(file, values); err != nil {
			return err
		}
		for key := range values {
			if !slices.Contains(names, key) {
				return &weir.Fault{At: file, Err: fmt.Errorf("there is no setting %q", key), Hint: "The settings are " + strings.Join(names, ", ") + "."}
			}
		}
	}
	return settle(c, values, names)
}

// accessKey is the setting that says what scripts may reach, which has no flag:
//
//	access: {"Lab results": {files: [/data/out], network: ["lab:2575"], databases: []}}
const accessKey = "access"

// readAccess reads that setting. A kind that is left out is nil.
func readAccess(file string) (map[string]weir.Access, error) {
	if file == "" {
		return nil, nil
	}
	text, err := readLimited(file)
	if err != nil {
		return nil, err
	}
	var all struct {
		Access map[string]map[string][]string `yaml:"access"`
	}
	const hint = `Write it as access: {"Channel name": {files: [...], network: [...], databases: [...]}}.`
	if err := yaml.Unmarshal(text, &all); err != nil {
		return nil, &weir.Fault{At: file, Err: errors.New(yaml.FormatError(err, false, false)), Hint: hint}
	}
	out := map[string]weir.Access{}
	for channel, kinds := range all.Access {
		var a weir.Access
		for kind, places := range kinds {
			if places == nil {
				places = []string{}
			}
			switch kind {
			case "files":
				a.Files = places
			case "network":
				a.Network = places
			case "databases":
				a.Databases = places
			default:
				return nil, &weir.Fault{At: file, Err: fmt.Errorf("access of %q has no kind %q", channel, kind), Hint: hint}
			}
		}
		out[channel] = a
	}
	return out, nil
}

func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &weir.Fault{At: "config", Err: err, Hint: "Name a file that exists and that this user may read."}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigFile+1))
	if err == nil && len(text) > maxConfigFile {
		err = fmt.Errorf("%s is larger than %d bytes", file, maxConfigFile)
	}
	return text, err
}

func readConfig(file string, values map[string]string) error {
	text, err := readLimited(file)
	if err != nil {
		return err
	}
	var raw map[string]any
	if err := yaml.UnmarshalWithOptions(text, &raw, yaml.Strict()); err != nil {
		return &weir.Fault{At: file, Err: errors.New(yaml.FormatError(err, false, false)), Hint: "Write one \"name: value\" a line."}
	}
	delete(raw, accessKey) // see readAccess
	for key, value := range raw {
		switch value.(type) {
		case string, bool, int64, uint64, float64:
			values[key] = fmt.Sprint(value)
		default:
			return &weir.Fault{At: file, Err: fmt.Errorf("the value of %s is not a plain value", key), Hint: "Write one \"name: value\" a line."}
		}
	}
	return nil
}

func settle(c *cobra.Command, file map[string]string, names []string) error {
	for _, name := range names {
		flag := c.Flags().Lookup(name)
		value, from := flag.Value.String(), "--"+name
		if !flag.Changed {
			variable := "WEIR_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			if v, ok := os.LookupEnv(variable); ok {
				value, from = v, variable
			} else if v, ok := file[name]; ok {
				value, from = v, name
			}
		}
		value, err := dereference(value)
		if err == nil {
			err = c.Flags().Set(name, value)
		}
		if err != nil {
			return &weir.Fault{At: from, Err: err, Hint: "See weir " + c.Name() + " --help."}
		}
	}
	return nil
}

// dereference returns what a value refers to, or the value itself.
func dereference(value string) (string, error) {
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		v, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("the variable %s is not set", name)
		}
		return v, nil
	}
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		data, err := os.ReadFile(path)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	return value, nil
}
