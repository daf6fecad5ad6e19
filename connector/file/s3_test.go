package file

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// s3Export is the settings of S3 as Mirth writes them.
const s3Export = `<schemeProperties class="com.mirth.connect.connectors.file.S3SchemeProperties">
  <useDefaultCredentialProviderChain>false</useDefaultCredentialProviderChain>
  <useTemporaryCredentials>false</useTemporaryCredentials>
  <duration>7200</duration>
  <region>eu-central-1</region>
  <customHeaders class="linked-hash-map">
    <entry><string>x-amz-server-side-encryption</string><list><string>aws:kms</string></list></entry>
    <entry><string>x-amz-meta-lab</string><list><string>north</string></list></entry>
  </customHeaders>
</schemeProperties>`

func TestS3Maps(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	store := gofakes3.New(backend).Server()
	var mu sync.Mutex
	var put, got http.Header
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if r.Method == http.MethodPut {
			put = r.Header.Clone()
			w.Header().Set("x-amz-server-side-encryption", "aws:kms")
			w.Header().Set("x-amz-version-id", "v1")
			w.Header().Set("x-amz-expiration", `expiry-date="Fri, 21 Dec 2029 00:00:00 GMT", rule-id="week"`)
		} else {
			got = r.Header.Clone()
		}
		mu.Unlock()
		store.ServeHTTP(w, r)
	}))
	defer s.Close()
	settings := func(more ...string) config.Group {
		return append(connectortest.Settings(append([]string{"scheme", "S3", "endpoint", s.URL, "anonymous", "false", "username", "weir", "password", password, "host", "bucket/in"}, more...)...),
			connectortest.Parse(t, s3Export).Group...)
	}
	w := new(Writer)
	connectortest.Open(t, w, settings("outputPattern", "out", "outputAppend", "false"))
	m := connectortest.Outbound(1, "template", "text")
	if _, err := w.Send(connectortest.Context(t), m); err != nil {
		t.Fatal(err)
	}
	const tag = "1cb251ec0d568de6a929b520c4aed8d1" // MD5 of text
	for key, want := range map[string]any{"s3ETag": tag, "s3SSEAlgorithm": "aws:kms", "s3VersionId": "v1",
		"s3ExpirationTime": time.Date(2029, 12, 21, 0, 0, 0, 0, time.UTC), "s3ExpirationTimeRuleId": "week"} {
		if m.ConnectorMap[key] != want {
			t.Errorf("connector map: %s = %v, want %v", key, m.ConnectorMap[key], want)
		}
	}
	if put.Get("x-amz-server-side-encryption") != "aws:kms" || put.Get("x-amz-meta-lab") != "north" {
		t.Errorf("headers of PUT %v", put)
	}

	e := &connectortest.Engine{}
	r := new(Reader)
	connectortest.Decode(t, r, settings("pollConnectorProperties.pollingType", "TIME", "checkFileAge", "false"))
	if err := r.Start(connectortest.Context(t), e.SourceEnv(t)); err != nil {
		t.Fatal(err)
	}
	connectortest.Stop(t, r)
	r.poll(connectortest.Context(t), func() bool { return true })
	for _, in := range e.UntilKept(t, 1) {
		for key, want := range map[string]any{"originalFilename": "out", "fileDirectory": "bucket/in", "s3BucketName": "bucket", "s3Key": "in/out", "s3ETag": tag} {
			if in.SourceMap[key] != want {
				t.Errorf("source map: %s = %v, want %v", key, in.SourceMap[key], want)
			}
		}
		metadata, _ := in.SourceMap["s3Metadata"].(*weir.MultiMap)
		if metadata == nil {
			t.Fatal("source map without s3Metadata")
		}
		if lab, _ := metadata.Get("X-Amz-Meta-Lab"); lab != "north" {
			t.Errorf("metadata: lab %q", lab)
		}
	}
	if got.Get("x-amz-server-side-encryption") != "" {
		t.Errorf("headers for writing are sent for reading: %v", got)
	}
}

func TestS3Credentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDFROMENV")
	t.Setenv("AWS_SECRET_ACCESS_KEY", password)
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	t.Setenv("AWS_CA_BUNDLE", "")
	for _, c := range []struct {
		name      string
		anonymous bool
		chain     bool
		want      string
	}{{"given", false, false, "AKIDGIVEN"}, {"chain", false, true, "AKIDFROMENV"}, {"anonymous", true, true, ""}} {
		t.Run(c.name, func(t *testing.T) {
			s := s3Settings{DefaultChain: c.chain, Region: config.Template{Text: "us-east-1"}}
			cfg, err := s.load(connectortest.Context(t), login{user: "AKIDGIVEN", password: password}, c.anonymous, http.DefaultClient)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if !c.anonymous {
				credentials, err := cfg.Credentials.Retrieve(connectortest.Context(t))
				if err != nil {
					t.Fatal(err)
				}
				got = credentials.AccessKeyID
			}
			if got != c.want {
				t.Errorf("access key %q, want %q", got, c.want)
			}
		})
	}
}

