package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir"
)

const (
	// lockSpace is "Weir" in ASCII: the first half of our advisory locks. The second
	// is that of the schema, so that engines in other schemas are not in the way.
	lockSpace = 0x57656972
	// lockWithin is how long the lock of an engine that has just ended is waited for.
	lockWithin = 10 * time.Second

	// abandonedAfter is after how long without a sign of life the server gives up a
	// connection, and with it the lock: an engine whose machine has died is replaced then.
	abandonedAfter = 30 * time.Second
)

// writerSettings are what the writer's session is told. Every table that it reaches
// into grows while it is connected, so plans that were made when it was small must not
// be kept: all go by index.
var writerSettings = []string{
	"synchronous_commit = on",
	"plan_cache_mode = force_generic_plan",
	"lock_timeout = '10s'",
	fmt.Sprintf("tcp_keepalives_idle = %d", int(abandonedAfter.Seconds()/2)),
	"tcp_keepalives_interval = 5",
	"tcp_keepalives_count = 3",
	fmt.Sprintf("tcp_user_timeout = %d", abandonedAfter.Milliseconds()),
}

// byIndex are the settings of who reaches for few rows of large tables.
var byIndex = []string{
	"enable_seqscan = off",
	"enable_hashjoin = off",
	"enable_mergejoin = off",
	"jit = off", // what is switched off counts as very dear, which would set it off
}

// session is the writer's connection. It holds the lock that tells a second engine to
// stay away, so that a transaction whose outcome was lost with a former connection has
// come to its end, one way or the other, when a new one has the lock.
type session struct {
	conn   *pgx.Conn
	holder string
	names  map[string]string // of prepared statements, by their text
	texts  map[int32]*partTexts
	parts  *parts
	number int64 // of the last group that was tried

	partMessages int64 // how many messages a part takes

	unfinished map[int32]*unfinished // by channel, of those that were written to
}

var errInUse = errors.New("the database is in use by another Weir")

// connect makes the writer's connection and takes the lock. former is the process of
// the server that this engine had before, which may not know yet that it is alone.
func (s *Store) connect(ctx context.Context, former uint32) (*session, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return nil, err
	}
	n := &session{conn: conn, holder: s.holder, names: map[string]string{}, texts: map[int32]*partTexts{}, parts: &s.parts, partMessages: s.partMessages, unfinished: map[int32]*unfinished{}}
	for _, setting := range slices.Concat(writerSettings, byIndex) {
		if _, err := conn.Exec(ctx, "SET "+setting); err != nil {
			n.close()
			return nil, err
		}
	}
	if err := n.lock(ctx, former); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// lock takes the engine's lock.
func (s *session) lock(ctx context.Context, former uint32) error {
	ctx, cancel := context.WithTimeout(ctx, lockWithin)
	defer cancel()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		var got bool
		if err := s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", lockSpace).Scan(&got); err != nil {
			if ctx.Err() != nil {
				return errInUse
			}
			return err
		}
		if got {
			return nil
		}
		if former != 0 {
			// Only the one that holds this lock is ended: its number may be another's by now.
			if _, err := s.conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $1
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND classid = $2 AND objid = hashtext(current_schema())::bigint & 4294967295`, int64(former), int64(lockSpace)); err != nil {
				return err
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errInUse
		}
	}
}

func inUse(database string) error {
	return &weir.Fault{
		Err:  fmt.Errorf("database %s: %w", database, errInUse),
		Hint: "Stop that one first, or name another database, or another schema of it with search_path in the URL.",
	}
}

// register makes this engine the one that may write, and tells whether the one before
// it stopped in order.
func (s *session) register(ctx context.Context) (inOrder bool, err error) {
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT in_order, committed FROM writer FOR UPDATE").Scan(&inOrder, &s.number); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE writer SET holder = $1, in_order = false", s.holder)
		return err
	})
	return inOrder, err
}

// committed returns the number of the last group that reached the database. It is an
// error of type *replaced if another engine has written since.
func (s *session) committed(ctx context.Context) (number int64, err error) {
	var holder string
	if err := s.conn.QueryRow(ctx, "SELECT committed, holder FROM writer").Scan(&number, &holder); err != nil {
		return 0, err
	}
	if holder != s.holder {
		return 0, errReplaced
	}
	return number, nil
}

var errReplaced = errors.New("another Weir has taken the database over")

// stopInOrder leaves the mark that nothing is in doubt.
func (s *session) stopInOrder(ctx context.Context) error {
	if err := s.saveSpans(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "UPDATE writer SET in_order = true WHERE holder = $1", s.holder)
	return err
}

func (s *session) process() uint32 { return s.conn.PgConn().PID() }

func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.conn.Close(ctx)
}
