package file

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/poll"
	"github.com/weir-health/weir/connector/stream"
)

// ReaderType is how the engine knows this connector.
var ReaderType = weir.SourceType{
	Name:    "File Reader",
	Summary: "Reads the files of a directory, here or on an FTP, SFTP, SMB, WebDAV or S3 server, each as one message or one batch.",
	New:     func() weir.Source { return new(Reader) },
}

// Reader is the "File Reader" source.
type Reader struct {
	remote
	Poll      poll.Settings
	Source    connector.SourceSettings
	Filter    config.Template
	Regex     bool
	Recursive bool
	IgnoreDot bool

	AfterAction   string // NONE, MOVE or DELETE
	MoveTo        target
	ReadingAction string // NONE, MOVE or DELETE
	AnswerAction  string // AFTER_PROCESSING, NONE, MOVE or DELETE
	ErrorMoveTo   target

	CheckAge    bool
	Age         config.Template // milliseconds, as all texts that are numbers
	MinSize     config.Template // bytes
	MaxSize     config.Template
	AnySize     bool // no largest size
	SortBy      string
	Binary      bool
	Charset     string
	MaxFileSize int   // bytes
	MaxStream   int64 // bytes

	env     weir.SourceEnv
	charset charset.Charset
	poller  *poll.Poller
	now     func() time.Time

	stuck    map[string]leftover // files that were read, stay, and are not to be read again, by path
	lastLog  string              // the error that was logged last, until a poll goes well
	reported bool                // an error in this poll
}

// target is where files are moved.
type target struct {
	Directory config.Template
	Name      config.Template
}

// Fields lists the settings.
func (r *Reader) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	r.Poll.Fields(f)
	r.Source.Fields(f)
	r.remote.fields(f)
	f.Template(&r.Filter, "fileFilter", "*", "Names of the files to read: wildcards with * and ?, separated by commas, or a regular expression for the whole name.")
	f.Bool(&r.Regex, "regex", false, "The names are given as a regular expression.")
	f.Bool(&r.Recursive, "directoryRecursion", false, "Read files in directories below, too.")
	f.Bool(&r.IgnoreDot, "ignoreDot", true, "Leave out files whose names begin with a dot.")
	actions := []string{"NONE", "MOVE", "DELETE"}
	f.String(&r.AfterAction, "afterProcessingAction", "NONE", "What happens to a file once its message is kept. NONE reads it again at every poll.").OneOf(actions...)
	f.Template(&r.MoveTo.Directory, "moveToDirectory", "", "Directory to move files to; empty is their own.")
	f.Template(&r.MoveTo.Name, "moveToFileName", "", "Name that moved files get, with variables such as ${originalFilename}; empty keeps it.")
	f.String(&r.ReadingAction, "errorReadingAction", "NONE", "What happens to a file that cannot be read, or whose text cannot be received. NONE leaves it, and such a text is not read again until the file changes.").OneOf(actions...)
	f.String(&r.AnswerAction, "errorResponseAction", "AFTER_PROCESSING", "What happens to a file when the selected response is an error.").OneOf(append(actions, "AFTER_PROCESSING")...)
	f.Template(&r.ErrorMoveTo.Directory, "errorMoveToDirectory", "", "Directory to move files to after an error; empty is their own.")
	f.Template(&r.ErrorMoveTo.Name, "errorMoveToFileName", "", "Name that files moved after an error get; empty keeps it.")
	f.Bool(&r.CheckAge, "checkFileAge", true, "Leave out files that were changed a moment ago, because they may be incomplete.")
	f.Template(&r.Age, "fileAge", "1000", "How long ago in milliseconds a file must have been changed.")
	f.Template(&r.MinSize, "fileSizeMinimum", "0", "Smallest file to read, in bytes.")
	f.Template(&r.MaxSize, "fileSizeMaximum", "", "Largest file to read, in bytes; larger ones are left out.")
	f.Bool(&r.AnySize, "ignoreFileSizeMaximum", true, "Read files of any size.")
	f.String(&r.SortBy, "sortBy", "date", "Order of reading: date of change, name or size, the lowest first.").OneOf("date", "name", "size")
	f.Bool(&r.Binary, "binary", false, "Files are bytes, not text: they are handed on in base64.")
	f.String(&r.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of the files; DEFAULT_ENCODING is UTF-8.")

	f.Int(&r.MaxFileSize, "maxFileBytes", 1<<30, "Largest file that is read into memory, in bytes; a larger one is an error of reading.").Range(1, 1<<31-1)
	f.Int64(&r.MaxStream, "maxStreamBytes", stream.DefaultMax, "Largest file that is read piece by piece, where the channel can take large files so; a larger one is an error of reading.")
}

