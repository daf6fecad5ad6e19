package script

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir/internal/script/java"
)

// modernName is a global name of the modern dialect. The table is what scripts
// have, and what weir.d.ts says that they have.
type modernName struct {
	name, kind, doc string
}

var modernTable = []modernName{
	{"channelMap", "WeirMap", "Values that all connectors of this message share."},
	{"connectorMap", "WeirMap", "Values of this connector's message alone."},
	{"sourceMap", "ReadonlyWeirMap", "What the source knows of the message."},
	{"responseMap", "WeirMap", "Responses of destinations by d1, d2 or their names, and values of scripts."},
	{"globalMap", "WeirMap", "Values that all channels share."},
	{"globalChannelMap", "WeirMap", "Values that all messages of the channel share."},
	{"configurationMap", "ReadonlyWeirMap", "The configuration map."},
	{"$", "(key: string) => any", "The value of a key in the first map that has it, else an empty string."},
	{"$c", "Shortcut", "channelMap: one argument reads, two put."},
	{"$co", "Shortcut", "connectorMap."},
	{"$s", "(key: string) => any", "sourceMap."},
	{"$r", "Shortcut", "responseMap."},
	{"$g", "Shortcut", "globalMap."},
	{"$gc", "Shortcut", "globalChannelMap."},
	{"$cfg", "(key: string) => string | null", "configurationMap."},
	{"logger", "Logger", "The server's log. Never log what a message says of a person."},
	{"alerts", "AlertSender", "Raises alerts."},
	{"router", "Router", "Hands messages to other channels."},
	{"replacer", "Replacer", "Replaces ${…} in texts."},
	{"destinationSet", "DestinationSet", "The destinations that the message still goes to; source filter and transformer only."},
	{"connectorMessage", "ConnectorMessage", "The connector message that is being processed."},
	{"channelId", "string", "The channel's id."},
	{"channelName", "string", "The channel's name."},
	{"connector", "string", "The connector's name."},
	{"response", "ImmutableResponse", "The response of a response transformer, as it came."},
	{"responseStatus", "Status", "Its status, which may be changed."},
	{"responseStatusMessage", "string | null", "Its status message, which may be changed."},
	{"responseErrorMessage", "string | null", "Its error, which may be changed."},
	{"RECEIVED", `"RECEIVED"`, "A status."},
	{"FILTERED", `"FILTERED"`, "A status."},
	{"TRANSFORMED", `"TRANSFORMED"`, "A status."},
	{"SENT", `"SENT"`, "A status."},
	{"QUEUED", `"QUEUED"`, "A status."},
	{"ERROR", `"ERROR"`, "A status."},
	{"PENDING", `"PENDING"`, "A status."},
	{"getAttachments", "(base64Decode?: boolean) => any[]", "The message's attachments."},
	{"getAttachmentIds", "(channelId?: string, messageId?: number) => string[]", "Their ids."},
	{"getAttachment", "(...args: any[]) => any", "One of them, by its id."},
	{"addAttachment", "(data: string, type: string, base64Encode?: boolean) => any", "Adds one."},
	{"updateAttachment", "(...args: any[]) => any", "Replaces one."},
}

// modernNames is the table by name.
var modernNames = sync.OnceValue(func() map[string]modernName {
	names := map[string]modernName{}
	for _, n := range modernTable {
		names[n.name] = n
	}
	return names
})

// modernInterface is an object that scripts are given. Those with a class have
// the methods of that class, of which these are the ones to use.
type modernInterface struct {
	name, extends, class string
	members              []string // a declaration each
}

const mapMembers = "get(key: string): any|containsKey(key: string): boolean|size(): number|isEmpty(): boolean|keySet(): any"

