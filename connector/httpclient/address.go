package httpclient

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/weir-health/weir"
)

// Address reads the URL of a request from the setting at. Its text may hold message content, so that
// an error does not.
func Address(at, text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	hint := "Write the whole address, beginning with http:// or https://."
	switch {
	case strings.TrimSpace(text) == "":
		return nil, &weir.Fault{At: at, Err: errors.New("the address is empty"), Hint: hint}
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, &weir.Fault{At: at, Err: errors.New("what the address gives for this message is no URL"), Hint: hint}
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = cleanQuery(u.RawQuery)
	return u, nil
}

// cleanQuery escapes what may not stand in a query, most of all blanks, which
// would end the address.
func cleanQuery(query string) string {
	var b strings.Builder
	for i := 0; i < len(query); i++ {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
