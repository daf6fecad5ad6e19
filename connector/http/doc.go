// Package http receives and sends messages over HTTP: the connectors "HTTP
// Listener" and "HTTP Sender".
//
// # Listener
//
// A request is read whole, within maxBodyBytes and requestTimeout, before it
// becomes a message; one that is broken off, too large or not in its character
// set becomes none. It is answered after the message is kept, and after it is
// processed unless the channel has a source queue. When Receive fails, the
// answer is 500, and the sender should send again. Answers to requests that are
// refused say why in one line that holds nothing of the message:
//
//	400  the body ends too early, or is not what its Content-Encoding says
//	401  the user is not known (see the authentication settings)
//	404  the path is not the listener's
//	408  the body did not come in time
//	413  the body is too large
//	415  the body's character set is not known, or it is binary where batches are split
//	500  the message was not kept
//	503  the listener is stopping
//
// Mirth answers 500 to all but 401 and 404.
//
// Static resources are looked at before the message handler. In their values
// ${name} is replaced from the maps that there are without a message and then
// from what is known of the request, such as ${remoteAddress}; nothing that comes
// with a request is itself taken for a variable.
//
// The body of a form that is posted or put is read into the parameters, and the
// message is empty, as it is in Mirth. Names of headers are shown to scripts in
// their usual form (Content-Type), however they were written by the sender.
//
// # Sender
//
// Connections are shared by the sending threads and kept open for further
// messages. A request that fails is made again here only if nothing of it can
// have been seen by the server, or if it is a GET; all else is for the queue.
// socketTimeout is the longest time without progress, requestTimeout the longest
// time for the whole request.
//
// A response that says the message is accepted but is larger than
// maxResponseBytes sets ERROR, not QUEUED: the message would be delivered again,
// and the response would be too large again.
//
// With oauth2.tokenURL a request shows a token that is asked for with client
// credentials; one that is refused is replaced once. With awsSignature.service a
// request is signed for AWS. Mirth has neither.
//
// # Large bodies
//
// Where the channel can take them so, bodies above its limit are streams: the
// listener hands over what it reads, and answers when the message is kept; the sender
// writes what it reads from the store. Its length is told, for which a content that
// is not written as it is stored is read once more; what is compressed goes in chunks,
// as in Mirth. Forms and requests within XML are read into memory.
//
// # What is on the line
//
// Line ends in names and values of headers become blanks, so that what comes from
// a message cannot add headers or split a request. Values are ISO-8859-1, other
// characters a question mark, as in Java.
//
// # Transport security
//
// The listener has the settings of the group tls as other listeners. The sender
// speaks TLS where the address says https; certificates are checked, names too.
// Mirth does not check names: tls.verifyHost turns that off.
package http
