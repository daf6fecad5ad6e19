package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/poll"
	"github.com/weir-health/weir/wire/jdbc"
)

// Values of Reader.UpdateMode.
const (
	updateNever = 1
	updateOnce  = 2
	updateEach  = 3
)

// Names of the settings that hold statements or scripts.
const (
	selectSetting = "select"
	updateSetting = "update"
)

// supported is what both connectors know.
const supported = "Databases are PostgreSQL, MySQL, MariaDB, SQLite, SQL Server and Oracle; the last two are untested against a server."

// ReaderType is how the engine knows the reader.
var ReaderType = weir.SourceType{
	Name:    "Database Reader",
	Summary: "Reads rows of a database at set times and receives each as an XML message. " + supported,
	New:     func() weir.Source { return new(Reader) },
}

// Reader is the "Database Reader" source.
type Reader struct {
	Poll               poll.Settings
	Source             connector.SourceSettings
	Driver             string
	URL                config.Template
	Username, Password config.Template
	Select, Update     string // SQL, or scripts
	UseScript          bool
	Aggregate          bool
	Cache              bool
	KeepOpen           bool
	UpdateMode         int
	RetryCount         config.Template
	RetryInterval      config.Template // milliseconds
	FetchSize          config.Template
	Encoding           string

	env         weir.SourceEnv
	src         jdbc.Source
	charset     charset.Charset
	query, mark statement
	retries     int
	between     time.Duration
	db          *sql.DB // of the poll that is under way, or kept open
	poller      *poll.Poller
	stopping    chan struct{}
}

// Fields lists the settings.
func (r *Reader) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	r.Poll.Fields(f)
	r.Source.Fields(f)
	f.String(&r.Driver, "driver", "Please Select One", "Class of the JDBC driver; the URL alone decides which database it is.")
	f.Template(&r.URL, "url", "", "JDBC URL of the database, such as jdbc:postgresql://host:5432/name.")
	f.Template(&r.Username, "username", "", "User of the database.")
	f.Template(&r.Password, "password", "", "Password of the user.").IsSecret()
	f.String(&r.Select, selectSetting, "", "SQL that gives the rows, in which ${…} is a bound parameter from the global and configuration maps; or a script that returns a java.util.List of java.util.Map.")
	f.String(&r.Update, updateSetting, "", "SQL or script that is run afterwards. In SQL ${column} is the row's value and ${name} one of the processed message's maps, both as bound parameters.")
	f.Bool(&r.UseScript, "useScript", false, "What is to be run are scripts instead of SQL.")
	f.Bool(&r.Aggregate, "aggregateResults", false, "Make one message of all rows.")
	f.Bool(&r.Cache, "cacheResults", true, "Read all rows before the first is received. SQLite always does.")
	f.Bool(&r.KeepOpen, "keepConnectionOpen", true, "Keep the connection open between polls.")
	f.Int(&r.UpdateMode, "updateMode", updateNever, "When the update is run: 1 never, 2 once after all rows, 3 after each row.").Range(updateNever, updateEach)
	f.Template(&r.RetryCount, "retryCount", "3", "How often a statement that failed is tried again on a new connection.")
	f.Template(&r.RetryInterval, "retryInterval", "10000", "Milliseconds before it is tried again.")
	f.Template(&r.FetchSize, "fetchSize", "1000", "Rows that are fetched at once; kept for export, the drivers decide themselves.")
	f.String(&r.Encoding, "encoding", "DEFAULT_ENCODING", "Character set of the text in columns of bytes.")
}

// scriptLogger is the logger of this connector's scripts, in Mirth and here.
const scriptLogger = "db-connector"

// Scripts hands the scripts to the engine.
func (r *Reader) Scripts() []weir.Script {
	if !r.UseScript {
		return nil
	}
	scripts := []weir.Script{{Name: selectSetting, Context: "SOURCE_RECEIVER", Code: r.Select, Logger: scriptLogger}}
	if r.UpdateMode != updateNever {
		scripts = append(scripts, weir.Script{Name: updateSetting, Context: "SOURCE_RECEIVER", Code: r.Update, Logger: scriptLogger})
	}
	return scripts
}

// Start begins to poll. The database need not be up.
func (r *Reader) Start(_ context.Context, env weir.SourceEnv) error {
	r.env, r.stopping = env, make(chan struct{})
	schedule, err := r.Poll.Schedule(time.Local)
	if err != nil {
		return err
	}
	if r.charset, err = charset.Lookup(r.Encoding); err != nil {
		return weir.WithHint(err, "encoding", "Check the character set.")
	}
	if r.retries, err = r.number(r.RetryCount, 3); err != nil {
		return err
	}
	millis, err := r.number(r.RetryInterval, 10000)
	if err != nil {
		return err
	}
	r.between = time.Duration(millis) * time.Millisecond
	if !r.UseScript {
		if err := r.prepare(); err != nil {
			return err
		}
	}
	r.poller = poll.Start(schedule, r.Poll.OnStart, r.poll)
	return nil
}

