package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// S3 is a place in a bucket of S3, or of a store that speaks its protocol. Large contents
// go there in parts of which one is in memory. Each request carries a SHA-256 of what it
// brings, and none replaces an object.
type S3 struct {
	client         *s3.Client
	bucket, prefix string
	kmsKey         string
}

// S3Options say where the bucket is and who asks.
type S3Options struct {
	// URL is s3://bucket/prefix, with these parameters:
	//
	//	region    of the bucket; absent means what the environment says
	//	endpoint  address of a store that is not Amazon's; the bucket is part of the path then
	//	kmsKey    ARN of the key of KMS that S3 encrypts with, under a bucket key; absent
	//	          means as the bucket says
	URL string
	// AccessKey and SecretKey are the credentials; empty ones are found where AWS keeps
	// them: environment, shared files, role of the container or instance.
	AccessKey, SecretKey string
	// HTTP makes requests; nil means the SDK's own client.
	HTTP awsconfig.HTTPClient
}

const (
	// partSize is how much goes to S3 in one request. S3 takes maxParts of them: where a
	// content has more, parts grow.
	partSize = 8 << 20
	maxParts = 10_000
	growAt   = 1000 // parts of one size

	s3Attempts = 6 // of one request; the first waits are short, the last 10 seconds
	s3Wait     = 10 * time.Second
)

// OpenS3 opens a bucket. It does not ask whether it is there: an engine starts without it.
func OpenS3(ctx context.Context, o S3Options) (*S3, error) {
	bad := func(err error) error {
		return &weir.Fault{At: "attachments-s3", Err: err, Hint: "Write it as s3://bucket/prefix?region=eu-central-1&kmsKey=arn:…, or with endpoint=https://host:port for other stores."}
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return nil, bad(errors.New("this names no bucket"))
	}
	q := u.Query()
	for name := range q {
		if name != "region" && name != "endpoint" && name != "kmsKey" {
			return nil, bad(fmt.Errorf("there is no parameter %q", name))
		}
	}
	endpoint := q.Get("endpoint")
	if e, err := url.Parse(endpoint); endpoint != "" && (err != nil || e.Host == "" || e.User != nil || e.Scheme != "https" && e.Scheme != "http") {
		return nil, bad(errors.New("the endpoint is no address"))
	}
	p := &S3{bucket: u.Host, prefix: strings.Trim(u.Path, "/"), kmsKey: q.Get("kmsKey")}
	if p.prefix != "" {
		p.prefix += "/"
	}
	if o.HTTP == nil {
		o.HTTP = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxResponseHeaderBytes = 1 << 20 })
	}
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithHTTPClient(o.HTTP)}
	if region := q.Get("region"); region != "" {
		options = append(options, awsconfig.WithRegion(region))
	} else if endpoint != "" {
		options = append(options, awsconfig.WithDefaultRegion("us-east-1"))
	}
	if o.AccessKey != "" {
		options = append(options, awsconfig.WithCredentialsProvider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: o.AccessKey, SecretAccessKey: o.SecretKey}, nil
		})))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, bad(err)
	}
	p.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = s3Attempts, s3Wait })
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
			o.UsePathStyle = true
		}
		// Checksums are given with each request; others than ours many stores do not know.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	return p, nil
}

func (p *S3) key(key string) *string { return aws.String(p.prefix + key) }

// encryption is what writes say of the key.
func (p *S3) encryption() (types.ServerSideEncryption, *string, *bool) {
	if p.kmsKey == "" {
		return "", nil, nil
	}
	return types.ServerSideEncryptionAwsKms, &p.kmsKey, aws.Bool(true)
}

// Put implements [Place].
func (p *S3) Put(ctx context.Context, key string, content io.Reader) (size int64, digest []byte, err error) {
	sum := sha256.New()
	part := make([]byte, partSize)
	n, err := store.ReadFull(content, part)
	if err != nil && err != io.EOF {
		return 0, nil, err
	}
	sum.Write(part[:n])
	if err == io.EOF {
		err := p.putWhole(ctx, key, part[:n])
		return int64(n), sum.Sum(nil), p.explain(err)
	}
	up := &upload{p: p, key: p.key(key)}
	if err := up.begin(ctx); err != nil {
		return 0, nil, p.explain(err)
	}
	for size = int64(n); n > 0; size += int64(n) {
		if putErr := up.put(ctx, part[:n]); putErr != nil {
			up.abort(ctx)
			return 0, nil, p.explain(putErr)
		}
		if err == io.EOF {
			n = 0
			break
		}
		if len(up.parts)%growAt == 0 {
			part = make([]byte, 2*len(part))
		}
		n, err = store.ReadFull(content, part)
		if err != nil && err != io.EOF {
			up.abort(ctx)
			return 0, nil, err
		}
		sum.Write(part[:n])
	}
	if err := up.complete(ctx, size); err != nil {
		up.abort(ctx)
		return 0, nil, p.explain(err)
	}
	return size, sum.Sum(nil), nil
}

func checksum(b []byte) *string {
	sum := sha256.Sum256(b)
	return aws.String(base64.StdEncoding.EncodeToString(sum[:]))
}

func (p *S3) putWhole(ctx context.Context, key string, content []byte) error {
	in := &s3.PutObjectInput{Bucket: &p.bucket, Key: p.key(key), Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content))),
		ChecksumSHA256: checksum(content), IfNoneMatch: aws.String("*")}
	in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = p.encryption()
	_, err := p.client.PutObject(ctx, in)
	return p.settled(ctx, in.Key, int64(len(content)), err)
}

