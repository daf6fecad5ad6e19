package access

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"time"
)

// Transport makes requests to what is granted. Connections are used again by
// later runs of the channel's scripts.
func (g *Grants) Transport() *http.Transport {
	g.once.Do(func() {
		g.transport = &http.Transport{
			DialContext:         g.Dial,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: dialTime,
			ForceAttemptHTTP2:   false, // as Java's clients of that age
			DisableCompression:  true,  // what is asked for is what the script gets
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     time.Minute,
			// MaxResponseHeaderBytes is 1 MiB unless set.
		}
	})
	return g.transport
}

// Redirect is for http.Client.CheckRedirect: it ends a chain that is too long.
func Redirect(_ *http.Request, via []*http.Request) error {
	if len(via) >= MaxRedirects {
		//lint:ignore ST1005 the JDK's words
		return fmt.Errorf("Server redirected too many  times (%d)", MaxRedirects)
	}
	return nil
}
