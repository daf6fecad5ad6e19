package mirthapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// searchPage is how many messages are read from the store at once, and looked into
// where the search is for contents.
const searchPage = 200

// filter selects messages, and of each the connectors that fit.
type filter struct {
	query      store.Query
	statuses   []string
	included   []int
	excluded   []int
	contents   []contentSearch
	metaData   []metaDataSearch
	text       string
	pattern    *regexp.Regexp // of text, where that is one
	least      int            // send attempts
	most       int            // likewise; -1 is no bound
	original   [2]int64       // original ids between; 0 is no bound
	imported   [2]int64       // import ids, likewise
	attachment bool
	failed     bool
	nothing    bool // of another server
}

type contentSearch struct {
	content weir.ContentType
	text    string // in lower case
}

type metaDataSearch struct {
	column, operator, value string
	ignoreCase              bool
}

// deep tells whether contents are to be read.
func (f *filter) deep() bool { return f.text != "" || f.pattern != nil || len(f.contents) > 0 }

// contentParams are the names in a query of the contents that are searched.
var contentParams = map[string]weir.ContentType{
	"rawContentSearch": weir.Raw, "processedRawContentSearch": weir.ProcessedRaw, "transformedContentSearch": weir.TransformedContent,
	"encodedContentSearch": weir.Encoded, "sentContentSearch": weir.SentContent, "responseContentSearch": weir.ResponseContent,
	"responseTransformedContentSearch": weir.ResponseTransformed, "processedResponseContentSearch": weir.ProcessedResponse,
	"connectorMapContentSearch": weir.ConnectorMapContent, "channelMapContentSearch": weir.ChannelMapContent,
	"sourceMapContentSearch": weir.SourceMapContent, "responseMapContentSearch": weir.ResponseMapContent,
	"processingErrorContentSearch": weir.ProcessingError, "postprocessorErrorContentSearch": weir.PostprocessorError,
	"responseErrorContentSearch": weir.ResponseError,
}

// messageFilter reads a filter from the body, or else from the query.
func (c *call) messageFilter() (*filter, error) {
	if c.route.body == "" && c.r.Method == http.MethodPost {
		n, err := c.root("messageFilter")
		if err != nil {
			return nil, err
		}
		return c.filterOf(n)
	}
	return c.filterOf(nil)
}

