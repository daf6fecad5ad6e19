package file

import (
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// remote is where the files are, with the settings of schemes that Weir does not
// have yet, so that a channel that uses them can be imported and exported.
type remote struct {
	Scheme    string
	Host      config.Template // the directory
	Anonymous bool
	Username  config.Template
	Password  config.Template
}

func (r *remote) fields(f *config.Fields) {
	f.String(&r.Scheme, "scheme", "FILE", "Where the files are: FILE is a directory of this computer; no other scheme is supported yet.")
	f.Kept("schemeProperties", "Settings of schemes that are not supported yet; without effect.")
	f.Template(&r.Host, "host", "", "The directory.")
	f.Bool(&r.Anonymous, "anonymous", true, "Log in without a name; without effect for directories of this computer.")
	f.Template(&r.Username, "username", "anonymous", "Name to log in with; without effect for directories of this computer.")
	f.Template(&r.Password, "password", "anonymous", "Password to log in with; without effect for directories of this computer.").IsSecret()
	f.Kept("timeout", "Milliseconds to wait for a remote system; without effect for directories of this computer.")
	f.Kept("secure", "Use https for WebDAV; without effect for directories of this computer.")
	f.Kept("passive", "Use passive mode for FTP; without effect for directories of this computer.")
	f.Kept("validateConnection", "Look whether an FTP connection is alive before it is used again; without effect for directories of this computer.")
}

func (r *remote) check() error {
	if r.Scheme == "FILE" {
		return nil
	}
	return &weir.Fault{At: "scheme", Err: fmt.Errorf("scheme %s is not supported yet", r.Scheme),
		Hint: "Use a directory of this computer, or disable this channel until the scheme is supported."}
}