// prepare reads the URL and the statements.
func (r *Reader) prepare() (err error) {
	r.src, err = jdbc.Parse(r.Driver, r.env.Resolve(r.URL), r.env.Resolve(r.Username), r.env.Resolve(r.Password))
	if err != nil {
		return urlFault(err)
	}
	if r.query, err = parse(r.src.Dialect, selectSetting, r.Select); err != nil {
		return err
	}
	if r.UpdateMode != updateNever {
		r.mark, err = parse(r.src.Dialect, updateSetting, r.Update)
	}
	return err
}

func (r *Reader) number(t config.Template, empty int) (int, error) {
	text := strings.TrimSpace(r.env.Resolve(t))
	if text == "" {
		return empty, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<30 {
		return 0, &weir.Fault{At: t.Name, Err: fmt.Errorf("%q is not a number from 0 on", text), Hint: "Enter a whole number."}
	}
	return n, nil
}

// Stop waits for the poll that is under way, but not for the next try of a
// statement.
func (r *Reader) Stop(ctx context.Context) error {
	close(r.stopping)
	if err := r.poller.Stop(ctx); err != nil {
		return err // the poll closes the database itself
	}
	r.disconnect()
	return nil
}

func (r *Reader) poll(ctx context.Context, more func() bool) {
	if r.env.AwaitRoom(ctx) != nil {
		return
	}
	r.env.Connection(weir.ConnectionEvent{State: "receiving"})
	defer r.env.Connection(weir.ConnectionEvent{State: "idle"})
	if !r.KeepOpen {
		defer r.disconnect()
	} else {
		defer func() {
			if ctx.Err() != nil {
				r.disconnect()
			}
		}()
	}
	p := &polled{Reader: r, ctx: ctx, more: more}
	err := p.rows()
	if err == nil {
		err = p.finish()
	}
	if err != nil && ctx.Err() == nil {
		r.report(err)
	}
}

func (r *Reader) report(err error) {
	r.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
	r.env.Log.Error("Rows could not be received", "error", err)
}

// polled is one poll.
type polled struct {
	*Reader
	ctx    context.Context
	more   func() bool
	all    []row // those to be aggregated
	missed bool  // a row was not received
}

// rows reads the rows and receives them, or keeps them to be aggregated.
func (p *polled) rows() error {
	take := p.receive
	if p.Aggregate {
		take = func(r row) { p.all = append(p.all, r) }
	}
	if p.UseScript {
		var list []row
		err := p.again(func() (err error) {
			list, err = p.selected()
			return err
		})
		if err != nil {
			return err
		}
		p.each(list, take)
		return nil
	}
	args := make([]any, len(p.query.params))
	for i, t := range p.query.params {
		args[i] = p.env.Resolve(t)
	}
	var list []row
	cache := p.Cache || p.src.Single()
	rows, err := p.selectRows(args, func(r row) {
		list = append(list, r)
	}, cache)
	if err != nil || cache {
		p.each(list, take)
		return err
	}
	defer rows.Close()
	names, types, err := columnsOf(rows)
	for err == nil && rows.Next() {
		if !p.more() {
			p.missed = true
			return nil
		}
		var r row
		if r, err = scanRow(p.src.Dialect, rows, names, types); err == nil {
			take(r)
		}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return statementFault(selectSetting, err, args)
	}
	return nil
}

func (p *polled) each(list []row, take func(row)) {
	for _, r := range list {
		if !p.more() {
			p.missed = true
			return
		}
		take(r)
	}
}

// selectRows runs the statement, again if it fails. With all it gives every row to
// keep, else it returns the rows that are still to be read.
func (p *polled) selectRows(args []any, keep func(row), all bool) (*sql.Rows, error) {
	var rows *sql.Rows
	err := p.retry(selectSetting, args, func(db *sql.DB) (err error) {
		rows, err = db.QueryContext(p.ctx, p.src.Dialect.Rebind(p.query.text), args...)
		if err != nil || !all {
			return err
		}
		defer rows.Close()
		names, types, err := columnsOf(rows)
		if err != nil {
			return err
		}
		var read []row
		for rows.Next() {
			r, err := scanRow(p.src.Dialect, rows, names, types)
			if err != nil {
				return err
			}
			read = append(read, r)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, r := range read {
			keep(r)
		}
		return nil
	})
	return rows, err
}

// selected runs the script that gives the rows.
func (p *polled) selected() ([]row, error) {
	value, err := p.env.Run(p.ctx, selectSetting)
	if err != nil {
		return nil, weir.WithHint(err, selectSetting, "Check the script.")
	}
	items, isList := value.([]any)
	if !isList {
		return nil, &weir.Fault{At: selectSetting, Err: errors.New("the script returned no list of rows"),
			Hint: "Return a java.util.List of java.util.Map, or the result of a query."}
	}
	var list []row
	for _, item := range items {
		columns, isColumns := item.(weir.Columns)
		values, isRow := item.(weir.Row)
		if isColumns {
			values = weir.Row(columns)
		} else if !isRow {
			return nil, &weir.Fault{At: selectSetting, Err: errors.New("the script returned a list of other things than rows"),
				Hint: "Make each element a java.util.Map with the columns."}
		}
		r := make(row, len(values))
		for i, e := range values {
			r[i] = column{name: strings.ToLower(e.Key), raw: e.Value, value: e.Value}
			if isColumns {
				r[i].label = e.Key
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// receive hands one row over and marks it.
func (p *polled) receive(r row) {
	reply, err := p.env.Receive(p.ctx, weir.Inbound{Text: oneXML(r, p.charset.Decode)})
	if err == nil && p.UpdateMode == updateEach {
		err = p.update(r, reply)
	} else if err != nil {
		p.missed = true
	}
	if err != nil && p.ctx.Err() == nil {
		p.report(err)
	}
}

// finish receives what is aggregated and runs the update that is run once. A row
// that was not received must not be marked by it, so it is left out then: the next
// poll reads all of them again.
func (p *polled) finish() error {
	var reply weir.Reply
	if p.Aggregate && len(p.all) > 0 {
		if !p.more() {
			return nil
		}
		var err error
		if reply, err = p.env.Receive(p.ctx, weir.Inbound{Text: allXML(p.all, p.charset.Decode)}); err != nil {
			return err
		}
		if p.UpdateMode == updateEach {
			for _, r := range p.all {
				if err := p.update(r, reply); err != nil {
					p.report(err)
				}
			}
		}
	}
	if p.UpdateMode != updateOnce {
		return nil
	}
	if p.missed {
		p.env.Log.Warn("The update was not run because not every row was received", "setting", updateSetting)
		return nil
	}
	switch {
	case !p.UseScript:
		return p.update(nil, weir.Reply{})
	case !p.Aggregate:
		_, err := p.env.Run(p.ctx, updateSetting)
		return weir.WithHint(err, updateSetting, "Check the script.")
	case len(p.all) > 0:
		return p.updateScript(reply, map[string]any{"results": resultsOf(p.all)})
	}
	return nil
}

func (p *polled) updateScript(reply weir.Reply, vars map[string]any) error {
	if reply.Run == nil {
		return &weir.Fault{At: updateSetting, Err: errors.New("the script could not be run"), Hint: "Deploy the channel again."}
	}
	_, err := reply.Run(p.ctx, updateSetting, vars)
	return weir.WithHint(err, updateSetting, "Check the script.")
}

// update runs the update for a row whose message has been received, or for none.
func (p *polled) update(r row, reply weir.Reply) error {
	if p.UseScript {
		return p.updateScript(reply, map[string]any{"resultMap": r.variables()})
	}
	args := make([]any, len(p.mark.params))
	for i, t := range p.mark.params {
		if v, ok := r.get(t.Text[2 : len(t.Text)-1]); ok {
			args[i] = v
		} else if reply.Resolve != nil {
			args[i] = reply.Resolve(t.Text)
		} else {
			args[i] = p.env.Resolve(t)
		}
	}
	return p.retry(updateSetting, args, func(db *sql.DB) error {
		_, err := execute(p.ctx, db, p.src.Dialect, p.mark.text, args)
		return err
	})
}

// retry does something with the database, as often again as the settings say,
// each time on new connections.
func (p *polled) retry(setting string, args []any, do func(db *sql.DB) error) error {
	return p.again(func() error {
		if err := p.connect(); err != nil {
			return err
		}
		err := do(p.db)
		if err == nil {
			return nil
		}
		p.disconnect()
		return statementFault(setting, err, args)
	})
}

// again does something until it succeeds, as often again as the settings say: a
// statement, or the script that gives the rows.
func (p *polled) again(do func() error) error {
	for try := 0; ; try++ {
		err := do()
		if err == nil {
			return nil
		}
		if try >= p.retries || p.ctx.Err() != nil {
			return err
		}
		p.env.Log.Warn("The database is tried again", "after", p.between, "error", err)
		wait := time.NewTimer(p.between)
		select {
		case <-wait.C:
		case <-p.stopping:
			wait.Stop()
			return err
		case <-p.ctx.Done():
			wait.Stop()
			return err
		}
	}
}

// connect connects unless that has been done.
func (p *polled) connect() error {
	if p.db != nil {
		return nil
	}
	db, err := p.src.Open()
	if err != nil {
		return urlFault(err)
	}
	p.db = db
	if err := p.db.PingContext(p.ctx); err != nil {
		p.disconnect()
		return connectFault(p.src, err)
	}
	return nil
}

func (r *Reader) disconnect() {
	if r.db != nil {
		r.db.Close()
		r.db = nil
	}
}

var (
	_ weir.Source   = (*Reader)(nil)
	_ weir.Scripted = (*Reader)(nil)
)
