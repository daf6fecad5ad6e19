package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/velocity"
)

// scope fills what every script of the channel sees. cm is nil for scripts
// without a connector message.
func (c *Channel) scope(cm *weir.ConnectorMessage, s script.Scope) *script.Scope {
	s.Host = c.engine.Host
	s.Access = c.access
	s.ChannelID, s.ChannelName = c.Config.ID, c.Config.Name
	s.Global, s.GlobalChannel = c.engine.Global, c.globalChannelMap
	s.Configuration = c.configuration()
	s.Destinations = c.idByName
	if cm != nil {
		s.Message, s.Connector = cm, cm.ConnectorName
	}
	return &s
}

func (c *Channel) configuration() map[string]string {
	if c.engine.Configuration == nil {
		return nil
	}
	return c.engine.Configuration()
}

// variable looks a name up as header variables, map variables, metadata columns
// and thread assignment do: response, connector, channel, source, globalChannel,
// global, configuration.
func (c *Channel) variable(cm *weir.ConnectorMessage, name string) (any, bool) {
	for _, m := range []map[string]any{cm.ResponseMap, cm.ConnectorMap, cm.ChannelMap, cm.SourceMap} {
		if v, ok := m[name]; ok {
			return v, true
		}
	}
	return c.globalVariable(name)
}

func (c *Channel) globalVariable(name string) (any, bool) {
	if v, ok := c.globalChannelMap.Get(name); ok {
		return v, true
	}
	if c.engine.Global != nil {
		if v, ok := c.engine.Global.Get(name); ok {
			return v, true
		}
	}
	if v, ok := c.configuration()[name]; ok {
		return v, true
	}
	return nil, false
}

// textOf is a value as Java prints it: a number from a script as 1.0, a list as
// [a, b], a map as {k=v}.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return "null"
	case float64:
		return velocity.JavaDouble(v)
	case bool:
		return strconv.FormatBool(v)
	case fmt.Stringer:
		return v.String()
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = textOf(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		items := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			items = append(items, k+"="+textOf(v[k]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// hash is the SHA-256 of a connector message's encoded content, or of its raw one.
func hash(cm *weir.ConnectorMessage) string {
	text := cm.Text(weir.Raw)
	if cm.Contents[weir.Encoded].Set {
		text = cm.Text(weir.Encoded)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// columnMax is the longest text a STRING metadata column keeps, in characters.
const columnMax = 255

// castColumn turns a value into what its metadata column holds.
func castColumn(col weir.MetaDataColumn, v any) (any, error) {
	switch col.Type {
	case "NUMBER":
		n, err := strconv.ParseFloat(strings.TrimSpace(textOf(v)), 64)
		if err != nil || !(n < 1e16 && n > -1e16) { // nor NaN
			return nil, fmt.Errorf("the value is not a number below 10^16")
		}
		return n, nil
	case "BOOLEAN":
		if b, ok := v.(bool); ok {
			return b, nil
		}
		switch strings.ToLower(strings.TrimSpace(textOf(v))) {
		case "true", "t", "yes", "y", "on", "1":
			return true, nil
		case "false", "f", "no", "n", "off", "0":
			return false, nil
		}
		return nil, fmt.Errorf("the value is neither true nor false")
	case "TIMESTAMP":
		switch t := v.(type) {
		case time.Time:
			return t, nil
		case interface{ Time() time.Time }: // java.util.Date
			return t.Time(), nil
		}
		text := strings.TrimSpace(textOf(v))
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "20060102150405", "200601021504", "20060102"} {
			if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
				return t, nil
			}
		}
		return nil, fmt.Errorf("the value is not a time that can be read")
	default:
		text := []rune(textOf(v))
		return string(text[:min(len(text), columnMax)]), nil
	}
}
