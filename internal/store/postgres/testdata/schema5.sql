SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.weir_attachments_gone() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
	UPDATE attachments a SET owned = false FROM gone g
		WHERE g.blob IS NOT NULL AND a.channel = g.channel AND a.message = 0 AND a.id = g.blob;
	RETURN NULL;
END $$;
CREATE FUNCTION public.weir_expect(got bigint, want bigint, otherwise text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
	IF got <> want THEN
		RAISE EXCEPTION 'met % rows, not %', got, want USING ERRCODE = otherwise;
	END IF;
END $$;
CREATE FUNCTION public.weir_messages_gone() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
	DELETE FROM attachments a USING gone g WHERE g.connector = 0 AND a.channel = g.channel AND a.message = g.message;
	RETURN NULL;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.attachments (
    message bigint NOT NULL,
    size bigint NOT NULL,
    channel integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    sealed boolean NOT NULL,
    id bytea NOT NULL,
    type bytea NOT NULL,
    owned boolean,
    blob bytea,
    digest bytea,
    place text
);
CREATE TABLE public.channels (
    last_message bigint DEFAULT 0 NOT NULL,
    number integer NOT NULL,
    class smallint DEFAULT 0 NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    finished bigint DEFAULT 0 NOT NULL
);
ALTER TABLE public.channels ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.channels_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.chunks (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
PARTITION BY LIST (class);
CREATE TABLE public.chunks_0 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
PARTITION BY RANGE (day);
CREATE TABLE public.chunks_0_19700101 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.chunks_0_19700101 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.chunks_0_20240307 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.chunks_0_20240307 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.chunks_0_20240314 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.chunks_0_20240314 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.chunks_0_20261119 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.chunks_0_20261119 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.chunks_0_20261126 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    "position" integer NOT NULL,
    day integer NOT NULL,
    class smallint NOT NULL,
    id bytea NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.chunks_0_20261126 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.classes (
    number smallint NOT NULL,
    days integer NOT NULL,
    CONSTRAINT classes_days_check CHECK ((days > 0))
);
CREATE TABLE public.contents (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
PARTITION BY LIST (class);
CREATE TABLE public.contents_0 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
PARTITION BY RANGE (day);
CREATE TABLE public.contents_0_19700101 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.contents_0_19700101 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.contents_0_20240307 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.contents_0_20240307 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.contents_0_20240314 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.contents_0_20240314 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.contents_0_20261119 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.contents_0_20261119 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.contents_0_20261126 (
    message bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer NOT NULL,
    slot smallint NOT NULL,
    class smallint NOT NULL,
    body bytea NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.contents_0_20261126 ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.earlier (
    received bigint NOT NULL,
    filtered bigint NOT NULL,
    sent bigint NOT NULL,
    error bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.imports (
    message bigint NOT NULL,
    id bigint NOT NULL,
    channel integer NOT NULL,
    origin bytea NOT NULL
);
CREATE TABLE public.keys (
    message bigint NOT NULL,
    received timestamp with time zone NOT NULL,
    channel integer NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE public.messages (
    message bigint NOT NULL,
    message_received timestamp with time zone,
    original bigint,
    received timestamp with time zone,
    sent timestamp with time zone,
    answered timestamp with time zone,
    channel integer NOT NULL,
    connector integer NOT NULL,
    day integer,
    chain integer,
    "position" integer,
    attempts integer,
    class smallint,
    status smallint,
    flags smallint,
    processed boolean,
    name bytea,
    metadata bytea,
    watched smallint GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY[81, 69, 80])) THEN status
    ELSE NULL::smallint
END) STORED
)
WITH (fillfactor='65');
CREATE TABLE public.new_terms (
    channel integer NOT NULL,
    block integer NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.new_terms ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.periods (
    class smallint NOT NULL,
    first_day integer NOT NULL,
    end_day integer NOT NULL,
    CONSTRAINT periods_check CHECK ((end_day > first_day))
);
CREATE TABLE public.schema (
    number integer NOT NULL,
    name text NOT NULL,
    applied timestamp with time zone NOT NULL
);
CREATE TABLE public.statistics (
    received bigint NOT NULL,
    filtered bigint NOT NULL,
    sent bigint NOT NULL,
    error bigint NOT NULL,
    channel integer NOT NULL,
    connector integer NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.term_runs (
    first bigint NOT NULL,
    channel integer NOT NULL,
    block integer NOT NULL,
    place smallint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.term_runs ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.writer (
    committed bigint DEFAULT 0 NOT NULL,
    one boolean DEFAULT true NOT NULL,
    in_order boolean DEFAULT true NOT NULL,
    holder text DEFAULT ''::text NOT NULL,
    CONSTRAINT writer_one_check CHECK (one)
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.chunks ATTACH PARTITION public.chunks_0 FOR VALUES IN ('0');
ALTER TABLE ONLY public.chunks_0 ATTACH PARTITION public.chunks_0_19700101 FOR VALUES FROM (0) TO (7);
ALTER TABLE ONLY public.chunks_0 ATTACH PARTITION public.chunks_0_20240307 FOR VALUES FROM (19789) TO (19796);
ALTER TABLE ONLY public.chunks_0 ATTACH PARTITION public.chunks_0_20240314 FOR VALUES FROM (19796) TO (19803);
ALTER TABLE ONLY public.chunks_0 ATTACH PARTITION public.chunks_0_20261119 FOR VALUES FROM (20776) TO (20783);
ALTER TABLE ONLY public.chunks_0 ATTACH PARTITION public.chunks_0_20261126 FOR VALUES FROM (20783) TO (20790);
ALTER TABLE ONLY public.contents ATTACH PARTITION public.contents_0 FOR VALUES IN ('0');
ALTER TABLE ONLY public.contents_0 ATTACH PARTITION public.contents_0_19700101 FOR VALUES FROM (0) TO (7);
ALTER TABLE ONLY public.contents_0 ATTACH PARTITION public.contents_0_20240307 FOR VALUES FROM (19789) TO (19796);
ALTER TABLE ONLY public.contents_0 ATTACH PARTITION public.contents_0_20240314 FOR VALUES FROM (19796) TO (19803);
ALTER TABLE ONLY public.contents_0 ATTACH PARTITION public.contents_0_20261119 FOR VALUES FROM (20776) TO (20783);
ALTER TABLE ONLY public.contents_0 ATTACH PARTITION public.contents_0_20261126 FOR VALUES FROM (20783) TO (20790);
INSERT INTO public.attachments VALUES (3, 8, 1, 19795, 0, false, '\x6131', '\x746578742f706c61696e', NULL, NULL, NULL, NULL);
INSERT INTO public.attachments VALUES (4, 11, 1, 19796, 0, false, '\x6132', '\x746578742f706c61696e', NULL, '\x58454453574e4b47374f36594c3735564141555a475657414a56', NULL, NULL);
INSERT INTO public.attachments VALUES (0, 0, 1, 20782, 0, false, '\x58454453574e4b47374f36594c3735564141555a475657414a56', '\x', true, NULL, NULL, '');
INSERT INTO public.attachments VALUES (0, 0, 1, 20782, 0, false, '\x3350494649483359354c344d473546504e355a5841474f323257', '\x', false, NULL, NULL, '');
INSERT INTO public.channels OVERRIDING SYSTEM VALUE VALUES (6, 1, 0, 'bench', 'bench', 4);
INSERT INTO public.chunks_0_20240307 VALUES (3, 1, 0, 19795, 0, '\x6131', '\x006174746163686564');
INSERT INTO public.chunks_0_20261119 VALUES (0, 1, 0, 20782, 0, '\x58454453574e4b47374f36594c3735564141555a475657414a56', '\x0061206c61726765206f6e65');
INSERT INTO public.chunks_0_20261119 VALUES (0, 1, 0, 20782, 0, '\x3350494649483359354c344d473546504e355a5841474f323257', '\x0061206c6f6f7365206f6e65');
INSERT INTO public.classes VALUES (0, 7);
INSERT INTO public.contents_0_19700101 VALUES (6, 1, 0, 0, 0, 0, '\x000105484c3756320a6f6c6420787878787878');
INSERT INTO public.contents_0_19700101 VALUES (6, 1, 1, 0, 0, 0, '\x000405484c3756320a6f6c6420787878787878');
INSERT INTO public.contents_0_20240307 VALUES (1, 1, 0, 19793, 0, 0, '\x000105484c375632056f6c642078');
INSERT INTO public.contents_0_20240307 VALUES (1, 1, 1, 19793, 0, 0, '\x000405484c375632056f6c642078');
INSERT INTO public.contents_0_20240307 VALUES (2, 1, 0, 19794, 0, 0, '\x000105484c375632066f6c64207878');
INSERT INTO public.contents_0_20240307 VALUES (2, 1, 1, 19794, 0, 0, '\x000405484c375632066f6c64207878');
INSERT INTO public.contents_0_20240307 VALUES (3, 1, 0, 19795, 0, 0, '\x000105484c375632076f6c6420787878');
INSERT INTO public.contents_0_20240307 VALUES (3, 1, 1, 19795, 0, 0, '\x000405484c375632076f6c6420787878');
INSERT INTO public.contents_0_20240314 VALUES (4, 1, 0, 19796, 0, 0, '\x000105484c375632086f6c642078787878');
INSERT INTO public.contents_0_20240314 VALUES (4, 1, 1, 19796, 0, 0, '\x000405484c375632086f6c642078787878');
INSERT INTO public.contents_0_20240314 VALUES (5, 1, 0, 19797, 0, 0, '\x000105484c375632096f6c64207878787878');
INSERT INTO public.imports VALUES (2, 77, 1, '\x656c73657768657265');
INSERT INTO public.keys VALUES (1, '2024-03-11 12:00:00+00', 1, '\x8174099687a26621f4e2cdd7cc03b3da');
INSERT INTO public.keys VALUES (2, '2024-03-12 12:00:00+00', 1, '\xb10253764c8b233fb37542e23401c7b4');
INSERT INTO public.keys VALUES (3, '2024-03-13 12:00:00+00', 1, '\xf576104eebeab09651d83acffc77c8b8');
INSERT INTO public.keys VALUES (4, '2024-03-14 12:00:00+00', 1, '\xa4b3504c2769fce9547f6dda310dd8b0');
INSERT INTO public.keys VALUES (5, '2024-03-15 12:00:00+00', 1, '\x07e7394e0702340d9fd1d777fbbad280');
INSERT INTO public.keys VALUES (6, '0001-01-01 00:00:00+00', 1, '\x8dfad052fee5c62957d3ebe1752219a0');
INSERT INTO public.messages VALUES (1, NULL, NULL, '2026-11-25 02:54:42.825209+00', '2026-11-25 02:54:42.825209+00', '2026-11-25 02:54:42.825209+00', 1, 1, NULL, 1, 1, 3, NULL, 81, 0, NULL, '\x44657374696e6174696f6e2031', NULL, DEFAULT);
INSERT INTO public.messages VALUES (1, '2024-03-11 12:00:00+00', 0, '2026-11-25 02:54:42.825209+00', NULL, NULL, 1, 0, 19793, 0, 0, 0, 0, 84, 0, true, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.messages VALUES (2, NULL, NULL, '2026-11-25 02:54:42.900565+00', '2026-11-25 02:54:42.900565+00', '2026-11-25 02:54:42.900565+00', 1, 1, NULL, 1, 1, 1, NULL, 83, 0, NULL, '\x44657374696e6174696f6e2031', NULL, DEFAULT);
INSERT INTO public.messages VALUES (2, '2024-03-12 12:00:00+00', 0, '2026-11-25 02:54:42.900565+00', NULL, NULL, 1, 0, 19794, 0, 0, 0, 0, 84, 0, true, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.messages VALUES (3, NULL, NULL, '2026-11-25 02:54:42.910962+00', '2026-11-25 02:54:42.910962+00', '2026-11-25 02:54:42.910962+00', 1, 1, NULL, 1, 1, 1, NULL, 83, 0, NULL, '\x44657374696e6174696f6e2031', NULL, DEFAULT);
INSERT INTO public.messages VALUES (3, '2024-03-13 12:00:00+00', 0, '2026-11-25 02:54:42.910962+00', NULL, NULL, 1, 0, 19795, 0, 0, 0, 0, 84, 0, true, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.messages VALUES (4, NULL, NULL, '2026-11-25 02:54:42.927232+00', '2026-11-25 02:54:42.927232+00', '2026-11-25 02:54:42.927232+00', 1, 1, NULL, 1, 1, 1, NULL, 83, 0, NULL, '\x44657374696e6174696f6e2031', NULL, DEFAULT);
INSERT INTO public.messages VALUES (4, '2024-03-14 12:00:00+00', 0, '2026-11-25 02:54:42.927232+00', NULL, NULL, 1, 0, 19796, 0, 0, 0, 0, 84, 0, true, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.messages VALUES (5, '2024-03-15 12:00:00+00', 0, '2026-11-25 02:54:43.009169+00', NULL, NULL, 1, 0, 19797, 0, 0, 0, 0, 82, 0, false, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.messages VALUES (6, NULL, NULL, '2026-11-25 02:54:43.011464+00', '2026-11-25 02:54:43.011464+00', '2026-11-25 02:54:43.011464+00', 1, 1, NULL, 1, 1, 1, NULL, 83, 0, NULL, '\x44657374696e6174696f6e2031', NULL, DEFAULT);
INSERT INTO public.messages VALUES (6, NULL, 0, '2026-11-25 02:54:43.011464+00', NULL, NULL, 1, 0, 0, 0, 0, 0, 0, 84, 0, true, '\x536f75726365', NULL, DEFAULT);
INSERT INTO public.new_terms VALUES (1, 0, '\x0f72eae87d4d1fa50001');
INSERT INTO public.new_terms VALUES (1, 0, '\xd5b5964fb0a7c5820002');
INSERT INTO public.new_terms VALUES (1, 0, '\x03ddab04541971c00003');
INSERT INTO public.new_terms VALUES (1, 0, '\x0144c287d9cfea700004');
INSERT INTO public.new_terms VALUES (1, 0, '\xab560526e09a97150005');
INSERT INTO public.new_terms VALUES (1, 0, '\x06265f51beb6d8470006');
INSERT INTO public.periods VALUES (0, 20776, 20783);
INSERT INTO public.periods VALUES (0, 20783, 20790);
INSERT INTO public.periods VALUES (0, 19789, 19796);
INSERT INTO public.periods VALUES (0, 19796, 19803);
INSERT INTO public.periods VALUES (0, 0, 7);
INSERT INTO public.schema VALUES (1, 'messages', '2026-11-25 02:54:42.538254+00');
INSERT INTO public.schema VALUES (2, 'blobs', '2026-11-25 02:54:42.538254+00');
INSERT INTO public.schema VALUES (3, 'imports', '2026-11-25 02:54:42.538254+00');
INSERT INTO public.schema VALUES (4, 'term_runs', '2026-11-25 02:54:42.538254+00');
INSERT INTO public.schema VALUES (5, 'unfinished', '2026-11-25 02:54:42.538254+00');
INSERT INTO public.statistics VALUES (6, 0, 0, 0, 1, 0);
INSERT INTO public.statistics VALUES (5, 0, 5, 0, 1, 1);
INSERT INTO public.writer VALUES (16, true, false, 'JYJQQMACCDKCCNHR4DQ2J6FAG2');
SELECT pg_catalog.setval('public.channels_number_seq', 1, true);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (channel, message, id);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_id_key UNIQUE (id);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0
    ADD CONSTRAINT chunks_0_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0_19700101
    ADD CONSTRAINT chunks_0_19700101_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0_20240307
    ADD CONSTRAINT chunks_0_20240307_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0_20240314
    ADD CONSTRAINT chunks_0_20240314_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0_20261119
    ADD CONSTRAINT chunks_0_20261119_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.chunks_0_20261126
    ADD CONSTRAINT chunks_0_20261126_pkey PRIMARY KEY (channel, message, id, "position", class, day);
ALTER TABLE ONLY public.classes
    ADD CONSTRAINT classes_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.contents
    ADD CONSTRAINT contents_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0
    ADD CONSTRAINT contents_0_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0_19700101
    ADD CONSTRAINT contents_0_19700101_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0_20240307
    ADD CONSTRAINT contents_0_20240307_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0_20240314
    ADD CONSTRAINT contents_0_20240314_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0_20261119
    ADD CONSTRAINT contents_0_20261119_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.contents_0_20261126
    ADD CONSTRAINT contents_0_20261126_pkey PRIMARY KEY (channel, message, connector, slot, class, day);
ALTER TABLE ONLY public.earlier
    ADD CONSTRAINT earlier_pkey PRIMARY KEY (channel, connector);
ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (channel, message);
ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (channel, hash);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (channel, message, connector);
ALTER TABLE ONLY public.periods
    ADD CONSTRAINT periods_pkey PRIMARY KEY (class, first_day);
ALTER TABLE ONLY public.schema
    ADD CONSTRAINT schema_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.statistics
    ADD CONSTRAINT statistics_pkey PRIMARY KEY (channel, connector);
ALTER TABLE ONLY public.term_runs
    ADD CONSTRAINT term_runs_pkey PRIMARY KEY (channel, block, first, place);
ALTER TABLE ONLY public.writer
    ADD CONSTRAINT writer_pkey PRIMARY KEY (one);
CREATE INDEX attachments_loose ON public.attachments USING btree (channel, id) WHERE (NOT owned);
CREATE INDEX keys_received ON public.keys USING btree (channel, received);
CREATE INDEX messages_failed ON public.messages USING btree (channel, message) WHERE (watched = 69);
CREATE INDEX messages_pending ON public.messages USING btree (channel, message) WHERE (watched = 80);
CREATE INDEX messages_queued ON public.messages USING btree (channel, connector, message) WHERE (watched = 81);
CREATE INDEX new_terms_block ON public.new_terms USING btree (channel, block);
ALTER INDEX public.chunks_0_pkey ATTACH PARTITION public.chunks_0_19700101_pkey;
ALTER INDEX public.chunks_0_pkey ATTACH PARTITION public.chunks_0_20240307_pkey;
ALTER INDEX public.chunks_0_pkey ATTACH PARTITION public.chunks_0_20240314_pkey;
ALTER INDEX public.chunks_0_pkey ATTACH PARTITION public.chunks_0_20261119_pkey;
ALTER INDEX public.chunks_0_pkey ATTACH PARTITION public.chunks_0_20261126_pkey;
ALTER INDEX public.chunks_pkey ATTACH PARTITION public.chunks_0_pkey;
ALTER INDEX public.contents_0_pkey ATTACH PARTITION public.contents_0_19700101_pkey;
ALTER INDEX public.contents_0_pkey ATTACH PARTITION public.contents_0_20240307_pkey;
ALTER INDEX public.contents_0_pkey ATTACH PARTITION public.contents_0_20240314_pkey;
ALTER INDEX public.contents_0_pkey ATTACH PARTITION public.contents_0_20261119_pkey;
ALTER INDEX public.contents_0_pkey ATTACH PARTITION public.contents_0_20261126_pkey;
ALTER INDEX public.contents_pkey ATTACH PARTITION public.contents_0_pkey;
CREATE TRIGGER attachments_gone AFTER DELETE ON public.attachments REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.weir_attachments_gone();
CREATE TRIGGER messages_gone AFTER DELETE ON public.messages REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.weir_messages_gone();
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_class_fkey FOREIGN KEY (class) REFERENCES public.classes(number);
ALTER TABLE public.chunks
    ADD CONSTRAINT chunks_channel_message_id_fkey FOREIGN KEY (channel, message, id) REFERENCES public.attachments(channel, message, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.periods
    ADD CONSTRAINT periods_class_fkey FOREIGN KEY (class) REFERENCES public.classes(number);
