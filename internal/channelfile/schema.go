package channelfile

import (
	"strings"

	"github.com/weir-health/weir/config"
)

// Named are the settings of a connector or data type under its name.
type Named struct {
	Name, Summary string
	Settings      config.Settings
}

// Schema is the JSON Schema of channel files, for editors: it completes keys and
// shows what they are for. What a value must be in full, Read knows.
func Schema(sources, destinations, dataTypes []Named) map[string]any {
	connector := func(list []Named, more map[string]any) map[string]any {
		var names []string
		var cases []any
		for _, n := range list {
			names = append(names, n.Name)
			cases = append(cases, map[string]any{
				"if":   object{"properties": object{"type": object{"const": n.Name}}, "required": []string{"type"}},
				"then": object{"description": n.Summary, "properties": object{"settings": settingsSchema(n.Settings)}},
			})
		}
		props := object{
			"type": object{"type": "string", "examples": names}, "class": str("Java class in an export, where it is not the usual one."),
			"name": str("Name of the connector."), "id": object{"type": "integer", "description": "Metadata id; the next free one where it is left out."},
			"enabled": boolean(true), "waitForPrevious": boolean(true), "settings": object{"type": "object"}, "extra": ref("extra"),
			"filter": object{"type": "array", "items": ref("step")}, "transformer": ref("transformer"),
		}
		for k, v := range more {
			props[k] = v
		}
		return object{"type": "object", "required": []string{"type"}, "properties": props, "additionalProperties": false, "allOf": cases}
	}
	source := connector(sources, nil)
	destination := connector(destinations, object{"responseTransformer": object{"anyOf": []any{ref("transformer"), object{"type": "null"}}}})
	destination["required"] = []string{"name", "type"}
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Weir channel", "type": "object",
		"required": []string{"name", "id", "source"}, "additionalProperties": false,
		"properties": object{
			"name": str("Name of the channel."), "id": str("Its id, a UUID."), "description": str("What it is for."),
			"revision": object{"type": "integer"}, "nextMetaDataId": object{"type": "integer"}, "enabled": boolean(true),
			"dialect": object{"enum": []string{"mirth", "modern"}, "default": "mirth", "description": "Language of the scripts."},
			"depends": strs("Ids of channels that are deployed first."),
			"variables": object{"type": "object", "description": "What the environment gives: used as ${{name}} in settings.",
				"additionalProperties": object{"anyOf": []any{ref("value"), object{"type": "object", "additionalProperties": false,
					"properties": object{"default": ref("value"), "description": str("What it is for.")}}}}},
			"access": object{"type": "object", "additionalProperties": false, "description": "What scripts may reach.",
				"properties": object{"files": strs("Directories and files."), "network": strs("Hosts, or host:port."), "databases": strs("Beginnings of JDBC URLs.")}},
			"source": source, "destinations": object{"type": "array", "items": destination},
			"preprocessor": ref("script"), "postprocessor": ref("script"), "deploy": ref("script"), "undeploy": ref("script"),
			"retention": retentionSchema(), "properties": channelPropertiesSchema(), "codeTemplateLibraries": object{"type": "array", "items": librarySchema()},
			"modules": object{"type": "object", "additionalProperties": object{"type": "string"}, "description": "Files that modern scripts import, by path."},
			"extra":   ref("extra"),
		},
		"$defs": object{
			"script": object{"description": "A script, or the file beside the channel that holds it.", "anyOf": []any{object{"type": "string"},
				object{"type": "object", "required": []string{"file"}, "properties": object{"file": object{"type": "string"}}, "additionalProperties": false}}},
			"extra":       object{"type": []string{"object", "array"}, "description": "What an export held and Weir has no use for."},
			"step":        stepSchema(),
			"transformer": transformerSchema(dataTypes),
			"value":       object{"type": []string{"string", "number", "boolean", "null"}},
		},
	}
}

type object = map[string]any

func str(description string) object { return object{"type": "string", "description": description} }

func strs(description string) object {
	return object{"type": "array", "items": object{"type": "string"}, "description": description}
}

func boolean(usual bool) object { return object{"type": "boolean", "default": usual} }

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// settingsSchema nests the settings that a connector or data type declares.
func settingsSchema(s config.Settings) object {
	root := object{"type": "object", "properties": object{}, "additionalProperties": false}
	for _, f := range config.List(s) {
		at := root
		names := strings.Split(f.Name, ".")
		for _, name := range names[:len(names)-1] {
			props := at["properties"].(object)
			next, ok := props[name].(object)
			if !ok || next["properties"] == nil {
				next = object{"type": []string{"object", "null"}, "properties": object{}} // null: a new one has it, this one has not
				props[name] = next
			}
			at = next
		}
		at["properties"].(object)[names[len(names)-1]] = fieldSchema(f)
	}
	for _, key := range []string{classKey, wholeKey} {
		root["properties"].(object)[key] = object{}
	}
	return root
}