// filterOf reads a filter from its document; without one, from the query.
func (c *call) filterOf(n *mirth.Node) (*filter, error) {
	f := &filter{most: -1, query: store.Query{ChannelID: c.path["channelId"], Limit: searchPage}}
	get := func(element, param string) string { return c.query.Get(param) }
	lists := map[string][]string{"statuses": c.query["status"], "included": c.query["includedMetaDataId"], "excluded": c.query["excludedMetaDataId"]}
	from, _ := time.Parse(calendarLayout, c.query.Get("startDate"))
	to, _ := time.Parse(calendarLayout, c.query.Get("endDate"))
	if n != nil {
		get = func(element, param string) string { return n.TextAt(element) }
		lists = map[string][]string{"statuses": n.At("statuses").Texts(), "included": n.At("includedMetaDataIds").Texts(), "excluded": n.At("excludedMetaDataIds").Texts()}
		from, _ = when(n.At("startDate"))
		to, _ = when(n.At("endDate"))
		for _, s := range n.At("contentSearch").Items() {
			code, err := strconv.Atoi(s.TextAt("contentCode"))
			if err != nil || code < 1 || code >= weir.ContentTypes {
				return nil, refuse(http.StatusInternalServerError, "the filter names a content that there is not")
			}
			for _, text := range s.At("searches").Texts() {
				f.contents = append(f.contents, contentSearch{weir.ContentType(code), strings.ToLower(text)})
			}
		}
		for _, s := range n.At("metaDataSearch").Items() {
			f.metaData = append(f.metaData, metaDataSearch{s.TextAt("columnName"), s.TextAt("operator"), s.TextAt("value"), s.TextAt("ignoreCase") == "true"})
		}
	} else {
		for param, content := range contentParams {
			for _, text := range c.query[param] {
				f.contents = append(f.contents, contentSearch{content, strings.ToLower(text)})
			}
		}
		for param, ignore := range map[string]bool{"metaDataSearch": false, "metaDataCaseInsensitiveSearch": true} {
			for _, text := range c.query[param] {
				s, ok := parseSearch(text)
				if !ok {
					return nil, refuse(http.StatusNotFound, "Not Found")
				}
				s.ignoreCase = ignore
				f.metaData = append(f.metaData, s)
			}
		}
	}
	number := func(element, param string, absent int64) int64 {
		if v, err := strconv.ParseInt(get(element, param), 10, 64); err == nil {
			return v
		}
		return absent
	}
	if m := number("maxMessageId", "maxMessageId", -1); m >= 0 {
		f.query.Before = m + 1
	}
	f.query.After = max(number("minMessageId", "minMessageId", 0)-1, 0)
	f.query.Since = from
	if !to.IsZero() {
		f.query.Until = to.Add(time.Millisecond) // which is inclusive
	}
	for _, name := range lists["statuses"] {
		status, ok := weir.ParseStatus(name)
		if !ok {
			return nil, refuse(http.StatusNotFound, "Not Found")
		}
		f.query.Statuses = append(f.query.Statuses, status)
		f.statuses = append(f.statuses, name)
	}
	for _, text := range lists["included"] {
		if id, err := strconv.Atoi(text); err == nil {
			f.included = append(f.included, id)
		}
	}
	for _, text := range lists["excluded"] {
		if id, err := strconv.Atoi(text); err == nil {
			f.excluded = append(f.excluded, id)
		}
	}
	f.least, f.most = int(number("sendAttemptsLower", "minSendAttempts", 0)), int(number("sendAttemptsUpper", "maxSendAttempts", -1))
	f.original = [2]int64{number("originalIdLower", "minOriginalId", 0), number("originalIdUpper", "maxOriginalId", 0)}
	f.imported = [2]int64{number("importIdLower", "minImportId", 0), number("importIdUpper", "maxImportId", 0)}
	f.attachment, f.failed = get("attachment", "attachment") == "true", get("error", "error") == "true"
	if server := get("serverId", "serverId"); server != "" {
		f.nothing = server != c.engine.ServerID()
	}
	f.text = get("textSearch", "textSearch")
	if get("textSearchRegex", "textSearchRegex") == "true" && f.text != "" {
		var err error
		if f.pattern, err = regexp.Compile("(?is)" + f.text); err != nil {
			return nil, refuse(http.StatusInternalServerError, "the regular expression of the search is not one")
		}
	}
	f.text = strings.ToLower(f.text)
	return f, nil
}

// operators of searches in metadata, the longer ones first.
var operators = []string{"DOES NOT START WITH", "DOES NOT END WITH", "DOES NOT CONTAIN", "STARTS WITH", "ENDS WITH", "CONTAINS", "!=", "<=", ">=", "=", "<", ">"}

// parseSearch reads COLUMN OPERATOR value.
func parseSearch(text string) (metaDataSearch, bool) {
	column, rest, _ := strings.Cut(text, " ")
	for _, o := range operators {
		if value, ok := strings.CutPrefix(rest, o+" "); ok && column != "" {
			return metaDataSearch{column: column, operator: o, value: value}, true
		}
	}
	return metaDataSearch{}, false
}