// settled judges an error of the last request of a content. Keys are used once, so where
// there is an object already, an earlier attempt made it whose answer was lost.
func (p *S3) settled(ctx context.Context, key *string, size int64, err error) error {
	if err == nil || status(err) != http.StatusPreconditionFailed && status(err) != http.StatusNotFound {
		return err
	}
	head, headErr := p.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.bucket, Key: key})
	if headErr != nil || aws.ToInt64(head.ContentLength) != size {
		return err
	}
	return nil
}

func status(err error) int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// upload is a content that is put in parts.
type upload struct {
	p     *S3
	key   *string
	id    *string
	parts []types.CompletedPart
}

func (u *upload) begin(ctx context.Context) error {
	in := &s3.CreateMultipartUploadInput{Bucket: &u.p.bucket, Key: u.key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256}
	in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = u.p.encryption()
	out, err := u.p.client.CreateMultipartUpload(ctx, in)
	if err == nil {
		u.id = out.UploadId
	}
	return err
}

func (u *upload) put(ctx context.Context, part []byte) error {
	if len(u.parts) == maxParts {
		return store.ErrBlobSize()
	}
	number := aws.Int32(int32(len(u.parts) + 1))
	sum := checksum(part)
	out, err := u.p.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: &u.p.bucket, Key: u.key, UploadId: u.id, PartNumber: number,
		Body: bytes.NewReader(part), ContentLength: aws.Int64(int64(len(part))), ChecksumSHA256: sum})
	if err != nil {
		return err
	}
	u.parts = append(u.parts, types.CompletedPart{ETag: out.ETag, PartNumber: number, ChecksumSHA256: sum})
	return nil
}

func (u *upload) complete(ctx context.Context, size int64) error {
	_, err := u.p.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &u.p.bucket, Key: u.key, UploadId: u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts}, IfNoneMatch: aws.String("*")})
	return u.p.settled(ctx, u.key, size, err)
}

// abort gives the parts up. What it cannot is found by Remove.
func (u *upload) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s3Wait)
	defer cancel()
	u.p.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &u.p.bucket, Key: u.key, UploadId: u.id})
}

// Open implements [Place].
func (p *S3) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r := &object{p: p, ctx: ctx, key: p.key(key)}
	if err := r.open(); err != nil {
		return nil, p.explain(err)
	}
	return r, nil
}

// object reads an object. When its connection breaks it goes on where it stood.
type object struct {
	p    *S3
	ctx  context.Context
	key  *string
	etag *string
	body io.ReadCloser
	at   int64
	err  error // that it could not go on with
}

func (r *object) open() error {
	in := &s3.GetObjectInput{Bucket: &r.p.bucket, Key: r.key, IfMatch: r.etag}
	if r.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", r.at))
	}
	out, err := r.p.client.GetObject(r.ctx, in)
	if err == nil {
		r.body, r.etag = out.Body, out.ETag
	}
	return err
}

func (r *object) Read(p []byte) (n int, err error) {
	for attempt := 1; r.err == nil; attempt++ {
		n, err = r.body.Read(p)
		r.at += int64(n)
		if n > 0 && err != io.EOF {
			return n, nil // what broke is met again by the next call
		}
		if err == nil || err == io.EOF || r.ctx.Err() != nil || attempt == s3Attempts {
			return n, err
		}
		r.body.Close()
		if openErr := r.open(); openErr != nil { // with attempts and waits of its own
			r.err = r.p.explain(errors.Join(err, openErr))
		}
	}
	return 0, r.err
}

func (r *object) Close() error { return r.body.Close() }

// Remove implements [Place].
func (p *S3) Remove(ctx context.Context, key string) error {
	if err := p.abortAll(ctx, p.key(key)); err != nil {
		return p.explain(err)
	}
	_, err := p.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: p.key(key)})
	if absent(err) {
		return nil
	}
	return p.explain(err)
}

// absent reports that what is asked for is not there, though its bucket is.
func absent(err error) bool {
	return status(err) == http.StatusNotFound && code(err) != "NoSuchBucket"
}

// code is what the store calls an error.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// abortAll gives up what an engine that died was putting under a key.
func (p *S3) abortAll(ctx context.Context, key *string) error {
	pages := s3.NewListMultipartUploadsPaginator(p.client, &s3.ListMultipartUploadsInput{Bucket: &p.bucket, Prefix: key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if absent(err) || status(err) == http.StatusNotImplemented {
			return nil // some stores answer so where there are none
		}
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			if aws.ToString(u.Key) != *key {
				continue
			}
			_, err := p.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &p.bucket, Key: key, UploadId: u.UploadId})
			if err != nil && !absent(err) {
				return err
			}
		}
	}
	return nil
}

// explain says what to do about an error.
func (p *S3) explain(err error) error {
	if err == nil {
		return nil
	}
	hint := "Check that the store can be reached; the content is kept or read when it is tried again."
	switch code(err) {
	case "NoSuchBucket":
		hint = "Make the bucket, or name another one in --attachments-s3."
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
		hint = "Check the credentials, and that they may GetObject, PutObject, DeleteObject, AbortMultipartUpload and ListBucketMultipartUploads in the bucket, and use its key."
	case "NoSuchKey":
		hint = "Restore the object from a version or a copy."
	}
	return weir.WithHint(fmt.Errorf("bucket %s: %w", p.bucket, err), "", hint)
}
