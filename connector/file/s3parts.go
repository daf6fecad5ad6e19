package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// What S3 allows: at most so many parts, and so many bytes to copy at once.
const (
	s3MaxParts = 10_000
	s3MaxCopy  = 5 << 30
)

// s3Part is the size of the parts in which an object is written, as far as it has no
// more than s3MaxParts of them. One part is in memory.
const s3Part = 8 << 20

// abortLimit is how long the store is asked to forget the parts of an object that
// will not be complete.
const abortLimit = 10 * time.Second

// partSize is the size of the parts for an object of a size.
func partSize(size int64) int64 {
	return max(s3Part, (size+s3MaxParts-1)/s3MaxParts)
}

// putParts writes an object from a stream. It is there when it is complete, and not
// before.
func (s *s3System) putParts(p string, c *streamed, exclusive bool, more map[string]any) error {
	size := c.Size()
	if size < 0 {
		size = s3Part * s3MaxParts
	}
	part := make([]byte, partSize(size))
	n, err := io.ReadFull(c, part)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF: // it is no larger than a part
		return s.put(p, bytes.NewReader(part[:n]), exclusive, more)
	case err != nil:
		return err
	}
	u, err := s.begin(p, new(s3.HeadObjectOutput))
	if err != nil {
		return s3Error(err)
	}
	for err == nil {
		if err = u.upload(part[:n]); err != nil {
			break
		}
		if n, err = io.ReadFull(c, part); err == io.EOF || err == io.ErrUnexpectedEOF {
			if n > 0 {
				err = u.upload(part[:n])
			} else {
				err = nil
			}
			break
		}
	}
	if err == nil {
		err = u.complete(exclusive, more)
	}
	if err != nil {
		u.abort()
	}
	return s3Error(err)
}

// upload is an object on its way to the store.
type upload struct {
	s           *s3System
	bucket, key *string
	id          *string
	said        map[string]*string // about its encryption
	parts       []types.CompletedPart
}

// begin begins an object with the properties of another one.
func (s *s3System) begin(p string, like *s3.HeadObjectOutput) (*upload, error) {
	bucket, key := split(p)
	out, err := s.client.CreateMultipartUpload(s.line.ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, Metadata: like.Metadata, ContentType: like.ContentType,
		ContentEncoding: like.ContentEncoding, ContentDisposition: like.ContentDisposition, ContentLanguage: like.ContentLanguage, CacheControl: like.CacheControl}, s.writing...)
	if err != nil {
		return nil, err
	}
	return &upload{s: s, bucket: bucket, key: key, id: out.UploadId, said: map[string]*string{
		"s3SSECustomerAlgorithm": out.SSECustomerAlgorithm, "s3SSECustomerKeyMd5": out.SSECustomerKeyMD5,
	}}, nil
}

// next is the number of the next part.
func (u *upload) next() *int32 { return aws.Int32(int32(len(u.parts) + 1)) }

func (u *upload) upload(part []byte) error {
	if len(u.parts) == s3MaxParts {
		return fmt.Errorf("the content has more than %d parts of %d bytes", s3MaxParts, len(part))
	}
	number := u.next()
	out, err := u.s.client.UploadPart(u.s.line.ctx, &s3.UploadPartInput{Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: number, Body: bytes.NewReader(part)}, u.s.keyed...)
	if err != nil {
		return err
	}
	u.parts = append(u.parts, types.CompletedPart{PartNumber: number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C,
		ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256})
	return nil
}

func (u *upload) complete(exclusive bool, more map[string]any) error {
	in := &s3.CompleteMultipartUploadInput{Bucket: u.bucket, Key: u.key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts}}
	if exclusive {
		in.IfNoneMatch = aws.String("*")
	}
	out, err := u.s.client.CompleteMultipartUpload(u.s.line.ctx, in, u.s.keyed...)
	if err != nil {
		return err
	}
	u.said["s3ETag"], u.said["s3VersionId"] = out.ETag, out.VersionId
	u.said["s3SSEAlgorithm"] = aws.String(string(out.ServerSideEncryption))
	tellS3(more, u.said, out.Expiration)
	return nil
}

// abort has the store forget the parts, for which it would be paid otherwise. When
// the line is cut that is not possible; a lifecycle rule of the bucket does it then.
func (u *upload) abort() {
	ctx, cancel := context.WithTimeout(u.s.line.ctx, abortLimit)
	defer cancel()
	_, _ = u.s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: u.bucket, Key: u.key, UploadId: u.id})
}

// copy copies an object; one that is too large for that is copied in parts.
func (s *s3System) copy(from, to string) error {
	fromBucket, fromKey := split(from)
	source := aws.String(url.PathEscape(*fromBucket) + "/" + (&url.URL{Path: *fromKey}).EscapedPath())
	head, err := s.client.HeadObject(s.line.ctx, &s3.HeadObjectInput{Bucket: fromBucket, Key: fromKey})
	if err != nil {
		return err
	}
	size := aws.ToInt64(head.ContentLength)
	if size <= s.maxCopy {
		bucket, key := split(to)
		_, err := s.client.CopyObject(s.line.ctx, &s3.CopyObjectInput{Bucket: bucket, Key: key, CopySource: source}, s.writing...)
		return err
	}
	u, err := s.begin(to, head)
	if err != nil {
		return err
	}
	for at := int64(0); at < size && err == nil; at += s.maxCopy {
		err = u.copy(source, head.ETag, at, min(at+s.maxCopy, size))
	}
	if err == nil {
		err = u.complete(false, nil)
	}
	if err != nil {
		u.abort()
	}
	return err
}

// copy adds the bytes of an object, as long as it is the one with that tag.
func (u *upload) copy(source, tag *string, from, to int64) error {
	number := u.next()
	out, err := u.s.client.UploadPartCopy(u.s.line.ctx, &s3.UploadPartCopyInput{Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: number,
		CopySource: source, CopySourceIfMatch: tag, CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", from, to-1))}, u.s.keyed...)
	if err != nil {
		return err
	}
	if out.CopyPartResult == nil {
		return errors.New("the store does not say what it copied")
	}
	u.parts = append(u.parts, types.CompletedPart{PartNumber: number, ETag: out.CopyPartResult.ETag})
	return nil
}
