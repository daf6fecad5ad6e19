package attach

import (
	"errors"
	"strings"
	"testing"
)

const (
	channelA = "11111111-2222-4333-8444-00000000000a"
	channelB = "11111111-2222-4333-8444-00000000000b"
	one      = "aaaaaaaa-2222-4333-8444-000000000001"
	two      = "aaaaaaaa-2222-4333-8444-000000000002"
	gone     = "aaaaaaaa-2222-4333-8444-00000000dead"
)

// tokens are of message 7 of channel A. It has attachments one and two, and
// message 3 of channel B has one of its own.
func tokens() *Tokens {
	kept := map[string]string{
		channelA + "/7/" + one: "first",
		channelA + "/7/" + two: "a ${ATTACH:" + one + "} b",
		channelB + "/3/" + one: "of B\xff",
	}
	return &Tokens{
		ChannelID: channelA, MessageID: 7,
		Content: func(channelID string, messageID int64, id string) ([]byte, bool, error) {
			content, ok := kept[channelID+"/"+string(rune('0'+messageID))+"/"+id]
			return []byte(content), ok, nil
		},
		DICOM: func() (string, error) { return "T0JKRUNU", nil },
	}
}

func TestTokens(t *testing.T) {
	short := func(id string) string { return "${ATTACH:" + id + "}" }
	long := func(channel, message, id string) string {
		return "${ATTACH:" + channel + ":" + message + ":" + id + "}"
	}
	for _, c := range []struct {
		name, text         string
		put, expand, local string // "=" means as it is
	}{
		{"no token", "MSH|^~\\&|${x}", "=", "=", "="},
		{"own", "OBX|" + short(one) + "|", "OBX|first|", "OBX|" + long(channelA, "7", one) + "|", "OBX|first|"},
		{"two and the same again", short(one) + short(one), "firstfirst", long(channelA, "7", one) + long(channelA, "7", one), "firstfirst"},
		{"not expanded again", short(two), "a " + short(one) + " b", long(channelA, "7", two), "a " + short(one) + " b"},
		{"missing", "<" + short(gone) + ">", "<>", "<" + long(channelA, "7", gone) + ">", "<>"},
		{"own in its long form", long(channelA, "7", one), "first", "=", "="},
		{"another channel's", "[" + long(channelB, "3", one) + "]", "[of B\xff]", "=", "="},
		{"another channel's, missing", "[" + long(channelB, "4", one) + "]", "[]", "=", "="},
		{"short id", "${ATTACH:abc} and more text to fill the place", "=", "=", "="},
		{"no brace", "${ATTACH:" + one + " ", "=", "=", "="},
		{"cut in the id", "${ATTACH:" + one[:30], "=", "=", "="},
		{"cut before the brace", "${ATTACH:" + one, "=", "=", "="},
		{"message id is no number", long(channelB, "x3", one), "=", "=", "="},
		{"message id 0", long(channelB, "0", one), "=", "=", "="},
		{"message id too long", long(channelB, strings.Repeat("9", 21), one), "=", "=", "="},
		{"long form cut", "${ATTACH:" + channelB + ":3:" + one, "=", "=", "="},
		{"long form without a brace", "${ATTACH:" + channelB + ":3:" + one + "|", "=", "=", "="},
		{"token hidden by a broken one", "${ATTACH:abc}" + short(one), "=", "=", "="},
		{"token behind a broken one", "${ATTACH:abc}" + strings.Repeat(".", 40) + short(one), "${ATTACH:abc}" + strings.Repeat(".", 40) + "first",
			"${ATTACH:abc}" + strings.Repeat(".", 40) + long(channelA, "7", one), "${ATTACH:abc}" + strings.Repeat(".", 40) + "first"},
		{"id of 36 characters beyond ASCII", "${ATTACH:" + strings.Repeat("ü", 34) + "😀}", "",
			long(channelA, "7", strings.Repeat("ü", 34)+"😀"), ""},
		{"DICOM alone", " ${DICOMMESSAGE}\r\n", "T0JKRUNU", "=", "T0JKRUNU"},
		{"DICOM among others", "a${DICOMMESSAGE}b${DICOMMESSAGE}", "aT0JKRUNUbT0JKRUNU", "=", "aT0JKRUNUbT0JKRUNU"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, way := range []struct {
				name string
				with func(*Tokens)
				want string
			}{
				{"put back", func(*Tokens) {}, c.put},
				{"expanded", func(t *Tokens) { t.Expand = true }, c.expand},
				{"local", func(t *Tokens) { t.Local = true }, c.local},
			} {
				to := tokens()
				way.with(to)
				got, err := to.Replace(c.text)
				want := way.want
				if want == "=" {
					want = c.text
				}
				if err != nil || got != want {
					t.Errorf("%s:\n in  %q\n got %q, %v\nwant %q", way.name, c.text, got, err, want)
				}
			}
		})
	}
}

// Mirth does the outbound replacements once more for each further token of an
// attachment of the message's own, and once for those of others.
func TestTokensOutbound(t *testing.T) {
	to := tokens()
	to.Outbound = func(content []byte) []byte { return append(content, '!') }
	foreign := "${ATTACH:" + channelB + ":3:" + one + "}"
	got, err := to.Replace("${ATTACH:" + one + "},${ATTACH:" + one + "}," + foreign + "," + foreign)
	if want := "first!,first!!,of B\xff!,of B\xff!"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestTokensErrors(t *testing.T) {
	failure := errors.New("the store is closed")
	to := tokens()
	to.Content = func(string, int64, string) ([]byte, bool, error) { return nil, false, failure }
	to.DICOM = func() (string, error) { return "", failure }
	for _, text := range []string{"${ATTACH:" + one + "}", "${ATTACH:" + channelB + ":3:" + one + "}", "${DICOMMESSAGE}", "a${DICOMMESSAGE}"} {
		if got, err := to.Replace(text); !errors.Is(err, failure) || got != "" {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("OBX|${ATTACH:" + one + "}|${DICOMMESSAGE}")
	f.Add("${ATTACH:" + channelB + ":3:" + one + "}${ATTACH:")
	f.Add("${${ATTACH:ü")
	f.Fuzz(func(t *testing.T, text string) {
		to := tokens()
		to.Expand = true
		got, err := to.Replace(text)
		if err != nil || len(got) < len(text) {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
		again, err := to.Replace(got)
		if err != nil || again != got {
			t.Errorf("%q: expanding twice gives %q, once %q", text, again, got)
		}
		if _, err := tokens().Replace(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
