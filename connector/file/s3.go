package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// s3Settings are the settings of S3, in Mirth's names; endpoint is Weir's.
type s3Settings struct {
	DefaultChain bool
	Temporary    bool
	Duration     int // seconds
	Region       config.Template
	Headers      config.TemplateMap
	Endpoint     string
	SessionToken config.Template
	Proxy        string
}

func (s *s3Settings) fields(f *config.Fields) {
	const group = "schemeProperties."
	f.Bool(&s.DefaultChain, group+"useDefaultCredentialProviderChain", true,
		"For S3, find the credentials where AWS keeps them: environment, shared files, role of the container or instance. Off: use username and password as access key and secret key.")
	f.Bool(&s.Temporary, group+"useTemporaryCredentials", false, "For S3, exchange the credentials for temporary ones.")
	f.Int(&s.Duration, group+"duration", 7200, "For S3, seconds that temporary credentials are valid: 900 to 129600; what is outside is moved to the nearer end.")
	f.Template(&s.Region, group+"region", "us-east-1", "For S3, the region of the bucket.")
	f.TemplateMap(&s.Headers, group+"customHeaders",
		"For S3, headers to send when files are written, such as x-amz-server-side-encryption; each has a list of values.").IsSecret()
	f.String(&s.Endpoint, "endpoint", "", "For S3, address of a store that is not Amazon's, such as https://store.example:9000; buckets are then part of the path.")
	f.Template(&s.SessionToken, "weir.sessionToken", "", "For S3, session token that belongs to the access key and secret key, where they are temporary.").IsSecret()
	f.String(&s.Proxy, "weir.proxy", "", "For S3, proxy to connect through, such as http://proxy.example:3128. Empty means what the environment says (HTTPS_PROXY, NO_PROXY).").
		Check(func() error {
			if _, err := proxyOf(s.Proxy); err != nil {
				return errors.New("this is no address of a proxy; write it as http://host:port, without name and password")
			}
			return nil
		})
}

// proxyOf reads the address of a proxy; empty is nil.
func proxyOf(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, errors.New("no address of a proxy")
	}
	return u, nil
}

// proxied returns the proxy for a request. What a computer asks about itself, such
// as for the credentials of its role, goes through none: nobody else could answer.
func (s *s3Settings) proxied(r *http.Request) (*url.URL, error) {
	if ip, err := netip.ParseAddr(r.URL.Hostname()); err == nil && (ip.IsLinkLocalUnicast() || ip.IsLoopback() || ip.IsPrivate() && ip.Is6()) {
		return nil, nil
	}
	if s.Proxy == "" {
		return http.ProxyFromEnvironment(r)
	}
	return proxyOf(s.Proxy)
}

// s3Login is what of the settings may have variables, which are replaced here.
type s3Login struct {
	token, region string
	headers       string // a line for each header: its name, a blank, its value
}

func (s *s3Settings) login(resolve func(config.Template) string) s3Login {
	l := s3Login{token: resolve(s.SessionToken), region: resolve(s.Region)}
	for _, e := range s.Headers {
		for _, v := range e.Values {
			l.headers += httpLine(resolve(e.Name)) + " " + httpLine(resolve(v)) + "\n"
		}
	}
	return l
}

// httpLine keeps a value in its line.
func httpLine(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", " ", "\n", " ").Replace(text))
}

// s3System is S3, with the bucket as the first part of each path.
type s3System struct {
	client  *s3.Client
	line    *line
	writing []func(*s3.Options) // adds the headers of whole objects, and keyed those of parts
	keyed   []func(*s3.Options)
	maxCopy int64 // bytes that are copied at once
}

func (r *remote) openS3(at login, line *line) (system, error) {
	s := &s3System{line: line, maxCopy: s3MaxCopy}
	address := "s3." + at.s3.region + ".amazonaws.com"
	if r.s3.Endpoint != "" {
		u, err := url.Parse(r.s3.Endpoint)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil, &weir.Fault{At: "endpoint", Err: errors.New("this is no address of a store"), Hint: "Write it as https://host or https://host:port, without name and password."}
		}
		address = u.Hostname()
	}
	secure, err := r.TLS.Config("")
	if err != nil {
		return nil, err
	}
	// The SDK's own kind of client, to which it adds what AWS_CA_BUNDLE names.
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.DialContext = line.dial
		t.Proxy = r.s3.proxied
		t.MaxResponseHeaderBytes = 1 << 20
		if secure != nil {
			t.TLSClientConfig = secure // without a name: that of the address
		}
	})
	cfg, err := r.s3.load(line.ctx, at, r.Anonymous, client)
	if err != nil {
		return nil, &weir.Fault{At: "schemeProperties.useDefaultCredentialProviderChain", Err: fmt.Errorf("credentials for %s: %w", address, err),
			Hint: "Check the environment and the shared files of AWS, or give an access key."}
	}
	s.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		// Whoever asks tries again later; here only for a connection that was closed.
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 2, 200*time.Millisecond })
		if r.s3.Endpoint != "" {
			o.BaseEndpoint = aws.String(r.s3.Endpoint)
			o.UsePathStyle = true
			// Other stores do not know the checksums of the newer SDKs.
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
	})
	for line := range strings.Lines(at.s3.headers) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		option := s3.WithAPIOptions(smithyhttp.AddHeaderValue(name, value))
		s.writing = append(s.writing, option)
		if strings.HasPrefix(strings.ToLower(name), "x-amz-server-side-encryption-customer-") {
			s.keyed = append(s.keyed, option)
		}
	}
	return s, nil
}

