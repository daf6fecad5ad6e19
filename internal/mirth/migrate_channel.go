package mirth

import (
	"strconv"
	"strings"
)

// 3.1.0

func undeployScript(e *element) { e.rename("shutdownScript", "undeployScript") }

func undeployErrors(e *element) {
	for _, c := range e.children {
		if c.text == "SHUTDOWN_SCRIPT" {
			c.text = "UNDEPLOY_SCRIPT"
		}
	}
}

// 3.2.0

func alertProtocol(e *element) {
	if c := e.child("protocol"); c != nil && c.text != "" {
		lower := strings.ToLower(c.text)
		c.text = strings.ToUpper(lower[:1]) + lower[1:]
	}
}

// 3.3.0

// allContexts is where code templates may run; from sourceContexts on are the
// connectors' scripts.
var allContexts = []string{
	"GLOBAL_DEPLOY", "GLOBAL_UNDEPLOY", "GLOBAL_PREPROCESSOR", "GLOBAL_POSTPROCESSOR",
	"CHANNEL_DEPLOY", "CHANNEL_UNDEPLOY", "CHANNEL_PREPROCESSOR", "CHANNEL_POSTPROCESSOR",
	"CHANNEL_ATTACHMENT", "CHANNEL_BATCH",
	"SOURCE_RECEIVER", "SOURCE_FILTER_TRANSFORMER",
	"DESTINATION_FILTER_TRANSFORMER", "DESTINATION_DISPATCHER", "DESTINATION_RESPONSE_TRANSFORMER",
}

// templateContexts turns the old scope into contexts: 0 and 1 were everywhere, 2
// the channels' scripts and the global postprocessor, 3 the connectors'.
func templateContexts(e *element) {
	scope := e.remove("scope")
	if kind := e.child("type"); kind != nil && (kind.text == "CODE" || kind.text == "VARIABLE") {
		kind.text = "DRAG_AND_DROP_CODE"
	}
	if scope == nil || e.child("contextSet") != nil {
		return
	}
	contexts := allContexts
	switch strings.TrimSpace(scope.text) {
	case "2":
		contexts = contexts[3:]
	case "3":
		contexts = contexts[10:]
	}
	delegate := e.add("contextSet", "").add("delegate", "")
	for _, c := range contexts {
		delegate.add("contextType", c)
	}
}

// 3.4.0

func attachmentHandler(e *element) {
	const old, prefix = "com.mirth.connect.server.attachments.", "com.mirth.connect.server.attachments."
	moved := map[string]string{
		old + "DICOMAttachmentHandler":      prefix + "dicom.DICOMAttachmentHandlerProvider",
		old + "JavaScriptAttachmentHandler": prefix + "javascript.JavaScriptAttachmentHandlerProvider",
		old + "PassthruAttachmentHandler":   prefix + "passthru.PassthruAttachmentHandlerProvider",
		old + "RegexAttachmentHandler":      prefix + "regex.RegexAttachmentHandlerProvider",
	}
	if c := e.child("className"); c != nil {
		if name, ok := moved[c.text]; ok {
			c.text = name
		}
	}
}

// 3.5.0

// channelExportData moves what is not the channel's own configuration into
// exportData: whether it is enabled, retention, tags, libraries, dependencies.
func channelExportData(e *element) {
	if e.child("sourceConnector") == nil {
		return // only a reference to a channel
	}
	data := e.addMissing("exportData", "")
	meta := data.addMissing("metadata", "")
	e.move("enabled", meta, "enabled")
	e.move("lastModified", meta, "lastModified")
	if props := e.child("properties"); props != nil {
		pruning := meta.addMissing("pruningSettings", "")
		for _, name := range []string{"pruneMetaDataDays", "pruneContentDays", "archiveEnabled"} {
			props.move(name, pruning, name)
		}
		if tags := props.remove("tags"); tags != nil {
			addTags(data, tags, e.textAt("id"))
		}
	}
	for _, name := range []string{"codeTemplateLibraries", "dependentIds", "dependencyIds"} {
		e.move(name, data, name)
	}
}

// addTags makes channel tags of what were texts.
func addTags(data, tags *element, channelID string) {
	list := data.addMissing("channelTags", "")
	list.setAttr("class", "list")
	for _, t := range tags.children {
		tag := list.add("channelTag", "")
		tag.add("name", t.text)
		tag.add("channelIds", "").add("string", channelID)
	}
}

func templateProperties(e *element) {
	kind, code := e.remove("type"), e.remove("code")
	if kind == nil && code == nil || e.child("properties") != nil {
		return
	}
	props := e.add("properties", "")
	props.setAttr("class", "com.mirth.connect.model.codetemplates.BasicCodeTemplateProperties")
	for _, c := range []*element{kind, code} {
		if c != nil {
			props.children = append(props.children, c)
		}
	}
}

// 3.12.0

func keepErrored(e *element) { e.addMissing("pruneErroredMessages", "false") }

// polling, 3.3.0: a frequency in the range of a day, and types in capitals.
func polling(e *element) {
	if c := e.child("pollingFrequency"); c != nil {
		n, _ := strconv.Atoi(strings.TrimSpace(c.text))
		switch {
		case n <= 0:
			c.text = "5000"
		case n >= 86_400_000:
			c.text = "86399999"
		}
	}
	kind := e.child("pollingType")
	interval := kind == nil || strings.EqualFold(kind.text, "interval")
	if kind != nil && kind.text != "CRON" {
		kind.text = map[bool]string{true: "INTERVAL", false: "TIME"}[interval]
	}
	e.addMissing("pollOnStart", strconv.FormatBool(interval))
	e.addMissing("cronJobs", "")
	if e.child("pollConnectorPropertiesAdvanced") != nil {
		return
	}
	a := e.add("pollConnectorPropertiesAdvanced", "")
	a.add("weekly", "true")
	days := a.add("inactiveDays", "")
	for range 8 {
		days.add("boolean", "false")
	}
	for _, s := range [][2]string{{"dayOfMonth", "1"}, {"allDay", "true"}, {"startingHour", "8"}, {"startingMinute", "0"},
		{"endingHour", "17"}, {"endingMinute", "0"}} {
		a.add(s[0], s[1])
	}
}
