package mirth

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// propertyElements have a field in weir.ChannelProperties.
var propertyElements = []string{"clearGlobalChannelMap", "messageStorageMode", "encryptData", "encryptAttachments", "encryptCustomMetaData", "removeContentOnCompletion",
	"removeOnlyFilteredOnCompletion", "removeAttachmentsOnCompletion", "initialState", "storeAttachments", "metaDataColumns", "attachmentProperties"}

// keptProperties have none, and are kept without a note.
var keptProperties = []string{"resourceIds"}

// readProperties reads what a channel sets for all connectors. rest is what
// there is no field for.
func (p place) readProperties(e *element) (props weir.ChannelProperties, rest config.Group) {
	props = weir.ChannelProperties{
		ClearGlobalChannelMap:     e.boolAt("clearGlobalChannelMap", true),
		Storage:                   weir.Development,
		EncryptData:               e.boolAt("encryptData", false),
		EncryptMetaData:           e.boolAt("encryptCustomMetaData", false),
		EncryptAttachments:        e.boolAt("encryptAttachments", false),
		RemoveContentOnCompletion: e.boolAt("removeContentOnCompletion", false),
		RemoveOnlyFiltered:        e.boolAt("removeOnlyFilteredOnCompletion", false),
		InitialState:              weir.Started,
		StoreAttachments:          e.boolAt("storeAttachments", true),

		RemoveAttachmentsOnCompletion: e.boolAt("removeAttachmentsOnCompletion", false),
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
	var columns config.Group
	props.MetaDataColumns, columns = p.in("metaDataColumns").readColumns(e.child("metaDataColumns"))
	if a := e.child("attachmentProperties"); a != nil {
		props.AttachmentHandler = a.setting()
		props.AttachmentHandler.Class = a.textAt("className")
	}
	return props, append(p.rest(e, propertyElements, keptProperties), columns...)
}

// readColumns reads the metadata columns; rest holds those with more than a
// column has.
func (p place) readColumns(e *element) (columns []weir.MetaDataColumn, rest config.Group) {
	for i, c := range e.each() {
		at := p.item(c.name, i+1)
		col := weir.MetaDataColumn{Name: c.textAt("name"), Type: c.textAt("type"), Mapping: c.textAt("mappingName")}
		switch col.Type {
		case "STRING", "NUMBER", "BOOLEAN", "TIMESTAMP":
		default:
			at.note(c, Blocks, "Choose one of STRING, NUMBER, BOOLEAN, TIMESTAMP.",
				"the metadata column %q has the type %q, which is not known", shown(col.Name), shown(col.Type))
		}
		columns = append(columns, col)
		if more := at.rest(c, []string{"name", "type", "mappingName"}, nil); len(more) > 0 {
			rest = append(rest, config.Setting{Name: c.name, Group: append(config.Group{{Name: "name", Text: col.Name}}, more...)})
		}
	}
	return columns, appendNested(nil, "metaDataColumns", rest)
}