func (s *s3Settings) load(ctx context.Context, at login, anonymous bool, client awsconfig.HTTPClient) (cfg aws.Config, err error) {
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(at.s3.region), awsconfig.WithHTTPClient(client)}
	switch {
	case anonymous:
		options = append(options, awsconfig.WithCredentialsProvider(aws.AnonymousCredentials{}))
	case !s.DefaultChain:
		options = append(options, awsconfig.WithCredentialsProvider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: at.user, SecretAccessKey: at.password, SessionToken: at.s3.token}, nil
		})))
	}
	if cfg, err = awsconfig.LoadDefaultConfig(ctx, options...); err != nil || !s.Temporary || anonymous {
		return cfg, err
	}
	exchange := sts.NewFromConfig(cfg)
	seconds := int32(min(max(s.Duration, 900), 129600))
	cfg.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		out, err := exchange.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: &seconds})
		if err != nil {
			return aws.Credentials{}, err
		}
		c := out.Credentials
		return aws.Credentials{AccessKeyID: aws.ToString(c.AccessKeyId), SecretAccessKey: aws.ToString(c.SecretAccessKey),
			SessionToken: aws.ToString(c.SessionToken), CanExpire: true, Expires: aws.ToTime(c.Expiration)}, nil
	}))
	return cfg, nil
}

// split takes a path apart into bucket and key.
func split(p string) (bucket, key *string) {
	b, k, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return &b, &k
}

func (s *s3System) identity(dir string) string { return dir }

