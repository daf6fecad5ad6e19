package server

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/mirth"
)

// declaredText is a setting's text, or its default where the file has none.
func declaredText(p part, name string) string {
	if s, ok := p.Settings.Get(name); ok {
		return strings.TrimSpace(s.Text)
	}
	if p.declared != nil {
		for _, f := range config.List(p.declared) {
			if f.Name == name {
				return f.Default
			}
		}
	}
	return ""
}

// local tells an address that does not leave the computer.
func local(host string) bool {
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// risk is a way to be insecure: where it applies, it returns the setting that
// makes it so and what it means.
type risk func(p part, text func(name string) string) (setting, means, remedy string)

const speakTLS = "Turn tls.enabled on."

// risks are looked for in every connector. A channel has them in Mirth as well:
// none is a reason not to run.
var risks = []risk{
	func(p part, text func(string) string) (string, string, string) {
		const host = "listenerConnectorProperties.host"
		if address := text(host); address != "" && !local(address) && text("tls.enabled") != "true" && text("serverMode") != "false" && (text("tls") == "" || text("tls") == "notls") {
			return host, "listens on " + address + " without TLS: whoever is on the network between reads and changes messages",
				speakTLS[:len(speakTLS)-1] + ", or listen on 127.0.0.1 behind a proxy that speaks TLS."
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		host := text("listenerConnectorProperties.host")
		web := p.Type == "HTTP Listener" || p.Type == "Web Service Listener"
		if !web || local(host) || text("tls.enabled") == "true" && text("tls.clientAuth") == "require" {
			return "", "", ""
		}
		extensions, _ := p.Settings.Get("pluginProperties")
		for _, e := range extensions.Group {
			switch e.Group.Text("authType") {
			case "", "NONE":
				continue
			case "BASIC":
				if text("tls.enabled") != "true" {
					return "pluginProperties", "takes passwords without TLS: whoever is on the network between reads them", speakTLS
				}
			}
			return "", "", ""
		}
		return "pluginProperties", "takes messages from anybody: no sender is asked who it is", "Choose an authentication, or tls.clientAuth require."
	},
	func(p part, text func(string) string) (string, string, string) {
		host := text("remoteAddress")
		if p.Type == "TCP Sender" && text("serverMode") != "true" && !local(host) && text("tls.enabled") != "true" {
			return "remoteAddress", "sends without TLS: whoever is on the network between reads and changes messages", speakTLS
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		for _, name := range []string{"host", "locationURI", "wsdlUrl"} {
			u, err := url.Parse(text(name))
			if err != nil || !strings.EqualFold(u.Scheme, "http") || local(u.Hostname()) {
				continue
			}
			if text("useAuthentication") == "true" {
				return name, "sends a password without TLS: whoever is on the network between reads it", "Use an https address."
			}
			return name, "sends without TLS: whoever is on the network between reads and changes messages", "Use an https address."
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		switch scheme := text("scheme"); {
		case scheme == "FTP" && text("tls.enabled") != "true":
			return "scheme", "FTP without TLS: whoever is on the network between reads the password and the files", speakTLS + " SFTP does as well."
		case scheme == "WEBDAV" && text("secure") == "false":
			return "secure", "WebDAV without TLS: whoever is on the network between reads the password and the files", "Turn secure on."
		case scheme == "SMB" && text("schemeProperties.smbMinVersion") == "SMB1":
			return "schemeProperties.smbMinVersion", "SMB 1 is allowed, a protocol whose messages can be forged", "Choose SMB202 or later."
		case scheme == "SFTP" && text("schemeProperties.hostKeyChecking") == "no":
			return "schemeProperties.hostKeyChecking", "the keys of SFTP servers are not checked: any server is believed", "Choose yes, and give a known hosts file."
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		if p.Type == "SMTP Sender" && text("encryption") == "none" && !local(text("smtpHost")) {
			return "encryption", "e-mails go without TLS" + map[string]string{"true": ", the password too"}[text("authentication")], "Choose tls or ssl."
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		for _, name := range []string{"tls.verify", "tls.verifyHost", "responseTls.verify"} {
			if p.Settings.Text(name) == "false" {
				return name, "certificates of servers are not checked: any server is believed", "Turn " + name + " on, and name the authority in tls.caFile where it is your own."
			}
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		if strings.HasPrefix(p.Type, "DICOM ") {
			switch {
			case p.Type == "DICOM Sender" && text("tls") == "notls" && !local(text("host")):
				return "tls", "sends without TLS: whoever is on the network between reads and changes images", "Choose aes."
			case text("tls") == "without":
				return "tls", "TLS without encryption: whoever is on the network between reads images", "Choose aes."
			case text("tls") == "3des":
				return "tls", "3DES is weak", "Choose aes."
			case text("tls") != "notls" && text("nossl2") == "false":
				return "nossl2", "SSL 2 is accepted, which is broken", "Turn nossl2 on."
			}
		}
		return "", "", ""
	},
	func(p part, text func(string) string) (string, string, string) {
		if m := openDatabase.FindString(text("url")); m != "" {
			return "url", "the database connection is not encrypted, or its server not checked: " + m, "Ask for TLS and a certificate in the URL."
		}
		return "", "", ""
	},
}

// openDatabase are the parameters of JDBC URLs that turn TLS or its checks off.
var openDatabase = regexp.MustCompile(`(?i)\b(?:sslmode=(?:disable|allow|prefer)|usessl=false|encrypt=false|trustservercertificate=true|verifyservercertificate=false)\b`)

// weakProtocol are the names of protocols that are broken, as settings and
// scripts write them.
var weakProtocol = regexp.MustCompile(`\b(?:SSLv2|SSLv3|TLSv1(?:\.[01])?)(?:[^.\d]|$)`)

// riskyScripts are what turns TLS checks off in scripts.
var riskyScripts = []struct {
	find  *regexp.Regexp
	means string
}{
	{regexp.MustCompile(`X509TrustManager|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER|AllowAllHostnameVerifier|TrustSelfSignedStrategy|TrustAllStrategy|setHostnameVerifier|setDefaultHostnameVerifier`),
		"takes any certificate for good"},
	{regexp.MustCompile(`SSLContext\s*\.\s*getInstance\(\s*['"](?:SSL|SSLv2|SSLv3|TLSv1|TLSv1\.1)['"]`), "asks for a protocol that is broken"},
}

// insecure notes what a channel does without protection. Channels do the same in
// Mirth: these are warnings.
func insecure(opt Options, ch *weir.Channel, at locator) []mirth.Note {
	var notes []mirth.Note
	note := func(path, text, remedy string) {
		notes = append(notes, mirth.Note{Path: path, Severity: mirth.Warning, About: aboutInsecure, Text: text, Remedy: remedy})
	}
	for _, p := range opt.parts(ch) {
		text := func(name string) string { return declaredText(p, name) }
		for _, r := range risks {
			if setting, means, remedy := r(p, text); setting != "" {
				note(at.setting(p.label, setting), means, remedy)
			}
		}
		for path, s := range texts(p.Settings, "") {
			if slices.Contains([]string{"script", "select", "update", "query"}, path) {
				continue // those are scripts, below
			}
			if m := weakProtocol.FindString(s.Text); m != "" {
				note(at.setting(p.label, path), "names a protocol that is broken: "+strings.Trim(m, ", ;:"), "Leave TLSv1.2 and TLSv1.3.")
			}
		}
	}
	for _, s := range scriptsOf(ch, at) {
		for _, r := range riskyScripts {
			for _, line := range s.lines(r.find) {
				note(s.path, fmt.Sprintf("line %d of %s %s", line, s.name, r.means), "Give the connector the authority of the certificate instead.")
			}
		}
	}
	return notes
}

// texts yields the settings that are texts, by their dotted names.
func texts(g config.Group, prefix string) func(yield func(string, config.Setting) bool) {
	return func(yield func(string, config.Setting) bool) {
		var walk func(g config.Group, prefix string) bool
		walk = func(g config.Group, prefix string) bool {
			for _, s := range g {
				if len(s.Group) == 0 {
					if s.Text != "" && !yield(prefix+s.Name, s) {
						return false
					}
				} else if !walk(s.Group, prefix+s.Name+".") {
					return false
				}
			}
			return true
		}
		walk(g, prefix)
	}
}
