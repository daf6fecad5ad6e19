package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/weir-health/weir"
)

// bucket is a place in S3. Credentials are found where AWS keeps them: environment,
// shared files, role of the container or instance.
type bucket struct {
	client       *s3.Client
	name, prefix string
	kms          string
}

func openBucket(ctx context.Context, where string) (Place, error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, &weir.Fault{Err: errors.New("the archive has no bucket"), Hint: "Write it as s3://bucket/prefix, with ?region=…, &endpoint=… and &kms=… as needed."}
	}
	q := u.Query()
	for name := range q {
		if name != "region" && name != "endpoint" && name != "kms" {
			return nil, &weir.Fault{Err: fmt.Errorf("the address of the archive has no parameter %q", name), Hint: "There are region, endpoint and kms."}
		}
	}
	var options []func(*awsconfig.LoadOptions) error
	if region := q.Get("region"); region != "" {
		options = append(options, awsconfig.WithRegion(region))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, &weir.Fault{Err: fmt.Errorf("the archive: %w", err), Hint: "Check the environment and the shared files of AWS."}
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if endpoint := q.Get("endpoint"); endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = aws.String(endpoint), true
		}
	})
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{client: client, name: u.Host, prefix: prefix, kms: q.Get("kms")}, nil
}

// Put sends the file with its SHA-256, which the store checks before it keeps it.
func (b *bucket) Put(ctx context.Context, name string, content io.ReadSeeker, replace bool) error {
	in := &s3.PutObjectInput{Bucket: &b.name, Key: aws.String(b.prefix + name), Body: content, ChecksumAlgorithm: types.ChecksumAlgorithmSha256}
	if !replace {
		in.IfNoneMatch = aws.String("*")
	}
	if b.kms != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = types.ServerSideEncryptionAwsKms, &b.kms, aws.Bool(true)
	}
	_, err := b.client.PutObject(ctx, in)
	if bad := smithy.APIError(nil); errors.As(err, &bad) && bad.ErrorCode() == "PreconditionFailed" {
		return fs.ErrExist
	}
	return err
}

func (b *bucket) List(ctx context.Context, folder string) (names []string, err error) {
	at := b.prefix
	if folder = strings.Trim(folder, "/"); folder != "" && folder != "." {
		at += folder + "/"
	}
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &at, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.CommonPrefixes {
			names = append(names, strings.TrimPrefix(aws.ToString(p.Prefix), at))
		}
		for _, o := range page.Contents {
			names = append(names, strings.TrimPrefix(aws.ToString(o.Key), at))
		}
	}
	return names, nil
}

func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(b.prefix + name)})
	if err != nil {
		return nil, err
	}
	return out.Body, nil
}
