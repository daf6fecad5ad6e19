package datefmt

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// Every line of testdata/java.tsv is something SimpleDateFormat did; see
// testdata/Vectors.java, which writes it.
func TestLikeJava(t *testing.T) {
	file, err := os.Open("testdata/java.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := 0
	for scan := bufio.NewScanner(file); scan.Scan(); lines++ {
		c := strings.Split(scan.Text(), "\t")
		if got := like(t, c[0], c[1], zoneNamed(t, c[2]), c[3]); got != c[4] {
			t.Errorf("%s, pattern %q, zone %s, %q\n got %s\nwant %s", c[0], c[1], c[2], c[3], readable(got), readable(c[4]))
		}
	}
	if lines < 1000 {
		t.Errorf("only %d lines in testdata/java.tsv", lines)
	}
}

// like does what one line says; "-" is an error.
func like(t *testing.T, act, pattern string, loc *time.Location, input string) string {
	f, err := Compile(pattern)
	if err != nil {
		return "-"
	}
	f = f.WithCenturyStart(time.Date(1946, 1, 1, 0, 0, 0, 0, time.UTC))
	var got time.Time
	switch act {
	case "format":
		millis, err := strconv.ParseInt(input, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f.Format(time.UnixMilli(millis).In(loc))
	case "parse":
		got, err = f.Parse(input, loc)
	case "strict":
		got, err = f.ParseStrict(input, loc)
	}
	if err != nil {
		return "-"
	}
	return strconv.FormatInt(got.UnixMilli(), 10)
}

func zoneNamed(t *testing.T, name string) *time.Location {
	if name == "GMT-03:30" {
		return time.FixedZone("", -3*3600-1800)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func readable(result string) string {
	if millis, err := strconv.ParseInt(result, 10, 64); err == nil {
		return result + " " + time.UnixMilli(millis).UTC().Format(time.RFC3339Nano)
	}
	return result
}
