-- What a generated column is made of is parsed anew for each statement: the writer says it now.
DO $$ DECLARE p integer; BEGIN
	FOR p IN SELECT number FROM parts LOOP
		EXECUTE format('ALTER TABLE messages_%s ALTER COLUMN watched DROP EXPRESSION', p);
	END LOOP;
END $$;