// fits tells whether a value of a column is what is searched.
func (s metaDataSearch) fits(values map[string]any) bool {
	v, ok := values[s.column]
	if !ok || v == nil {
		return false
	}
	has, want := metaText(v), s.value
	if s.ignoreCase {
		has, want = strings.ToLower(has), strings.ToLower(want)
	}
	order := strings.Compare(has, want)
	if a, err := strconv.ParseFloat(has, 64); err == nil {
		if b, err := strconv.ParseFloat(want, 64); err == nil {
			order = 0
			if a < b {
				order = -1
			} else if a > b {
				order = 1
			}
		}
	}
	switch s.operator {
	case "=", "EQUAL":
		return order == 0
	case "!=", "NOT_EQUAL":
		return order != 0
	case "<", "LESS_THAN":
		return order < 0
	case "<=", "LESS_THAN_OR_EQUAL":
		return order <= 0
	case ">", "GREATER_THAN":
		return order > 0
	case ">=", "GREATER_THAN_OR_EQUAL":
		return order >= 0
	case "CONTAINS":
		return strings.Contains(has, want)
	case "DOES NOT CONTAIN", "DOES_NOT_CONTAIN":
		return !strings.Contains(has, want)
	case "STARTS WITH", "STARTS_WITH":
		return strings.HasPrefix(has, want)
	case "DOES NOT START WITH", "DOES_NOT_START_WITH":
		return !strings.HasPrefix(has, want)
	case "ENDS WITH", "ENDS_WITH":
		return strings.HasSuffix(has, want)
	case "DOES NOT END WITH", "DOES_NOT_END_WITH":
		return !strings.HasSuffix(has, want)
	}
	return false
}

func metaText(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04:05.000")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// fits tells whether a connector's part of a message is selected.
func (f *filter) fits(cm *weir.ConnectorMessage) bool {
	if len(f.statuses) > 0 && !slices.Contains(f.statuses, cm.Status.String()) ||
		len(f.included) > 0 && !slices.Contains(f.included, cm.MetaDataID) || slices.Contains(f.excluded, cm.MetaDataID) ||
		cm.SendAttempts < f.least || f.most >= 0 && cm.SendAttempts > f.most || f.failed && cm.Errors() == 0 {
		return false
	}
	for _, s := range f.metaData {
		if !s.fits(cm.MetaData) {
			return false
		}
	}
	for _, s := range f.contents {
		if text, ok := cm.Content(s.content); !ok || !strings.Contains(strings.ToLower(text), s.text) {
			return false
		}
	}
	if f.text == "" {
		return true
	}
	found := func(text string) bool {
		if f.pattern != nil {
			return f.pattern.MatchString(text)
		}
		return strings.Contains(strings.ToLower(text), f.text)
	}
	if found(cm.ConnectorName) || strconv.FormatInt(cm.MessageID, 10) == f.text {
		return true
	}
	for _, v := range cm.MetaData {
		if v != nil && found(metaText(v)) {
			return true
		}
	}
	for t := range weir.ContentTypes {
		if text, ok := cm.Content(weir.ContentType(t)); ok && found(text) {
			return true
		}
	}
	return false
}

// between tells whether an id that a message may have is within bounds.
func between(id int64, bounds [2]int64) bool {
	return bounds == [2]int64{} || id != 0 && id >= bounds[0] && (bounds[1] == 0 || id <= bounds[1])
}

// search gives the messages that a filter selects, newest first, each with the
// connectors that fit, until visit returns false.
func (c *call) search(ctx context.Context, f *filter, visit func(*weir.Message) bool) error {
	if f.nothing || c.channel(f.query.ChannelID) == nil {
		return nil
	}
	q := f.query
	for {
		page, err := c.engine.Messages(ctx, q)
		if err != nil {
			return err
		}
		looked, err := c.lookInto(ctx, f, q, page)
		if err != nil {
			return err
		}
		for _, m := range page {
			q.Before = m.ID
			if !between(m.OriginalID, f.original) || !between(m.ImportID, f.imported) ||
				looked != nil && !looked[m.ID] && !slices.ContainsFunc(m.Connectors, f.beside) {
				continue
			}
			if f.deep() {
				if m, err = c.engine.Message(ctx, q.ChannelID, m.ID); errors.Is(err, store.ErrNotFound) {
					continue // removed meanwhile
				} else if err != nil {
					return err
				}
			}
			if f.attachment {
				list, err := c.engine.Attachments(ctx, q.ChannelID, m.ID)
				if err != nil {
					return err
				}
				if len(list) == 0 {
					continue
				}
			}
			m.Connectors = slices.DeleteFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool { return !f.fits(cm) })
			if len(m.Connectors) > 0 && !visit(m) {
				return nil
			}
		}
		if len(page) < q.Limit {
			return nil
		}
	}
}

