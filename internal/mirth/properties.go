package mirth

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// propertyElements have a field in weir.ChannelProperties.
var propertyElements = []string{"clearGlobalChannelMap", "messageStorageMode", "encryptData", "removeContentOnCompletion",
	"removeOnlyFilteredOnCompletion", "initialState", "storeAttachments", "metaDataColumns", "attachmentProperties"}

// keptProperties have none, and are kept without a note.
var keptProperties = []string{"encryptAttachments", "encryptCustomMetaData", "removeAttachmentsOnCompletion", "resourceIds"}

// readProperties reads what a channel sets for all connectors. rest is what
// there is no field for.
func (p place) readProperties(e *element) (props weir.ChannelProperties, rest config.Group) {
	props = weir.ChannelProperties{
		ClearGlobalChannelMap:     e.boolAt("clearGlobalChannelMap", true),
		Storage:                   weir.Development,
		EncryptData:               e.boolAt("encryptData", false),
		RemoveContentOnCompletion: e.boolAt("removeContentOnCompletion", false),
		RemoveOnlyFiltered:        e.boolAt("removeOnlyFilteredOnCompletion", false),
		InitialState:              weir.Started,
		StoreAttachments:          e.boolAt("storeAttachments", true),
	}
	if c := e.child("messageStorageMode"); c != nil {
		props.Storage = weir.StorageMode(c.text)
		switch props.Storage {
		case weir.Development, weir.Production, weir.RawOnly, weir.MetadataOnly, weir.Disabled:
		default:
			p.in(c.name).note(c, Blocks, "Choose one of DEVELOPMENT, PRODUCTION, RAW, METADATA, DISABLED.", "the storage mode %q is not known", shown(c.text))
		}
	}
	if c := e.child("initialState"); c != nil {
		switch s := weir.State(c.text); s {
		case weir.Started, weir.Paused, weir.Stopped:
			props.InitialState = s
		default:
			p.in(c.name).note(c, Difference, "Choose one of STARTED, PAUSED, STOPPED.", "the initial state %q is not known; the channel will be started", shown(c.text))
		}
	}
	p.readColumns(e.child("metaDataColumns"), &props)
	if a := e.child("attachmentProperties"); a != nil {
		props.AttachmentHandler = a.setting()
		props.AttachmentHandler.Class = a.textAt("className")
	}
	for i, c := range e.each() {
		for _, earlier := range e.children[:i] {
			if earlier.name == c.name {
				p.in(c.name).note(c, Difference, "Remove one of them.", "<%s> is there twice; the first one counts", shown(c.name))
				break
			}
		}
	}
	known := append(append([]string(nil), propertyElements...), keptProperties...)
	p.unknown(e, known...)
	return props, e.group(propertyElements...)
}

func (p place) readColumns(e *element, props *weir.ChannelProperties) {
	for i, c := range e.each() {
		col := weir.MetaDataColumn{Name: c.textAt("name"), Type: c.textAt("type"), Mapping: c.textAt("mappingName")}
		switch col.Type {
		case "STRING", "NUMBER", "BOOLEAN", "TIMESTAMP":
		default:
			p.in("metaDataColumns").item(c.name, i+1).note(c, Blocks, "Choose one of STRING, NUMBER, BOOLEAN, TIMESTAMP.",
				"the metadata column %q has the type %q, which is not known", shown(col.Name), shown(col.Type))
		}
		props.MetaDataColumns = append(props.MetaDataColumns, col)
	}
}
