// Package tcp receives and sends messages over TCP: the connectors "TCP
// Listener" and "TCP Sender", for MLLP, MLLP release 2 and any other framing by
// start and end bytes.
//
// # Listener
//
// Every connection has one goroutine, which reads a message, has it received,
// writes the reply and only then reads on; so the order of a connection is kept
// and a sender that does not wait for replies is slowed down. A connection that
// is silent costs a few hundred bytes besides its goroutine: buffers are
// borrowed when the first bytes of a message arrive.
//
// A message is acknowledged only after it is kept. When Receive fails the
// connection is closed without a reply (with MLLP release 2: a negative commit
// acknowledgment), which tells the sender to send again. A connection that is
// cut between keeping and replying leaves a message that is kept and may come a
// second time.
//
// Frames are limited in size (maxFrameBytes) and in time from first to last byte
// (frameTimeout); what exceeds them is not received and its connection closed,
// since what follows cannot be told from content.
//
// Where the channel can take them so, frames above its limit are streams that are read
// while they arrive; one that breaks off is not kept. maxStreamBytes is their largest
// size, and frameTimeout is for each piece of them.
//
// A port that is in use is tried bindRetries more times, a second apart, and
// then reported; Mirth tries ten times, which keeps a deploy waiting for an
// error that seldom heals.
//
// # Sender
//
// Each sending thread has its own connection to each address. Before a
// connection that was kept open is used again it is looked at, without waiting:
// if the other side has closed it meanwhile a new one is made, and what arrived
// unasked since the last response is thrown away, lest it be taken for the
// response to the next message. Mirth looks only with checkRemoteHost, and else
// finds out by a failed send.
//
// A connection on which the end of the stream came instead of a response, or an
// error, or no response in time, is never used again.
//
// # Transport security
//
// Both sides speak TLS, mutual if wanted, with the settings of the group tls; see
// package tlsconfig. Who waits for connections is the server of TLS and who
// connects its client, in each mode of both connectors. Replies on a new
// connection have a group of their own, responseTls, since they may go to another
// system.
package tcp