// Start begins to poll. A directory that is not there is reported and looked for
// again at every poll: it may be on a computer that starts later.
func (r *Reader) Start(ctx context.Context, env weir.SourceEnv) (err error) {
	r.env = env
	if r.now == nil {
		r.now = time.Now
	}
	r.stuck = map[string]leftover{}
	if err = r.prepare(env.Resolve, env.Log); err != nil {
		return err
	}
	r.pool.keep, r.pool.idle, r.pool.fresh = r.Scheme != "FILE", time.Minute, time.Second
	if r.Binary && r.Source.ProcessBatch {
		return &weir.Fault{At: "binary", Err: errors.New("a binary file cannot be split as a batch"), Hint: "Turn batch processing or binary off."}
	}
	if r.charset, err = charset.Lookup(r.Charset); err != nil {
		return err
	}
	if _, err = newMatcher(env.Resolve(r.Filter), r.Regex); err != nil && r.Filter.Constant() {
		return err
	}
	schedule, err := r.Poll.Schedule(time.Local)
	if err != nil {
		return err
	}
	if r.Scheme == "FILE" { // a remote system may let wait
		if _, err := r.list(ctx); err != nil {
			r.report(err)
		}
	}
	r.poller = poll.Start(schedule, r.Poll.OnStart, r.poll)
	return nil
}

// Stop waits for the file that is being received.
func (r *Reader) Stop(ctx context.Context) error {
	defer r.pool.close()
	return r.poller.Stop(ctx)
}

// poll reads what is there.
func (r *Reader) poll(ctx context.Context, more func() bool) {
	r.reported = false
	defer func() {
		if !r.reported {
			r.lastLog = ""
		}
	}()
	files, err := r.list(ctx)
	if err != nil {
		r.report(err)
		return
	}
	r.putAwayLeft(ctx, more)
	if len(files) == 0 {
		return
	}
	r.env.Connection(weir.ConnectionEvent{State: "receiving"})
	defer r.env.Connection(weir.ConnectionEvent{State: "idle"})
	pollID := strconv.FormatInt(r.now().UnixNano(), 10) // a number, as in Mirth
	for i, f := range files {
		if r.env.AwaitRoom(ctx) != nil || !more() || !r.take(ctx, f, turn{pollID, i + 1, i == len(files)-1}) {
			return
		}
	}
}

// report logs an error, once as long as it stays the same.
func (r *Reader) report(err error) {
	r.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
	r.reported = true
	if err.Error() != r.lastLog {
		r.lastLog = err.Error()
		r.env.Log.Error("The files could not be read", "error", err)
	}
}

// turn is a file's place in its poll.
type turn struct {
	pollID string
	number int
	last   bool
}

// take reads one file, has it received and puts it away. It reports whether the
// poll goes on.
func (r *Reader) take(ctx context.Context, f found, at turn) bool {
	reply, err := r.receive(ctx, &f, at)
	var unread readError
	switch {
	case errors.As(err, &unread) && errors.Is(err, errChanged):
		return true
	case errors.As(err, &unread) && errors.Is(err, errLost): // this says nothing about the file
		r.report(weir.WithHint(fmt.Errorf("read %s: %w", f.path, err), "host", "Check that the remote system is up. The file is read at the next poll."))
		return false
	case errors.As(err, &unread):
		r.report(&weir.Fault{At: "host", Err: fmt.Errorf("read %s: %w", f.path, err), Hint: "Check that the engine may read the file, and its size against maxFileBytes and maxStreamBytes."})
		if r.putAway(ctx, f, r.ReadingAction, r.ErrorMoveTo, at) != nil {
			r.remember(ctx, f)
		}
		return true
	case errors.Is(err, weir.ErrUnusable):
		r.report(fmt.Errorf("%s cannot be received: %w", f.path, err))
		r.putAway(ctx, f, r.ReadingAction, r.ErrorMoveTo, at)
		r.remember(ctx, f)
		return true
	case err != nil:
		r.report(fmt.Errorf("%s was not received and stays where it is: %w", f.path, err))
		return false
	}
	// Of a batch no single response decides, as in Mirth.
	if reply.Response != nil && reply.Response.Status == weir.Error && r.AnswerAction != "AFTER_PROCESSING" && !r.Source.ProcessBatch {
		r.putAwayKept(ctx, f, r.AnswerAction, r.ErrorMoveTo, at)
	} else {
		r.putAwayKept(ctx, f, r.AfterAction, r.MoveTo, at)
	}
	return true
}

// receive reads a file and has it received. What keeps it from being read is a
// readError.
func (r *Reader) receive(ctx context.Context, f *found, at turn) (weir.Reply, error) {
	if above := r.env.StreamAbove; above > 0 && f.size > above {
		return r.stream(ctx, f, at)
	}
	content, err := r.read(ctx, f)
	if err != nil {
		return weir.Reply{}, readError{err}
	}
	return r.env.Receive(ctx, weir.Inbound{Text: r.text(content), Binary: r.Binary, SourceMap: f.sourceMap(at)})
}

var _ weir.Source = (*Reader)(nil)