// Every place where AWS keeps credentials: what is found there signs the requests,
// with its session token. Metadata services are asked without a proxy.
func TestS3CredentialPlaces(t *testing.T) {
	const token = "token-" + connectortest.Secret
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
		io.WriteString(w, "session")
	})
	role := `{"Code":"Success","AccessKeyId":"AKID%s","SecretAccessKey":"` + password + `","Token":"` + token + `","Expiration":"` + expires + `"}`
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role...}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "session":
			w.WriteHeader(http.StatusUnauthorized)
		case r.PathValue("role") == "":
			io.WriteString(w, "weir-role")
		default:
			fmt.Fprintf(w, role, "INSTANCE")
		}
	})
	mux.HandleFunc("GET /container", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "pod" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, role, "CONTAINER")
	})
	mux.HandleFunc("POST /sts", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "GetSessionToken" || r.FormValue("DurationSeconds") != "900" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials>`+
			`<AccessKeyId>AKIDTEMPORARY</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration>`+
			`</Credentials></GetSessionTokenResult></GetSessionTokenResponse>`, password, token, expires)
	})
	metadata := httptest.NewServer(mux)
	defer metadata.Close()
	shared := filepath.Join(t.TempDir(), "credentials")
	err := os.WriteFile(shared, []byte("[default]\naws_access_key_id = AKIDSHARED\naws_secret_access_key = "+password+"\naws_session_token = "+token+"\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	chain := []string{"schemeProperties.useDefaultCredentialProviderChain", "true"}
	given := []string{"schemeProperties.useDefaultCredentialProviderChain", "false", "username", "AKIDGIVEN", "password", password}
	for _, c := range []struct {
		name     string
		env      map[string]string
		settings []string
		want     string
	}{
		{"given", nil, append(given, "weir.sessionToken", token), "AKIDGIVEN"},
		{"environment", map[string]string{"AWS_ACCESS_KEY_ID": "AKIDENVIRONMENT", "AWS_SECRET_ACCESS_KEY": password, "AWS_SESSION_TOKEN": token}, chain, "AKIDENVIRONMENT"},
		{"shared file", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": shared}, chain, "AKIDSHARED"},
		{"instance", map[string]string{"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL}, chain, "AKIDINSTANCE"},
		{"container", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": metadata.URL + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pod"}, chain, "AKIDCONTAINER"},
		{"exchanged", map[string]string{"AWS_ENDPOINT_URL_STS": metadata.URL + "/sts"},
			append(given, "schemeProperties.useTemporaryCredentials", "true", "schemeProperties.duration", "1"), "AKIDTEMPORARY"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
				"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"} {
				t.Setenv(name, "")
			}
			t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			t.Setenv("AWS_CONFIG_FILE", empty)
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", empty)
			for name, text := range c.env {
				t.Setenv(name, text)
			}
			signed, proxied := s3Signed(t)
			settings := append([]string{"scheme", "S3", "anonymous", "false", "host", "bucket/in", "outputAppend", "false", "outputPattern", "x",
				"endpoint", "http://store.example", "weir.proxy", proxied}, c.settings...)
			w := new(Writer)
			connectortest.Open(t, w, connectortest.Settings(settings...))
			if _, err := w.Send(connectortest.Context(t), connectortest.Outbound(1, "template", "text")); err != nil {
				t.Fatal(err)
			}
			got := <-signed
			if !strings.Contains(got.Get("Authorization"), "Credential="+c.want+"/") || got.Get("X-Amz-Security-Token") != token {
				t.Errorf("signed with %q, token %q, want %s", got.Get("Authorization"), got.Get("X-Amz-Security-Token"), c.want)
			}
		})
	}
}

// s3Signed is a store behind a proxy, and the headers of what is written to it.
func s3Signed(t *testing.T) (signed chan http.Header, proxy string) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	store := gofakes3.New(backend).Server()
	signed = make(chan http.Header, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "store.example" {
			t.Errorf("the proxy is asked for %s", r.Host)
		}
		if r.Method == http.MethodPut {
			signed <- r.Header.Clone()
		}
		store.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return signed, s.URL
}

func TestS3ProxyRefused(t *testing.T) {
	for _, proxy := range []string{"proxy:3128", "ftp://proxy", "http://name:password@proxy:3128", "http://"} {
		_, err := config.Decode(connectortest.Settings("weir.proxy", proxy), new(Writer))
		if err == nil || !strings.Contains(err.Error(), "write it as http://host:port") {
			t.Errorf("%q: %v", proxy, err)
		}
	}
}