var modernInterfaces = []modernInterface{
	{name: "MessageNode", members: []string{
		"/** The name of the segment, field or element, such as PID or PID.5. */ readonly name: string",
		"/** The text inside. */ text: string",
		"/** The text at a path: PID-5.1, OBX[2]-5, from a segment 5.1, in XML a/b[2]; \"\" where there is none. */ get(path: string): string",
		"/** Sets the text at a path, and makes what is missing on the way. */ set(path: string, value: string | number | boolean | null | undefined): void",
		"/** Takes out what is at a path; without one, this itself. */ remove(path?: string): void",
		"/** The segments, all or those of a name. */ segments(name?: string): MessageNode[]",
		"/** The elements inside, all or those of a name. */ children(name?: string): MessageNode[]",
		"/** The child of a name; number counts from 1. */ child(name: string, number?: number): MessageNode | null",
		"parent(): MessageNode | null",
		"/** Adds a child at the end. */ add(name: string, text?: string): MessageNode",
		"/** Adds one after this. */ addAfter(name: string): MessageNode",
		"attribute(name: string): string",
		"setAttribute(name: string, value: string): void",
		"toString(): string",
		"/** This as XML. */ toXML(): string",
	}},
	{name: "ReadonlyWeirMap", class: "com.mirth.connect.userutil.SourceMap", members: strings.Split(mapMembers, "|")},
	{name: "WeirMap", extends: "ReadonlyWeirMap", class: "com.mirth.connect.userutil.ChannelMap",
		members: []string{"put(key: string, value: any): any", "remove(key: string): any", "clear(): void"}},
	{name: "Logger", class: "org.apache.log4j.Logger", members: []string{"trace(text: any, error?: any): void", "debug(text: any, error?: any): void",
		"info(text: any, error?: any): void", "warn(text: any, error?: any): void", "error(text: any, error?: any): void", "fatal(text: any, error?: any): void"}},
	{name: "AlertSender", class: "com.mirth.connect.server.userutil.AlertSender", members: []string{"sendAlert(text: string): void"}},
	{name: "Router", class: "com.mirth.connect.server.userutil.VMRouter", members: []string{
		"routeMessage(channelName: string, message: string | object): Response", "routeMessageByChannelId(channelId: string, message: string | object): Response"}},
	{name: "Replacer", class: "com.mirth.connect.server.util.TemplateValueReplacer", members: []string{"replaceValues(...args: any[]): string"}},
	{name: "DestinationSet", class: "com.mirth.connect.server.userutil.DestinationSet", members: []string{
		"remove(destinations: number | string | (number | string)[]): boolean", "removeAllExcept(destinations: number | string | (number | string)[]): boolean",
		"removeAll(): boolean"}},
	{name: "ImmutableResponse", class: "com.mirth.connect.userutil.ImmutableResponse", members: []string{"getNewMessageStatus(): Status",
		"getStatusMessage(): string | null", "getError(): string | null", "getMessage(): string | null"}},
	{name: "ConnectorMessage", class: "com.mirth.connect.userutil.ImmutableConnectorMessage", members: []string{"getMessageId(): number",
		"getMetaDataId(): number", "getChannelId(): string", "getConnectorName(): string", "getStatus(): Status", "getRawData(): string",
		"getTransformedData(): string | null", "getEncodedData(): string | null"}},
}

// contextNames are names that scripts of some places have, by their own types.
const contextNames = `
/** The message: a tree for HL7, XML and the like, a value for JSON, a text for RAW. */
declare var msg: MessageNode & any;
/** What the outbound template makes, where the transformer has one. */
declare var tmp: MessageNode & any;
/** The message's text in a preprocessor, the message itself in a postprocessor. */
declare var message: any;
/** Whether an attachment script's message is Base64. */
declare var binary: boolean;
/** What a batch script reads messages from. */
declare var reader: { readLine(): string | null } & any;
/** The row, or rows, that a Database Reader's script is about. */
declare var resultMap: any;
declare var results: any;
`

// ModernTypes is weir.d.ts: what scripts of the modern dialect have, for editors
// and the TypeScript compiler.
func ModernTypes() string {
	var b strings.Builder
	b.WriteString("// What scripts of Weir's modern dialect have. Written by weir docs types.\n\n")
	b.WriteString("type Status = \"RECEIVED\" | \"FILTERED\" | \"TRANSFORMED\" | \"SENT\" | \"QUEUED\" | \"ERROR\" | \"PENDING\";\n")
	b.WriteString("type Shortcut = { (key: string): any; (key: string, value: any): any };\n\n")
	for _, i := range modernInterfaces {
		extends := ""
		if i.extends != "" {
			extends = " extends " + i.extends
		}
		fmt.Fprintf(&b, "interface %s%s {\n", i.name, extends)
		for _, m := range i.members {
			doc, declaration, found := strings.Cut(m, " */ ")
			if found {
				fmt.Fprintf(&b, "  %s */\n", doc)
			} else {
				declaration = m
			}
			fmt.Fprintf(&b, "  %s;\n", declaration)
		}
		b.WriteString("}\n\n")
	}
	for _, n := range modernTable {
		fmt.Fprintf(&b, "/** %s */\ndeclare var %s: %s;\n", n.doc, n.name, n.kind)
	}
	b.WriteString(contextNames)
	b.WriteString("\n// The user API. Lists come as arrays, maps as objects, texts and numbers as they are.\n")
	classes := userClasses()
	for _, name := range sortedKeys(classes) {
		writeClass(&b, name, classes[name])
	}
	return b.String()
}

// writeClass declares a class of the user API by the names of its methods.
func writeClass(b *strings.Builder, name string, c *java.Class) {
	fmt.Fprintf(b, "\ndeclare class %s {\n", name)
	static, instance := c.MethodNames()
	if c.New != nil {
		b.WriteString("  constructor(...args: any[]);\n")
	} else {
		b.WriteString("  private constructor();\n")
	}
	slices.Sort(static)
	slices.Sort(instance)
	for _, m := range static {
		fmt.Fprintf(b, "  static %s(...args: any[]): any;\n", m)
	}
	for _, m := range instance {
		fmt.Fprintf(b, "  %s(...args: any[]): any;\n", m)
	}
	b.WriteString("}\n")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