// lookInto tells which messages of a page hold what is searched in their contents, as the
// store finds it in a small part of the time that it takes to read them. It is nil where
// each has to be read: what is searched may stand in a transformed content, which is not
// kept where it follows from the encoded one.
func (c *call) lookInto(ctx context.Context, f *filter, q store.Query, page []*weir.Message) (map[int64]bool, error) {
	text := f.text
	if text == "" && len(f.contents) > 0 && f.contents[0].content != weir.TransformedContent {
		text = f.contents[0].text
	}
	if len(page) == 0 || f.pattern != nil || !isValue(c.channel(q.ChannelID).Channel, text) {
		return nil, nil
	}
	q.Before, q.After, q.Limit = page[0].ID+1, page[len(page)-1].ID-1, 0
	looked := map[int64]bool{}
	for {
		found, next, err := c.engine.Holding(ctx, q, text)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			looked[m.ID] = true
		}
		if next == 0 {
			return looked, nil
		}
		q.Before = next
	}
}

// isValue tells whether a text can only be in the XML of a message of a channel where it is
// in the message, too: it is no part of a tag and is not escaped.
func isValue(ch *weir.Channel, text string) bool {
	for i := range len(ch.Destinations) + 1 {
		t := ch.Source.Transformer
		if i > 0 {
			t = ch.Destinations[i-1].Transformer
		}
		for _, dataType := range []string{t.Inbound, t.Outbound} {
			if !slices.Contains([]string{"HL7V2", "RAW", "XML"}, dataType) {
				return false // tags have names of many kinds
			}
		}
	}
	return len(text) >= 4 && !strings.Contains("hl7message", text) && strings.IndexFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune(" -^~@:", r))
	}) < 0
}

// beside tells whether what is searched stands beside the contents.
func (f *filter) beside(cm *weir.ConnectorMessage) bool {
	if f.text == "" {
		return false
	}
	if strings.Contains(strings.ToLower(cm.ConnectorName), f.text) || strconv.FormatInt(cm.MessageID, 10) == f.text {
		return true
	}
	for _, v := range cm.MetaData {
		if v != nil && strings.Contains(strings.ToLower(metaText(v)), f.text) {
			return true
		}
	}
	return false
}

func (c *call) searchMessages() (*reply, error) {
	f, err := c.messageFilter()
	if err != nil {
		return nil, err
	}
	offset, err := c.number("offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", MaxPage)
	if err != nil {
		return nil, err
	}
	limit = min(limit, MaxPage)
	list := mirth.El("list")
	var found []*weir.Message
	err = c.search(c.r.Context(), f, func(m *weir.Message) bool {
		if offset > 0 {
			offset--
			return true
		}
		if int64(len(found)) < limit {
			found = append(found, m)
		}
		return int64(len(found)) < limit
	})
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		whole := m
		if c.flag("includeContent") {
			if whole, err = c.engine.Message(c.r.Context(), m.ChannelID, m.ID); errors.Is(err, store.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, err
			}
		}
		list.Add(c.messageNode(whole, c.flag("includeContent")))
	}
	c.note("messages", strconv.Itoa(len(list.Children)))
	return document(list), nil
}

func (c *call) countMessages() (*reply, error) {
	f, err := c.messageFilter()
	if err != nil {
		return nil, err
	}
	count := int64(0)
	err = c.search(c.r.Context(), f, func(*weir.Message) bool { count++; return true })
	return document(mirth.IntLeaf("long", count)), err
}

func (c *call) getMaxMessageID() (*reply, error) {
	page, err := c.engine.Messages(c.r.Context(), store.Query{ChannelID: c.path["channelId"], Limit: 1})
	if err != nil {
		return nil, err
	}
	var id int64
	if len(page) > 0 {
		id = page[0].ID
	}
	return document(mirth.IntLeaf("long", id)), nil
}