func fieldSchema(f *config.Field) object {
	o := object{"description": f.Help}
	if f.Default != "" && !f.Secret {
		o["default"] = f.Default
	}
	reference := object{"type": "string", "pattern": reference.String() + `|\$\{\{`}
	switch {
	case len(f.Choices) > 0:
		o["anyOf"] = []any{object{"enum": f.Choices}, reference}
	case f.Kind == "yes/no":
		o["anyOf"] = []any{object{"type": "boolean"}, reference}
	case f.Kind == "number", f.Kind == "milliseconds":
		o["anyOf"] = []any{object{"type": "integer"}, object{"const": ""}, reference}
	case f.Kind == "text", f.Kind == "template":
		o["$ref"] = "#/$defs/value"
	}
	return o
}

func stepSchema() object {
	props := object{"name": str("Name of the step or rule."), "type": object{"type": "string", "examples": stepTypes(), "default": "JavaScript"},
		"enabled": boolean(true), "operator": object{"enum": []string{"AND", "OR", "NONE", ""}, "description": "Rules: how it combines with those before; NONE for the first."},
		"steps": object{"type": "array", "items": ref("step"), "description": "Inside of an iterator."}, "settings": object{"type": "object"}, wholeKey: object{}}
	for _, g := range stepSettings {
		for _, s := range g {
			props[s.Name] = object{}
		}
	}
	for _, s := range iteratorRuleSettings {
		props[s.Name] = object{}
	}
	props["script"] = ref("script")
	return object{"type": "object", "properties": props, "additionalProperties": false}
}

func transformerSchema(dataTypes []Named) object {
	var names []string
	var cases []any
	for _, n := range dataTypes {
		names = append(names, n.Name)
		cases = append(cases, object{"if": object{"type": "object", "properties": object{"type": object{"const": n.Name}}, "required": []string{"type"}},
			"then": object{"properties": object{"settings": settingsSchema(n.Settings)}}})
	}
	side := object{"anyOf": []any{object{"enum": names}, object{"type": "object", "required": []string{"type"}, "additionalProperties": false,
		"properties": object{"type": object{"enum": names}, "settings": object{"type": "object"}, "template": str("Message template.")}, "allOf": cases}}}
	return object{"type": "object", "additionalProperties": false,
		"properties": object{"inbound": side, "outbound": side, "steps": object{"type": "array", "items": ref("step")}}}
}

func channelPropertiesSchema() object {
	column := object{"type": "object", "properties": object{"name": str("Name."), "type": object{"enum": []string{"STRING", "NUMBER", "BOOLEAN", "TIMESTAMP"}},
		"mappingName": str("Key in the maps.")}, "additionalProperties": false}
	return object{"type": "object", "additionalProperties": false, "properties": object{
		"clearGlobalChannelMap": boolean(true),
		"messageStorageMode":    object{"enum": []string{"DEVELOPMENT", "PRODUCTION", "RAW", "METADATA", "DISABLED"}, "default": "DEVELOPMENT"},
		"encryptData":           boolean(false), "encryptAttachments": boolean(false), "encryptCustomMetaData": boolean(false), "removeContentOnCompletion": boolean(false), "removeOnlyFilteredOnCompletion": boolean(false),
		"removeAttachmentsOnCompletion": boolean(false), "initialState": object{"enum": []string{"STARTED", "PAUSED", "STOPPED"}, "default": "STARTED"},
		"storeAttachments": boolean(true), "metaDataColumns": object{"type": "array", "items": column}, "attachmentProperties": object{"type": "object"},
	}}
}

func librarySchema() object {
	template := object{"type": "object", "additionalProperties": false, "properties": object{"name": str("Name."), "id": str("Id."),
		"revision": object{"type": "integer"}, "type": object{"enum": []string{"FUNCTION", "COMPILED_CODE", "DRAG_AND_DROP_CODE"}, "default": "FUNCTION"},
		"contexts": strs("Where it applies."), "code": ref("script"), "extra": ref("extra")}}
	return object{"type": "object", "additionalProperties": false, "properties": object{"name": str("Name."), "id": str("Id."), "description": str("What it is for."),
		"revision": object{"type": "integer"}, "includeNewChannels": boolean(false), "enabledChannelIds": strs("Channels that have it."),
		"disabledChannelIds": strs("Channels that do not."), "codeTemplates": object{"type": "array", "items": template}, "extra": ref("extra")}}
}
