package java

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/access"
)

// Handle is something open that a script holds: a file, a connection, a
// database. The run that opened it closes it at its end, unless it lies in a map
// that outlives the run.
type Handle interface {
	Instance
	// Release closes it; again, it does nothing.
	Release()
}

// opened takes a handle into the care of the run.
func (c *Call) opened(h Handle) {
	c.mayOpen()
	if c.VM.handles == nil {
		c.VM.handles = make(map[Handle]bool)
	}
	c.VM.handles[h] = true
}

// mayOpen throws when the run holds as much open as it may.
func (c *Call) mayOpen() {
	if len(c.VM.handles) >= access.MaxOpen {
		panic(c.Throw("java.io.IOException", fmt.Sprintf("Too many open files, connections or databases: a script may hold %d. Close what is no longer used.", access.MaxOpen)))
	}
}

// closed is told of a handle that the script has closed itself.
func (c *Call) closed(h Handle) { delete(c.VM.handles, h) }

// Handles returns what the run still holds open.
func (vm *VM) Handles() map[Handle]bool { return vm.handles }

// grants is what the run may reach.
func (c *Call) grants() *access.Grants {
	if c.VM.Access == nil {
		return &access.Grants{Channel: "this engine"}
	}
	return c.VM.Access
}

// throwDenied throws what a script may not reach. The text is the engine's own:
// places, but nothing of a message, go into errors.
func (c *Call) throwDenied(err error) {
	var denied *access.Denied
	if errors.As(err, &denied) {
		panic(c.VM.ThrowJava(&Throwable{Class: "java.lang.SecurityException", Message: denied.Error(), HasText: true, Plain: true}))
	}
}

// throwFile returns the exception of java.io for a file that could not be opened.
func (c *Call) throwFile(path string, err error) goja.Value {
	c.throwDenied(err)
	if errors.Is(err, access.ErrTooLarge) {
		return c.Throw("java.lang.OutOfMemoryError", path+": "+err.Error())
	}
	return c.Throw("java.io.FileNotFoundException", path+" ("+reason(err)+")")
}

// throwIO returns the exception of an operation on something open.
func (c *Call) throwIO(err error) goja.Value {
	c.throwDenied(err)
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && c.VM.Context.Err() != nil:
		return c.Throw("java.io.InterruptedIOException", "the script was ended")
	case errors.Is(err, access.ErrTooLarge):
		return c.Throw("java.lang.OutOfMemoryError", err.Error())
	case errors.As(err, &timeout) && timeout.Timeout():
		return c.Throw("java.net.SocketTimeoutException", "Read timed out")
	case errors.Is(err, syscall.ECONNRESET):
		return c.Throw("java.net.SocketException", "Connection reset")
	case errors.Is(err, syscall.EPIPE):
		return c.Throw("java.net.SocketException", "Broken pipe (Write failed)")
	case errors.Is(err, net.ErrClosed):
		return c.Throw("java.net.SocketException", "Socket closed")
	}
	return c.Throw("java.io.IOException", reason(err))
}

// throwNet returns the exception of a connection that was not made.
func (c *Call) throwNet(host string, err error) goja.Value {
	c.throwDenied(err)
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, context.Canceled):
		return c.Throw("java.io.InterruptedIOException", "the script was ended")
	case errors.As(err, &dns):
		return c.Throw("java.net.UnknownHostException", host)
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), strings.Contains(err.Error(), "tls: "):
		return c.Throw("javax.net.ssl.SSLHandshakeException", inner(err).Error())
	case errors.Is(err, syscall.ECONNREFUSED):
		return c.Throw("java.net.ConnectException", "Connection refused (Connection refused)")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return c.Throw("java.net.NoRouteToHostException", "No route to host (Host unreachable)")
	case errors.As(err, &timeout) && timeout.Timeout():
		return c.Throw("java.net.SocketTimeoutException", "connect timed out")
	}
	return c.throwIO(err)
}

// inner takes off what says again where a request went.
func inner(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// reason is what Java says of an error of the system.
func reason(err error) string {
	var errno syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOENT):
		return "No such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	case errors.Is(err, fs.ErrExist):
		return "File exists"
	case errors.Is(err, os.ErrClosed):
		return "Stream Closed"
	case errors.As(err, &errno):
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err.Error()
}

// moreExceptions are those of what reaches outside.
const moreExceptions = `
java.io.InterruptedIOException java.io.IOException
java.io.UncheckedIOException java.lang.RuntimeException
java.nio.file.FileSystemException java.io.IOException
java.nio.file.NoSuchFileException java.nio.file.FileSystemException
java.nio.file.FileAlreadyExistsException java.nio.file.FileSystemException
java.nio.file.DirectoryNotEmptyException java.nio.file.FileSystemException
java.nio.file.AccessDeniedException java.nio.file.FileSystemException
java.nio.file.NotDirectoryException java.nio.file.FileSystemException
java.nio.file.InvalidPathException java.lang.IllegalArgumentException
java.util.zip.ZipException java.io.IOException
java.net.ProtocolException java.io.IOException
java.net.NoRouteToHostException java.net.SocketException
java.net.URISyntaxException java.lang.Exception
javax.net.ssl.SSLException java.io.IOException
javax.net.ssl.SSLHandshakeException javax.net.ssl.SSLException
java.sql.SQLTimeoutException java.sql.SQLException
java.sql.SQLFeatureNotSupportedException java.sql.SQLException
java.sql.BatchUpdateException java.sql.SQLException
org.apache.http.client.ClientProtocolException java.io.IOException
org.apache.http.client.HttpResponseException org.apache.http.client.ClientProtocolException
org.apache.http.conn.ConnectTimeoutException java.io.InterruptedIOException
org.apache.http.conn.HttpHostConnectException java.net.ConnectException
org.apache.commons.mail.EmailException java.lang.Exception
javax.mail.MessagingException java.lang.Exception
`

func reachClasses() []*Class {
	var classes []*Class
	for _, family := range [][]*Class{
		exceptionClasses(moreExceptions), streamClasses(), fileClasses(), pathClasses(), commonsIOClasses(), zipClasses(),
		connectionClasses(), socketClasses(), httpClientClasses(), sqlClasses(), databaseAPI(), smtpAPI(), httpAPI(),
	} {
		classes = append(classes, family...)
	}
	return classes
}