// messageID reads the id in the path.
func (c *call) messageID() (int64, error) {
	id, err := strconv.ParseInt(c.path["messageId"], 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "Not Found")
	}
	return id, nil
}

func (c *call) getMessage() (*reply, error) {
	id, err := c.messageID()
	if err != nil {
		return nil, err
	}
	m, err := c.engine.Message(c.r.Context(), c.path["channelId"], id)
	if errors.Is(err, store.ErrNotFound) {
		return nothing, nil
	}
	if err != nil {
		return nil, err
	}
	if wanted := c.query["metaDataId"]; len(wanted) > 0 {
		m.Connectors = slices.DeleteFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool {
			return !slices.Contains(wanted, strconv.Itoa(cm.MetaDataID))
		})
	}
	return document(c.messageNode(m, true)), nil
}

// messageNode is a message as Mirth writes it, with contents or without.
func (c *call) messageNode(m *weir.Message, contents bool) *mirth.Node {
	whole := &messagefile.Message{Message: m, ServerID: c.engine.ServerID()}
	if ch := c.channel(m.ChannelID); ch != nil {
		whole.ChannelName = ch.Name
	}
	n := messagefile.Document(whole, contents)
	n.Remove("channelName") // which is in its connectors alone
	return n
}

func (c *call) getAttachments() (*reply, error) {
	id, err := c.messageID()
	if err != nil {
		return nil, err
	}
	list := mirth.El("list")
	found, err := c.engine.Attachments(c.r.Context(), c.path["channelId"], id)
	if err != nil {
		return nil, err
	}
	for _, info := range found {
		var content []byte
		if c.flag("includeContent") {
			a, err := c.engine.Attachment(c.r.Context(), c.path["channelId"], id, info.ID)
			if err != nil {
				return nil, err
			}
			content = append([]byte{}, a.Content...)
		}
		list.Add(messagefile.Attachment(info.ID, info.Type, content, content != nil))
	}
	return document(list), nil
}

func (c *call) getAttachment() (*reply, error) {
	id, err := c.messageID()
	if err != nil {
		return nil, err
	}
	a, err := c.engine.Attachment(c.r.Context(), c.path["channelId"], id, c.path["attachmentId"])
	if errors.Is(err, store.ErrNoAttachment) {
		return nothing, nil
	}
	if err != nil {
		return nil, err
	}
	return document(messagefile.Attachment(a.ID, a.Type, a.Content, true)), nil
}

// receive hands a message to a channel, as its source would.
func (c *call) receive(in weir.Inbound) (*reply, error) {
	ch := c.channel(c.path["channelId"])
	if ch == nil || ch.Status == nil {
		return nothing, nil
	}
	in.Force = true
	id, err := c.engine.Receive(c.r.Context(), ch.ID, in)
	if err != nil {
		return nil, err
	}
	c.note("messageId", strconv.FormatInt(id, 10))
	out := document(mirth.IntLeaf("long", id))
	out.status = http.StatusCreated
	return out, nil
}

func (c *call) processMessage() (*reply, error) {
	in := weir.Inbound{Text: string(c.body), SourceMap: map[string]any{}}
	for _, text := range c.query["destinationMetaDataId"] {
		if id, err := strconv.Atoi(text); err == nil {
			in.Destinations = append(in.Destinations, id)
		}
	}
	for _, text := range c.query["sourceMapEntry"] {
		if k, v, ok := strings.Cut(text, "="); ok {
			in.SourceMap[k] = v
		}
	}
	return c.receive(in)
}

func (c *call) processRaw() (*reply, error) {
	n, err := c.root("com.mirth.connect.donkey.model.message.RawMessage")
	if err != nil {
		return nil, err
	}
	in := weir.Inbound{Text: n.TextAt("rawData"), SourceMap: map[string]any{}}
	if n.TextAt("binary") == "true" {
		in.Text, in.Binary = n.TextAt("rawBytes"), true
	}
	for _, text := range n.At("destinationMetaDataIds").Texts() {
		if id, err := strconv.Atoi(text); err == nil {
			in.Destinations = append(in.Destinations, id)
		}
	}
	for k, v := range pairs(n.At("sourceMap")) {
		in.SourceMap[k] = v.Text
	}
	return c.receive(in)
}