func (s *s3System) list(dir string) (entries []entry, err error) {
	bucket, prefix := split(dir)
	if *prefix != "" {
		*prefix += "/"
	}
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: prefix, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.line.ctx)
		if err != nil {
			return nil, s3Error(err)
		}
		for _, p := range page.CommonPrefixes {
			if name := strings.TrimSuffix(strings.TrimPrefix(aws.ToString(p.Prefix), *prefix), "/"); plain(name) {
				entries = append(entries, entry{name: name, dir: true})
			}
		}
		for _, o := range page.Contents {
			name := strings.TrimPrefix(aws.ToString(o.Key), *prefix)
			if !plain(name) {
				continue // the folder itself
			}
			e := entry{name: name, version: version{aws.ToTime(o.LastModified), aws.ToInt64(o.Size), aws.ToString(o.ETag)},
				more: map[string]any{"s3BucketName": *bucket, "s3Key": aws.ToString(o.Key)}}
			if o.ETag != nil {
				e.more["s3ETag"] = strings.Trim(*o.ETag, `"`)
			}
			if o.Owner != nil {
				e.more["s3Owner"] = aws.ToString(o.Owner.DisplayName)
			}
			if o.StorageClass != "" {
				e.more["s3StorageClass"] = string(o.StorageClass)
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func (s *s3System) stat(p string, old version) (version, error) {
	bucket, key := split(p)
	out, err := s.client.HeadObject(s.line.ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return version{}, s3Error(err)
	}
	changed := aws.ToTime(out.LastModified) // to the second, in lists maybe finer
	if changed.Equal(old.changed.Truncate(time.Second)) {
		changed = old.changed
	}
	return version{changed, aws.ToInt64(out.ContentLength), aws.ToString(out.ETag)}, nil
}

func (s *s3System) open(p string, more map[string]any) (io.ReadCloser, error) {
	bucket, key := split(p)
	out, err := s.client.GetObject(s.line.ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return nil, s3Error(err)
	}
	if more != nil {
		more["s3Metadata"] = s3Metadata(out)
	}
	return out.Body, nil
}

// s3Metadata returns what the store tells of an object under the names of the
// headers that tell it.
func s3Metadata(out *s3.GetObjectOutput) *weir.MultiMap {
	m := weir.NewMultiMap(weir.Headers)
	put := func(name string, value *string) {
		if value != nil && *value != "" {
			m.Add(name, *value)
		}
	}
	put("Accept-Ranges", out.AcceptRanges)
	put("Cache-Control", out.CacheControl)
	put("Content-Disposition", out.ContentDisposition)
	put("Content-Encoding", out.ContentEncoding)
	put("Content-Language", out.ContentLanguage)
	if out.ContentLength != nil {
		m.Add("Content-Length", strconv.FormatInt(*out.ContentLength, 10))
	}
	put("Content-Type", out.ContentType)
	if out.ETag != nil {
		m.Add("ETag", strings.Trim(*out.ETag, `"`))
	}
	if out.LastModified != nil {
		m.Add("Last-Modified", out.LastModified.UTC().Format(http.TimeFormat))
	}
	if out.ServerSideEncryption != "" {
		m.Add("x-amz-server-side-encryption", string(out.ServerSideEncryption))
	}
	put("x-amz-version-id", out.VersionId)
	for name, value := range out.Metadata {
		m.Add("x-amz-meta-"+name, value)
	}
	return m
}

func (s *s3System) put(p string, c content, exclusive bool, more map[string]any) error {
	if large, ok := c.(*streamed); ok {
		return s.putParts(p, large, exclusive, more)
	}
	bucket, key := split(p)
	in := &s3.PutObjectInput{Bucket: bucket, Key: key, Body: c}
	if exclusive {
		in.IfNoneMatch = aws.String("*")
	}
	out, err := s.client.PutObject(s.line.ctx, in, s.writing...)
	if err != nil {
		return s3Error(err)
	}
	tellS3(more, map[string]*string{"s3ETag": out.ETag, "s3SSECustomerAlgorithm": out.SSECustomerAlgorithm, "s3SSECustomerKeyMd5": out.SSECustomerKeyMD5,
		"s3VersionId": out.VersionId, "s3SSEAlgorithm": aws.String(string(out.ServerSideEncryption))}, out.Expiration)
	return nil
}

// tellS3 tells scripts what the store said of an object, under Mirth's names.
func tellS3(more map[string]any, said map[string]*string, expires *string) {
	if more == nil {
		return
	}
	for name, value := range said {
		if text := aws.ToString(value); text != "" {
			more[name] = strings.Trim(text, `"`)
		}
	}
	if at, rule, ok := expiration(aws.ToString(expires)); ok {
		more["s3ExpirationTime"], more["s3ExpirationTimeRuleId"] = at, rule
	}
}

// expiration reads expiry-date="Fri, 23 Dec 2012 00:00:00 GMT", rule-id="1".
func expiration(text string) (at time.Time, rule string, ok bool) {
	quoted := strings.Split(text, `"`)
	if len(quoted) < 4 {
		return at, "", false
	}
	at, err := http.ParseTime(quoted[1])
	return at, quoted[3], err == nil
}

func (s *s3System) add(string, content) error { return errors.New("S3 cannot append") }

// rename copies and then deletes; S3 has no other way.
func (s *s3System) rename(from, to string) error {
	if err := s.copy(from, to); err != nil {
		return s3Error(err)
	}
	return s.remove(from)
}

func (s *s3System) remove(p string) error {
	bucket, key := split(p)
	_, err := s.client.DeleteObject(s.line.ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	return s3Error(err)
}

func (s *s3System) mkdirs(string) error { return nil } // there are none

// alive tells the errors of requests that were answered: the connections are
// renewed by themselves.
func (s *s3System) alive(err error) bool {
	var answered *awshttp.ResponseError
	return err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) ||
		errors.As(err, &answered) && answered.HTTPStatusCode() >= 400 && answered.HTTPStatusCode() < 500
}

func (s *s3System) close() error { return nil } // the line is cut

// s3Error leaves out what is of use to the SDK only.
func s3Error(err error) error {
	if err == nil {
		return nil
	}
	var answered *awshttp.ResponseError
	var code smithy.APIError
	if !errors.As(err, &answered) || !errors.As(err, &code) {
		var request *url.Error
		if errors.As(err, &request) {
			return request.Err
		}
		return err
	}
	switch {
	case code.ErrorCode() == "NoSuchKey", code.ErrorCode() == "NotFound":
		return fs.ErrNotExist
	case answered.HTTPStatusCode() == http.StatusPreconditionFailed:
		return fs.ErrExist
	}
	return s3Answer{answered, fmt.Sprintf("S3 answers %d %s %s (request %s)",
		answered.HTTPStatusCode(), code.ErrorCode(), code.ErrorMessage(), answered.ServiceRequestID())}
}

// s3Answer is an error with shorter words.
type s3Answer struct {
	*awshttp.ResponseError
	words string
}

func (a s3Answer) Error() string { return a.words }
func (a s3Answer) Unwrap() error { return a.ResponseError }
