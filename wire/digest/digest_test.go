package digest

import "testing"

// The example of RFC 2617 §3.5 and those of RFC 7616 §3.9.1.
func TestDigest(t *testing.T) {
	for _, c := range []struct {
		algorithm, user, password, realm, nonce, cnonce, uri, want string
	}{
		{"MD5", "Mufasa", "Circle Of Life", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b", "/dir/index.html",
			"6629fae49393a05397450978507c4ef1"},
		{"MD5", "Mufasa", "Circle of Life", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "/dir/index.html", "8ca523f5e9506fed4657c9700eebdbec"},
		{"SHA-256", "Mufasa", "Circle of Life", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "/dir/index.html", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	} {
		newHash, _ := Algorithm(c.algorithm)
		d := Digest{NewHash: newHash, Realm: c.realm, Nonce: c.nonce, QOP: "auth", Count: "00000001", ClientNonce: c.cnonce, Method: "GET", URI: c.uri}
		if got := d.Response(d.Secret([]byte(c.user), []byte(c.password))); got != c.want {
			t.Errorf("%s of %s = %s, want %s", c.algorithm, c.realm, got, c.want)
		}
	}
}
