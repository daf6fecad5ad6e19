// Package httpclient is what the connectors that send over HTTP have in common:
// connections that are kept open, TLS whose files may change, the limits of a request
// in time and of a response in size, and what to tell a person when one fails.
//
//	s.client = http.Client{Transport: &s.transports, CheckRedirect: httpclient.Followed}
//	…
//	watch := httpclient.NewWatch(ctx, quiet, total)
//	defer watch.Stop()
//	answer, err := s.client.Do(request.WithContext(watch.Request(proxy)))
//	if err != nil {
//		return httpclient.Fault("host", remote, watch.Cause(err))
//	}
//	body, err := watch.ReadBody(answer, limit)
package httpclient