// removeBatch is how many messages are removed between two looks for more.
const removeBatch = store.RemoveAtOnce

// remove removes what a filter selects.
func (c *call) remove(f *filter) error {
	ctx := context.WithoutCancel(c.r.Context())
	total := 0
	var ids []int64
	flush := func() error {
		n, err := c.engine.Remove(ctx, f.query.ChannelID, ids)
		total += n
		ids = ids[:0]
		return err
	}
	var failed error
	err := c.search(ctx, f, func(m *weir.Message) bool {
		if ids = append(ids, m.ID); len(ids) == removeBatch {
			failed = flush()
		}
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err == nil && len(ids) > 0 {
		err = flush()
	}
	c.note("removed", strconv.Itoa(total))
	return err
}

func (c *call) removeMessages() (*reply, error) {
	f, err := c.messageFilter()
	if err != nil {
		return nil, err
	}
	return nothing, c.remove(f)
}

func (c *call) removeMessage() (*reply, error) {
	id, err := c.messageID()
	if err != nil {
		return nil, err
	}
	if c.query.Has("metaDataId") {
		return nil, errors.New("a connector's part of a message is not removed alone; remove the message")
	}
	_, err = c.engine.Remove(context.WithoutCancel(c.r.Context()), c.path["channelId"], []int64{id})
	return nothing, err
}

func (c *call) removeAllMessages() (*reply, error) {
	ids, err := c.asked()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		ch := c.channel(id)
		if ch == nil {
			continue
		}
		c.note("channel", ch.Name)
		if err := c.remove(&filter{most: -1, query: store.Query{ChannelID: id, Limit: removeBatch}}); err != nil {
			return nil, err
		}
		if c.flag("clearStatistics") && ch.Status != nil {
			if err := c.engine.ResetStatistics(context.WithoutCancel(c.r.Context()), id, -1, nil); err != nil {
				return nil, err
			}
		}
	}
	return nothing, nil
}

// reprocess processes stored messages once more, the oldest first.
func (c *call) reprocess() (*reply, error) {
	again := pipeline.Again{Replace: c.flag("replace")}
	if c.flag("filterDestinations") {
		again.Destinations = []int{}
		for _, text := range c.query["metaDataId"] {
			if id, err := strconv.Atoi(text); err == nil {
				again.Destinations = append(again.Destinations, id)
			}
		}
	}
	ctx := context.WithoutCancel(c.r.Context())
	var ids []int64
	if _, one := c.path["messageId"]; one {
		id, err := c.messageID()
		if err != nil {
			return nil, err
		}
		ids = []int64{id}
	} else {
		f, err := c.messageFilter()
		if err != nil {
			return nil, err
		}
		if err := c.search(ctx, f, func(m *weir.Message) bool { ids = append(ids, m.ID); return true }); err != nil {
			return nil, err
		}
	}
	c.note("messages", strconv.Itoa(len(ids)))
	for _, id := range slices.Backward(ids) {
		if err := c.engine.Reprocess(ctx, c.path["channelId"], id, again); err != nil {
			return nil, err
		}
	}
	return nothing, nil
}

// importMessage takes an exported message in, under a new id, as it was: nothing of
// it is processed or sent.
func (c *call) importMessage() (*reply, error) {
	n, err := c.root("message")
	if err != nil {
		return nil, err
	}
	if err := messagefile.Decrypt(n, c.engine.OpenExport); err != nil {
		return nil, err
	}
	m, err := messagefile.Parse(n)
	if err != nil {
		return nil, err
	}
	id, err := c.engine.Import(context.WithoutCancel(c.r.Context()), c.path["channelId"], pipeline.Imported{Message: m.Message, Attachments: m.Attachments})
	c.note("messageId", strconv.FormatInt(id, 10))
	return nothing, err
}
