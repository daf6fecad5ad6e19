package connector

// Trail is the part of a source map that tells a channel where a message comes
// from that another channel of this engine hands it: the ids there, and, where the
// message had come over channels before, all of theirs. source is the source map
// that the message had there.
func Trail(source map[string]any, channelID string, messageID int64) map[string]any {
	out := map[string]any{"sourceChannelId": channelID, "sourceMessageId": messageID}
	if from, ok := source["sourceChannelId"]; ok {
		out["sourceChannelIds"] = append(history(source["sourceChannelIds"], from), channelID)
		out["sourceMessageIds"] = append(history(source["sourceMessageIds"], source["sourceMessageId"]), messageID)
	}
	return out
}

// history copies a list of earlier ids. A message that has come over one channel
// only has no list yet but its id.
func history(list, only any) []any {
	if ids, ok := list.([]any); ok {
		return append([]any(nil), ids...)
	}
	return []any{only}
}
