package server

import (
	"cmp"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/script"
)

var (
	_ script.Mail     = (*host)(nil)
	_ script.Identity = (*host)(nil)
)

// MailSettings are empty where none are set.
func (h *host) MailSettings() (script.MailSettings, error) {
	text, err := h.serverSettings()
	if err != nil || text("smtpHost") == "" {
		return script.MailSettings{}, err
	}
	return mailSettings(text), nil
}

func (h *host) ServerIdentity() (name, environment string, err error) {
	text, err := h.serverSettings()
	if err != nil {
		return "", "", err
	}
	return text("serverName"), text("environmentName"), nil
}

// serverSettings gives the server's settings by their names: those that were set
// through the Mirth API, else those of a server backup among the channel files.
func (h *host) serverSettings() (text func(name string) string, err error) {
	s := (*Server)(h)
	data, err := (*mirthEngine)(s).Kept(mirthapi.ServerSettings)
	if err != nil {
		return nil, err
	}
	if data != nil {
		n, err := mirth.ParseDocument(data, mirthapi.MaxWhole)
		if err != nil {
			return nil, &weir.Fault{At: mirthapi.ServerSettings, Err: err,
				Hint: "Restore the file in the data directory from a backup, or remove it."}
		}
		return func(name string) string { return n.TextAt(name) }, nil
	}
	if own := s.settings.Load(); own != nil {
		return own.Text, nil
	}
	return func(string) string { return "" }, nil
}

// defaultMailTimeout is Mirth's, in milliseconds, for settings that name none.
const defaultMailTimeout = "5000"

func mailSettings(text func(name string) string) script.MailSettings {
	return script.MailSettings{
		Host: text("smtpHost"), Port: text("smtpPort"), Timeout: cmp.Or(text("smtpTimeout"), defaultMailTimeout), From: text("smtpFrom"), Secure: text("smtpSecure"),
		Login: text("smtpAuth") == "true", Username: text("smtpUsername"), Password: text("smtpPassword"),
	}
}
