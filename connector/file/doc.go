// Package file reads and writes messages as files: the connectors "File Reader"
// and "File Writer", for directories of this computer, and for those of servers
// that speak FTP, SFTP, SMB, WebDAV or S3. What is said below holds for all of
// them; each scheme is a [system] in a file of its own.
//
// # Reader
//
// Each poll lists the directory, leaves out what the settings leave out, sorts
// the rest, and takes the files one after the other: read, hand over, and only
// when the message is kept move or delete the file. A file whose message could
// not be kept stays, the poll ends so that no later file overtakes it, and the
// next poll begins with it again.
//
// If the engine ends between keeping the message and moving or deleting the
// file, the file is read again at the next start and the message is there twice;
// it is never lost. With the action NONE every poll reads every file again, as in
// Mirth.
//
// A file that could be neither moved nor deleted is remembered until it changes
// or the channel is restarted, and not read again meanwhile. Mirth reads it at
// every poll.
//
// A file whose text can never be received, because it cannot be cut into the
// messages of a batch, is treated as one that cannot be read. With the action
// NONE for these it is remembered in the same way, so that it neither blocks the
// files after it nor brings its first messages again and again.
//
// A file that changes while it is read is left for the next poll. Names that end
// in .ignore, and files beside which a file of the same name and .ignore lies,
// are never read.
//
// # Writer
//
// A message is SENT when the file is on disk: its content and, if it is new, its
// place in the directory are forced out before Send returns. What was appended
// in part, because the disk was full, is taken back.
//
// The directory is created if needed. A file name may not lead into another
// directory, and variables in the directory may not lead up out of it.
//
// # Large files
//
// Where the channel can take a file without holding it in memory, one above its limit
// is handed over as a stream: decoded, or made base64, while it is read. Its end is
// given out only after the file has been compared with what was listed, so that one
// that changed meanwhile is not kept. What is written from a stream goes to the name
// with .tmp added and is renamed when it is complete, unless it is appended; on S3 it
// is uploaded in parts, of which one is in memory, and is there when all are.
//
// # Remote systems
//
// Connections are kept and used again, and looked at before. If one is lost while
// a file is read, listed or put away, this is done once more on a new one; an
// error of a connection is never taken for an error of a file, so that no file is
// moved or deleted for it. If one is lost while a file is written, it is not known
// whether the file is there: the message is queued or an error, as the channel
// says, and appended to a file it may be there twice, or a part of it.
//
// A remote file is SENT when the server has confirmed it, and where SFTP and SMB
// servers can, when they have it on disk. S3 and WebDAV cannot append: with
// outputAppend on, the channel is not deployed. FTP uses passive mode only. The
// key of an SFTP server must be known, unless the channel says otherwise.
package file
