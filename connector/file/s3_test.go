package file

import (
	"net/http"
	"net/http/httptest"
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
			s := s3Settings{DefaultChain: c.chain, Region: "us-east-1"}
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
