package httpfield

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The order is that of a HashMap, also where it has grown.
func TestHashOrder(t *testing.T) {
	var names []string
	for i := range 13 {
		names = append(names, fmt.Sprintf("p%d", 12-i))
	}
	want := []string{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p12", "p11"}
	if got := HashOrder(names); !slices.Equal(got, want) {
		t.Errorf("HashOrder = %q, want %q", got, want)
	}
	if got := HashOrder([]string{"BB", "Aa"}); !slices.Equal(got, []string{"BB", "Aa"}) {
		t.Errorf("names with one hash code must keep their order: %q", got)
	}
}

// What Java gives for names that requests usually have.
func TestCaseInsensitiveOrder(t *testing.T) {
	names := HashOrder([]string{"Host", "Content-Type", "User-Agent", "Accept", "Accept-Encoding", "Content-Length", "X-Site", "Connection", "Cookie", "Authorization"})
	if got, want := strings.Join(names, " "), "Cookie Authorization Accept X-Site User-Agent Connection Host Accept-Encoding Content-Length Content-Type"; got != want {
		t.Errorf("HashMap: %s, want %s", got, want)
	}
	got := strings.ToLower(strings.Join(CaseInsensitiveOrder(names), " "))
	if want := "accept-encoding connection x-site content-type cookie authorization content-length host user-agent accept"; got != want {
		t.Errorf("CaseInsensitiveMap: %s, want %s", got, want)
	}
}
