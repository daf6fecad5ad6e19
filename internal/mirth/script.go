package mirth

import (
	"regexp"
	"strings"
)

// readScript returns a channel or global script as it runs: empty where it does
// nothing but what the default does, which is to return what returns names.
// kept is the text of such a default where a person wrote something into it,
// perhaps code put into comments; it is not lost.
func readScript(text, returns string) (script, kept string) {
	code := strings.TrimSpace(comments.ReplaceAllStringFunc(text, func(c string) string {
		if strings.Contains(c, "\n") {
			return "\n"
		}
		return " "
	}))
	statement := strings.TrimRight(code, "; \t\r\n")
	switch {
	case code == "" && returns != "":
		// A blank preprocessor would return nothing, which leaves the message.
	case statement == "return" && returns == "":
	case returns != "" && returnValue.ReplaceAllString(statement, "return $1") == "return "+returns:
	case code == "":
	default:
		return text, ""
	}
	if shipped[strings.TrimSpace(lineEnds(text))] {
		return "", ""
	}
	return "", text
}

// A script that equals a default has no texts or patterns in which what looks
// like a comment is none: before its first comment stands at most "return".
var (
	comments    = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	returnValue = regexp.MustCompile(`^return[ \t]+(\w+)$`)
)

// shipped are the defaults that a new channel or server has.
var shipped = map[string]bool{
	"":                true,
	"return;":         true,
	"return message;": true,
	"// Modify the message variable below to pre process data\nreturn message;":                                                                                                                                     true,
	"// This script executes once after a message has been processed\nreturn;":                                                                                                                                      true,
	"// This script executes once after a message has been processed\n// Responses returned from here will be stored as \"Postprocessor\" in the response map\nreturn;":                                             true,
	"// This script executes once when the channel is deployed\n// You only have access to the globalMap and globalChannelMap here to persist data\nreturn;":                                                        true,
	"// This script executes once when the channel is undeployed\n// You only have access to the globalMap and globalChannelMap here to persist data\nreturn;":                                                      true,
	"// This script executes once for each deploy and redeploy task\n// You only have access to the globalMap here to persist data\nreturn;":                                                                        true,
	"// This script executes once for each undeploy and redeploy task\n// You only have access to the globalMap here to persist data\nreturn;":                                                                      true,
	"// Modify the message variable below to pre process data\n// This script applies across all channels\nreturn message;":                                                                                         true,
	"// This script executes once after a message has been processed\n// This script applies across all channels\n// Responses returned from here will be stored as \"Postprocessor\" in the response map\nreturn;": true,
}
