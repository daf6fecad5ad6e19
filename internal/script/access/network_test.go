package access

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/weir-health/weir"
)

func TestHost(t *testing.T) {
	for _, c := range []struct {
		grant, host, port string
		want              bool
	}{
		{"lab", "lab", "2575", true},
		{"LAB.", "lab", "2575", true},
		{"lab:2575", "lab", "2575", true},
		{"lab:2575", "lab", "", true},
		{"lab:2575", "lab", "80", false},
		{"lab", "lab.example.com", "80", false},
		{"*", "anything", "80", true},
		{"*:443", "anything", "443", true},
		{"*:443", "anything", "80", false},
		{"10.0.0.1", "10.0.0.1", "80", true},
		{"10.0.0.1", "10.0.0.11", "80", false},
		{"[::1]:80", "::1", "80", true},
		{"::1", "::1", "80", true},
		{"127.0.0.1", "::ffff:127.0.0.1", "80", true},
		{"*", "169.254.169.254", "80", false},
		{"*", "::ffff:169.254.169.254", "80", false},
		{"*", "fe80::1", "80", false},
		{"*", "fd00:ec2::254", "80", false},
		{"169.254.169.254", "169.254.169.254", "80", true},
		{"169.254.169.254:80", "169.254.169.254", "81", false},
		{"", "lab", "80", false},
	} {
		g := &Grants{Channel: "Lab", Access: weir.Access{Network: []string{c.grant}}}
		if err := g.Host(c.host, c.port); (err == nil) != c.want {
			t.Errorf("Host(%s, %s) with %q: %v", c.host, c.port, c.grant, err)
		}
	}
}

// TestDialledAddress has a granted name lead to an address of the local link, as
// one does whose owner changes it after it was looked at.
func TestDialledAddress(t *testing.T) {
	g := &Grants{Channel: "Lab", Access: weir.Access{Network: []string{"*"}}}
	var denied *Denied
	for _, address := range []string{"169.254.169.254:80", "[fe80::1%lo]:80", "[::ffff:169.254.1.1]:80"} {
		// connect is what follows once the name is accepted.
		if _, err := g.connect(context.Background(), "tcp", address); !errors.As(err, &denied) {
			t.Errorf("connect to %s: %v", address, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := g.Dial(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestDatabase(t *testing.T) {
	for _, c := range []struct {
		grant, url string
		want       bool
	}{
		{"jdbc:postgresql://lab:5432/lis", "jdbc:postgresql://lab:5432/lis", true},
		{"jdbc:postgresql://lab:5432/lis", "jdbc:postgresql://lab:5432/lis?user=a&password=b@c", true},
		{"jdbc:postgresql://lab:5432/lis", "jdbc:postgresql://lab:5432/lis2", false},
		{"jdbc:postgresql://lab", "jdbc:postgresql://lab:5432/lis", true},
		{"jdbc:postgresql://lab", "jdbc:postgresql://lab/lis", true},
		{"jdbc:postgresql://lab", "jdbc:postgresql://lab.example.com/lis", false},
		{"jdbc:postgresql://lab:5432", "jdbc:postgresql://lab:54321/lis", false},
		{"jdbc:postgresql://lab:5432", "jdbc:postgresql://lab:5432,evil/lis", false},
		{"jdbc:mysql://lab", "jdbc:mysql://lab:secret@evil/lis", false},
		{"jdbc:mysql://lab", "jdbc:mysql://user:secret@lab/lis", true},
		{"jdbc:mysql://lab", "jdbc:mysql://lab:(host=evil)/lis", false},
		{"jdbc:sqlserver://lab:1433", "jdbc:sqlserver://lab:1433;databaseName=lis;password=x", true},
		{"jdbc:sqlserver://lab", "jdbc:sqlserver://lab\\instance:1433;databaseName=lis", true},
		{"jdbc:oracle:thin:@//lab:1521/lis", "jdbc:oracle:thin:scott/tiger@//lab:1521/lis", true},
		{"jdbc:oracle:thin:@lab:1521", "jdbc:oracle:thin:scott/tiger@lab:1521:LIS", true},
		{"jdbc:oracle:thin:@//lab:1521/lis", "jdbc:oracle:thin:a/b@//lab:1521/lis?x@evil:1521:S", false},
		{"jdbc:sqlite:/data/lis.db", "jdbc:sqlite:/data/lis.db", true},
		{"jdbc:sqlite:/data/", "jdbc:sqlite:/data/lis.db", true},
		{"jdbc:sqlite:/data/lis.db", "jdbc:sqlite:/data/lis.db2", false},
		{"*", "jdbc:sqlite:/data/lis.db", true},
		{"", "jdbc:sqlite:/data/lis.db", false},
	} {
		g := &Grants{Channel: "Lab", Access: weir.Access{Databases: []string{c.grant}}}
		if c.grant == "" {
			g.Databases = nil
		}
		if err := g.Database(c.url); (err == nil) != c.want {
			t.Errorf("Database(%s) with %q: %v", c.url, c.grant, err)
		}
	}
}
