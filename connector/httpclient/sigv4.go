package httpclient

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// AWS is the settings with which requests are signed as the services of AWS ask for
// (Signature Version 4).
type AWS struct {
	Service      config.Template
	Region       config.Template
	AccessKey    config.Template
	SecretKey    config.Template
	SessionToken config.Template

	mu    sync.Mutex
	chain aws.CredentialsProvider // where AWS keeps credentials; nil until it is asked
	now   func() time.Time        // nil: the clock
}

// Fields lists the settings.
func (a *AWS) Fields(f *config.Fields) {
	f.Template(&a.Service, "awsSignature.service", "", "Sign requests for this service of AWS, such as execute-api, lambda or s3. Empty: do not sign.")
	f.Template(&a.Region, "awsSignature.region", "us-east-1", "Region of the service.")
	f.Template(&a.AccessKey, "awsSignature.accessKeyId", "", "Access key to sign with. Empty: the credentials are where AWS keeps them: environment, shared files, role of the container or instance.")
	f.Template(&a.SecretKey, "awsSignature.secretAccessKey", "", "Secret key of the access key.").IsSecret()
	f.Template(&a.SessionToken, "awsSignature.sessionToken", "", "Session token, of an access key that is temporary.").IsSecret()
}

// Wanted reports whether requests are signed.
func (a *AWS) Wanted() bool { return a.Service.Text != "" }

// Sign signs a request with a body of that SHA-256. Only what nobody on the way
// changes is signed: host, length, Content-Type and the headers of AWS.
func (a *AWS) Sign(ctx context.Context, r *http.Request, sum []byte, resolve func(config.Template) string) error {
	credentials, err := a.credentials(ctx, resolve)
	if err != nil {
		return &weir.Fault{At: "awsSignature.accessKeyId", Err: fmt.Errorf("credentials of AWS: %w", err),
			Hint: "Give an access key, or check the environment, the shared files and the role of AWS."}
	}
	service, hash := resolve(a.Service), hex.EncodeToString(sum)
	signed := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, ContentLength: r.ContentLength, Header: http.Header{}}
	for name, values := range r.Header {
		if canonical := http.CanonicalHeaderKey(name); canonical == "Content-Type" || strings.HasPrefix(canonical, "X-Amz-") {
			signed.Header[canonical] = values
		}
	}
	if service == "s3" {
		signed.Header.Set("X-Amz-Content-Sha256", hash)
	}
	now := time.Now
	if a.now != nil {
		now = a.now
	}
	err = v4.NewSigner().SignHTTP(ctx, credentials, signed, hash, service, resolve(a.Region), now(), func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = service == "s3"
	})
	if err != nil {
		return &weir.Fault{At: "awsSignature.service", Err: fmt.Errorf("the request cannot be signed: %w", err), Hint: "Check the settings of the signature."}
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"} {
		if values := signed.Header[name]; len(values) > 0 {
			r.Header[name] = values
		}
	}
	return nil
}

func (a *AWS) credentials(ctx context.Context, resolve func(config.Template) string) (aws.Credentials, error) {
	if key := resolve(a.AccessKey); key != "" {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: resolve(a.SecretKey), SessionToken: resolve(a.SessionToken)}, nil
	}
	a.mu.Lock()
	if a.chain == nil {
		cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(resolve(a.Region)))
		if err != nil {
			a.mu.Unlock()
			return aws.Credentials{}, err
		}
		a.chain = cfg.Credentials
	}
	chain := a.chain
	a.mu.Unlock()
	return chain.Retrieve(ctx)
}
