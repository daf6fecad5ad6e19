package connector

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/weir-health/weir/config"
)

// The settings that Mirth does not have stand in an element of their own, weir,
// among a connector's properties. Without it all of them are off.
const own = "weir."

// Values of Duplicates.By and Duplicates.Then.
const (
	DuplicatesOff       = "off"
	DuplicatesByControl = "control id"
	DuplicatesByScript  = "script"

	DuplicateFiltered  = "filter"
	DuplicateFailed    = "error"
	DuplicateProcessed = "process"
)

// Duplicates is how a source tells a message that comes again, and what then
// becomes of it.
type Duplicates struct {
	By     string
	Script string
	Window time.Duration // 0: however long ago
	Count  int           // 0: however many messages ago
	Then   string
}

// Fields declares the settings.
func (d *Duplicates) Fields(f *config.Fields) {
	f.String(&d.By, own+"duplicates", DuplicatesOff,
		"What tells that a message comes again: its control id (MSH-10 with MSH-3 and MSH-4, of HL7 v2), or the key that a script returns. A message that was answered with an error is not a first one.").
		OneOf(DuplicatesOff, DuplicatesByControl, DuplicatesByScript)
	f.String(&d.Script, own+"duplicateScript", "",
		"JavaScript that returns the key; it sees message, the text as received, and sourceMap. Nothing, or an empty text, is no key.").
		Check(func() error {
			if d.By == DuplicatesByScript && strings.TrimSpace(d.Script) == "" {
				return errors.New("duplicates are told by a script, and there is none; write one that returns the key")
			}
			return nil
		})
	f.Millis(&d.Window, own+"duplicateWindow", 24*time.Hour,
		"Milliseconds after which the same key is a new message; 0 means never.")
	f.Int(&d.Count, own+"duplicateCount", 0,
		"After how many messages of the channel the same key is a new message; 0 means never.").Range(0, 1<<30)
	f.String(&d.Then, own+"duplicateThen", DuplicateFiltered,
		"What becomes of a duplicate: filter keeps it as FILTERED and answers as the first one was answered, error keeps it as ERROR and answers so, process goes on with it; duplicateOf in the source map is the first one's id.").
		OneOf(DuplicateFiltered, DuplicateFailed, DuplicateProcessed)
}

// Values of Guard.WhenOpen.
const (
	BreakerWaits = "wait"
	BreakerFails = "error"
)

// Guard is what stands before the sends of a destination: a limit of their rate,
// and a circuit breaker that spares a system that is down.
type Guard struct {
	Rate     float64 // messages a second; 0 means any
	Burst    int
	Failures int // 0: there is no breaker
	OpenFor  time.Duration
	WhenOpen string
}

// Fields declares the settings.
func (g *Guard) Fields(f *config.Fields) {
	f.Decimal(&g.Rate, own+"messagesPerSecond", 0,
		"How many messages a second are sent at most; 0.1 is one in ten seconds, 0 any number.")
	f.Int(&g.Burst, own+"burst", 1,
		"How many messages may be sent at once after a pause, where messages a second are limited.").Range(1, 1<<20)
	f.Int(&g.Failures, own+"breakerFailures", 0,
		"After how many failed sends in a row the circuit breaker opens, so that nothing is sent for some time; 0 means never. An answer that refuses a message is no failed send.").Range(0, 1<<20)
	f.Millis(&g.OpenFor, own+"breakerOpen", time.Minute,
		"Milliseconds that an open circuit breaker waits before one message is tried; when that is sent the others follow.").
		Check(func() error {
			if g.Failures > 0 && g.OpenFor <= 0 {
				return errors.New("0 would open the circuit breaker for no time; write the milliseconds to wait, such as 60000")
			}
			return nil
		})
	f.String(&g.WhenOpen, own+"breakerThen", BreakerWaits,
		"What a message does before an open circuit breaker where there is no queue: wait, or error. With a queue it is QUEUED.").
		OneOf(BreakerWaits, BreakerFails)
}

// DeadLetters is where a destination hands what it cannot deliver.
type DeadLetters struct {
	Channel  string // id; empty: nowhere
	Attempts int    // 0: a queued message is tried for ever
}

// Fields declares the settings.
func (d *DeadLetters) Fields(f *config.Fields) {
	f.String(&d.Channel, own+"deadLetterChannel", "",
		"Id of the channel that gets the messages that end in ERROR here, with their source map and, as from a Channel Writer, the ids they come from; empty means none.")
	f.Int(&d.Attempts, own+"deadLetterAttempts", 0,
		"After how many attempts a queued message ends in ERROR and goes to the dead-letter channel; 0 means never.").
		Range(0, 1<<30).Check(func() error {
		if d.Attempts > 0 && d.Channel == "" {
			return errors.New("there is no dead-letter channel that could take the message; name one in weir.deadLetterChannel, or write 0")
		}
		return nil
	})
}

// Door is who may connect to a listener, and how many times at once.
type Door struct {
	PerAddress int // 0: any number
	Allowed    []netip.Prefix
	Proxied    bool
	Proxies    []netip.Prefix
}

// Fields declares the settings.
func (d *Door) Fields(f *config.Fields) {
	f.Int(&d.PerAddress, own+"connectionsPerAddress", 0,
		"How many connections one address may have at once; further ones are closed. 0 means any number.").Range(0, 1<<20)
	addresses(f, &d.Allowed, own+"allow",
		"Addresses and networks that may connect, separated by commas or spaces, such as 10.1.0.0/16, 192.168.7.4, 2001:db8::/32. Connections of others are closed. Empty means all.")
	f.Bool(&d.Proxied, own+"proxyProtocol", false,
		"Connections from trusted proxies begin with a PROXY header, version 1 or 2, which tells who connects. Others connect as they are.")
	addresses(f, &d.Proxies, own+"trustedProxies",
		"Addresses and networks of the proxies whose PROXY header is believed.").
		Check(func() error {
			if d.Proxied && len(d.Proxies) == 0 {
				return errors.New("the PROXY protocol is on, and no proxy is trusted; list the addresses of yours, such as 10.0.0.5")
			}
			return nil
		})
}

// maxAddresses is how many addresses and networks a list may have.
const maxAddresses = 4096

// addresses declares a list of addresses and networks.
func addresses(f *config.Fields, into *[]netip.Prefix, name, help string) *config.Field {
	var text string
	return f.String(&text, name, "", help).Check(func() error {
		list, err := ParseAddresses(text)
		*into = list
		return err
	})
}

// ParseAddresses reads addresses and networks, separated by commas or spaces. An
// IPv4 address in the form of IPv6 is the IPv4 address.
func ParseAddresses(text string) ([]netip.Prefix, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	if len(words) > maxAddresses {
		return nil, fmt.Errorf("%d addresses are too many; write networks, at most %d", len(words), maxAddresses)
	}
	var list []netip.Prefix
	for _, word := range words {
		if addr, err := netip.ParseAddr(word); err == nil {
			addr = addr.Unmap().WithZone("")
			list = append(list, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%q is no address and no network; write 10.1.2.3 or 10.1.0.0/16", word)
		}
		if prefix.Addr().Is4In6() {
			if prefix.Bits() < 96 {
				return nil, fmt.Errorf("%q mixes IPv4 and IPv6; write the network as 10.1.0.0/16", word)
			}
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}
