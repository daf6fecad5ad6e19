package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/wire/jdbc"
)

const querySetting = "query"

// WriterType is how the engine knows the writer.
var WriterType = weir.DestinationType{
	Name:    "Database Writer",
	Summary: "Runs SQL or a script for each message. " + supported,
	New:     func() weir.Destination { return new(Writer) },
}

// Writer is the "Database Writer" destination.
type Writer struct {
	Destination        connector.DestinationSettings
	Driver             string
	URL                config.Template
	Username, Password config.Template
	Query              string // SQL, or a script
	UseScript          bool

	env  weir.DestinationEnv
	pool pool
}

// Fields lists the settings.
func (w *Writer) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	w.Destination.Fields(f)
	f.String(&w.Driver, "driver", "Please Select One", "Class of the JDBC driver; the URL alone decides which database it is.")
	f.Template(&w.URL, "url", "", "JDBC URL of the database, such as jdbc:postgresql://host:5432/name.")
	f.Template(&w.Username, "username", "", "User of the database.")
	f.Template(&w.Password, "password", "", "Password of the user.").IsSecret()
	f.String(&w.Query, querySetting, "", "SQL that is run for each message, in which ${…} is a bound parameter; or a script.")
	f.Bool(&w.UseScript, "useScript", false, "What is to be run is a script instead of SQL.")
	f.Kept("parameters", "Values of an earlier message; without effect.")
	if !w.UseScript {
		for _, t := range references(querySetting, w.Query) {
			f.Part(t)
		}
	}
}

// Scripts hands the script to the engine.
func (w *Writer) Scripts() []weir.Script {
	if !w.UseScript {
		return nil
	}
	return []weir.Script{{Name: querySetting, Context: "DESTINATION_DISPATCHER", Code: w.Query, Logger: scriptLogger}}
}

// Open checks the settings. It does not connect.
func (w *Writer) Open(_ context.Context, env weir.DestinationEnv) error {
	w.env = env
	if w.UseScript {
		return nil
	}
	if !w.URL.Constant() {
		return nil
	}
	src, err := jdbc.Parse(w.Driver, w.URL.Text, "", "")
	if err != nil {
		return urlFault(err)
	}
	_, err = parse(src.Dialect, querySetting, w.Query)
	return err
}

// Close closes the connections.
func (w *Writer) Close(context.Context) error { return w.pool.close() }

// Send runs the statement, or the script.
func (w *Writer) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	if w.UseScript {
		return w.script(ctx, m)
	}
	// Mirth's words, whatever went wrong.
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error writing to database. [DatabaseDispatcherException: Failed to write to database]"}
	db, err := w.pool.get(target{w.Driver, m.Resolve(w.URL), m.Resolve(w.Username), m.Resolve(w.Password)})
	if err != nil {
		return failed, urlFault(err)
	}
	defer db.release()
	s, err := parse(db.src.Dialect, querySetting, w.Query)
	if err != nil {
		return failed, err
	}
	args := make([]any, len(s.params))
	for i, t := range s.params {
		if args[i], err = m.Body(t); err != nil {
			return failed, err
		}
	}
	w.event(weir.ConnectionEvent{State: "sending", Remote: db.src.Address})
	defer w.event(weir.ConnectionEvent{State: "idle", Remote: db.src.Address})
	n, err := execute(ctx, db.sql, db.src.Dialect, s.text, args)
	if err != nil {
		// The reason of a statement that failed without a connection is the
		// connection.
		if down := db.sql.PingContext(ctx); down != nil {
			return failed, connectFault(db.src, &withoutValues{down, hideValues(down.Error(), args)})
		}
		return failed, statementFault(querySetting, err, args)
	}
	r := weir.Response{Status: weir.Sent, StatusMessage: success}
	if n >= 0 {
		r.StatusMessage = fmt.Sprintf("%s, %d rows updated", success, n)
	}
	return r, nil
}

const success = "Database write success"

func (w *Writer) event(e weir.ConnectionEvent) { w.env.Connection(e) }

func (w *Writer) script(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	value, err := w.env.Run(ctx, querySetting, m)
	if err != nil {
		text := "Database Writer error\n" + err.Error()
		var detailed interface{ Detail() string }
		if errors.As(err, &detailed) {
			text = "Database Writer error\n" + detailed.Detail()
		}
		return weir.Response{Status: weir.Queued, StatusMessage: "Error evaluating Database Writer", Error: text},
			weir.WithHint(err, querySetting, "Check the script.")
	}
	switch v := value.(type) {
	case nil:
		return weir.Response{Status: weir.Sent, StatusMessage: success}, nil
	case weir.Response:
		return v, nil
	case weir.Status:
		return weir.Response{Status: v, StatusMessage: success}, nil
	}
	return weir.Response{Status: weir.Sent, Message: fmt.Sprint(value), StatusMessage: success}, nil
}

var (
	_ weir.Destination = (*Writer)(nil)
	_ weir.Scripted    = (*Writer)(nil)
)
