// Package alert reads Mirth's alerts and tells which errors they are about, and
// what they say of them.
package alert

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
)

// Alert is one that is enabled.
type Alert struct {
	ID, Name string
	Groups   []Group

	kinds                     []string // of errors; ANY is all
	enabled, disabled         []string // ids of channels
	partial                   map[string]connectors
	newSource, newDestination bool
	regex                     *regexp2.Regexp // nil: any text
}

// connectors are those of a channel that an alert is about; others are those that
// the channel gets later.
type connectors struct {
	enabled, disabled []int
	others            bool
}

// Group is what is done with one text.
type Group struct {
	Actions           []Action
	Subject, Template string
}

// Action tells somebody: by e-mail to an address or to a user, or by a message to a
// channel.
type Action struct{ Protocol, Recipient string }

// Protocols of actions.
const (
	Email   = "Email"
	User    = "User"
	Channel = "Channel"
)

// Limits of an alert.
const (
	maxActions = 1000
	matchTime  = time.Second // of its expression, on one error
)

// Read reads the alerts of a list that are enabled. What is wrong with one leaves
// the others.
func Read(list *mirth.Node) ([]*Alert, error) {
	var alerts []*Alert
	var wrong []error
	for _, n := range list.Items() {
		if n.Name != "alertModel" || n.TextAt("enabled") != "true" {
			continue
		}
		a, err := read(n)
		if err != nil {
			wrong = append(wrong, &weir.Fault{At: "alert " + n.TextAt("name"), Err: err, Hint: "Correct the alert; it is left out until then."})
			continue
		}
		alerts = append(alerts, a)
	}
	return alerts, errors.Join(wrong...)
}

func read(n *mirth.Node) (*Alert, error) {
	a := &Alert{ID: n.TextAt("id"), Name: n.TextAt("name"), partial: map[string]connectors{}}
	trigger := n.At("trigger")
	channels := trigger.At("alertChannels")
	a.newSource, a.newDestination = channels.TextAt("newChannelSource") == "true", channels.TextAt("newChannelDestination") == "true"
	a.enabled, a.disabled = channels.At("enabledChannels").Texts(), channels.At("disabledChannels").Texts()
	for _, e := range channels.At("partialChannels").Items() {
		if len(e.Children) == 2 {
			enabled, others := numbers(e.Children[1].At("enabledConnectors"))
			disabled, _ := numbers(e.Children[1].At("disabledConnectors"))
			a.partial[e.Children[0].Text] = connectors{enabled, disabled, others}
		}
	}
	for _, kind := range trigger.At("errorEventTypes").Items() {
		a.kinds = append(a.kinds, kind.Text)
	}
	if text := trigger.TextAt("regex"); strings.TrimSpace(text) != "" {
		var err error
		if a.regex, err = regexp2.Compile(text, regexp2.None); err != nil {
			return nil, fmt.Errorf("its expression: %w", err)
		}
		a.regex.MatchTimeout = matchTime
	}
	count := 0
	for _, g := range n.At("actionGroups").Items() {
		group := Group{Subject: g.TextAt("subject"), Template: g.TextAt("template")}
		for _, action := range g.At("actions").Items() {
			if count++; count > maxActions {
				return nil, fmt.Errorf("it has more than %d actions", maxActions)
			}
			group.Actions = append(group.Actions, Action{action.TextAt("protocol"), strings.TrimSpace(action.TextAt("recipient"))})
		}
		a.Groups = append(a.Groups, group)
	}
	return a, nil
}

// numbers are the metadata ids of a set; null among them stands for those that come later.
func numbers(set *mirth.Node) (ids []int, null bool) {
	for _, n := range set.Items() {
		if n.Name == "null" {
			null = true
		} else if id, err := strconv.Atoi(n.Text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids, null
}

// Matches tells whether an alert is about an error.
func (a *Alert) Matches(e pipeline.ErrorEvent) bool {
	return (slices.Contains(a.kinds, string(e.Kind)) || slices.Contains(a.kinds, "ANY")) && a.about(e) && a.says(e)
}

func (a *Alert) about(e pipeline.ErrorEvent) bool {
	if slices.Contains(a.enabled, e.ChannelID) {
		return true
	}
	if slices.Contains(a.disabled, e.ChannelID) {
		return false
	}
	if p, ok := a.partial[e.ChannelID]; ok {
		switch {
		case e.MetaDataID < 0:
			return len(p.enabled) > 0 || p.others
		case slices.Contains(p.enabled, e.MetaDataID):
			return true
		}
		return p.others && !slices.Contains(p.disabled, e.MetaDataID)
	}
	switch {
	case e.MetaDataID == 0:
		return a.newSource
	case e.MetaDataID > 0:
		return a.newDestination
	}
	return a.newSource || a.newDestination
}

func (a *Alert) says(e pipeline.ErrorEvent) bool {
	if a.regex == nil {
		return true
	}
	found, err := a.regex.MatchString(Text(e))
	return err == nil && found
}

// kindNames are the kinds as people read them, and as ${errorType} has them.
var kindNames = map[pipeline.ErrorKind]string{
	pipeline.SourceConnectorError: "Source Connector", pipeline.DestinationConnectorError: "Destination Connector",
	pipeline.SerializerError: "Serializer", pipeline.FilterError: "Filter", pipeline.TransformerError: "Transformer",
	pipeline.UserDefinedError: "User Defined Transformer", pipeline.ResponseValidationError: "Response Validation",
	pipeline.ResponseTransformerError: "Response Transformer", pipeline.AttachmentHandlerError: "Attachment Handler",
	pipeline.DeployScriptError: "Deploy Script", pipeline.PreprocessorError: "Preprocessor Script",
	pipeline.PostprocessorError: "Postprocessor Script", pipeline.UndeployScriptError: "Undeploy Script",
}

// Text is the error that an alert tells and its expression looks into.
func Text(e pipeline.ErrorEvent) string {
	text := kindNames[e.Kind]
	if e.Type != "" {
		text += " (" + e.Type + ")"
	}
	return text + " error\nERROR MESSAGE: " + e.Text + "\n" + e.Show()
}

// DefaultSubject is the subject of an alert that has none.
const DefaultSubject = "Mirth Connect Alert"

// Render makes subject and text of a group for an error. lookup finds what belongs to
// neither: the global and the configuration map.
func (a *Alert) Render(g Group, e pipeline.ErrorEvent, serverID string, now time.Time, lookup func(string) (any, bool)) (subject, text string) {
	values := map[string]any{
		"alertId": a.ID, "alertName": a.Name, "serverId": serverID, "systemTime": strconv.FormatInt(now.UnixMilli(), 10),
		"channelId": e.ChannelID, "channelName": e.ChannelName, "error": Text(e), "errorType": kindNames[e.Kind],
		"errorMessage": cmp.Or(e.Show(), "No exception message."),
	}
	if e.MetaDataID >= 0 {
		values["connectorName"], values["connectorType"] = e.Connector, e.Type
	}
	if e.MessageID != 0 {
		values["messageId"] = strconv.FormatInt(e.MessageID, 10)
	}
	find := func(name string) (any, bool) {
		if v, ok := values[name]; ok {
			return v, true
		}
		return lookup(name)
	}
	subject, text = pipeline.Render(g.Subject, now, find), Text(e)
	if strings.TrimSpace(subject) == "" {
		subject = DefaultSubject
	}
	if strings.TrimSpace(g.Template) != "" {
		text = pipeline.Render(g.Template, now, find)
	}
	return subject, text
}
