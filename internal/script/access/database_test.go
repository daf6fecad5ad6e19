package access

import (
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/jdbc"
)

// FuzzDatabase holds what is granted against where the driver would go: a URL
// that passes leads to the server and database of the grant.
func FuzzDatabase(f *testing.F) {
	grants := []struct{ url, address string }{
		{"jdbc:postgresql://lab:5432/lis", "lab:5432/lis"},
		{"jdbc:mysql://lab:3306/lis", "lab:3306/lis"},
		{"jdbc:mysql://lab", "lab:"},
		{"jdbc:postgresql://lab", "lab:"},
		{"jdbc:jtds:sqlserver://lab:1433/lis", "lab:1433/lis"},
		{"jdbc:sqlserver://lab", "lab"},
		{"jdbc:oracle:thin:@//lab:1521/lis", "lab:1521/lis"},
	}
	for _, g := range grants {
		for _, more := range []string{"", "?a=b", "2", ",evil/x", ":(host=evil)", ";serverName=evil", "/x@evil", "?x@evil:1:s", ":evil@x/y", "@evil/x", "/../x", "%2Fx", "\\x"} {
			f.Add(g.url + more)
		}
	}
	f.Add("jdbc:mysql://u:p@lab/x")
	f.Add("jdbc:oracle:thin:u/p@lab:1521:x")
	f.Fuzz(func(t *testing.T, url string) {
		for _, g := range grants {
			grant := &Grants{Access: weir.Access{Databases: []string{g.url}}}
			if grant.Database(url) != nil {
				continue
			}
			src, err := jdbc.Parse("", url, "", "")
			if err != nil {
				continue
			}
			if !strings.HasPrefix(strings.ToLower(src.Address), g.address) {
				t.Errorf("%q is granted by %s and leads to %s", url, g.url, src.Address)
			}
		}
	})
}
