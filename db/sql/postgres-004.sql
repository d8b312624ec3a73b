-- PostgreSQL, version 4: what the nodes of a cluster share. Times are the server's alone. Every change
-- is one statement or one function, so that a crash falls before or after it; each may be sent twice.

CREATE TABLE IF NOT EXISTS cluster_node (
	node uuid PRIMARY KEY,         -- a data folder
	boot uuid NOT NULL,            -- a process on it
	name varchar(64) NOT NULL,
	host varchar(255) NOT NULL,
	version varchar(32) NOT NULL,
	role varchar(12) NOT NULL,
	started_at timestamptz NOT NULL DEFAULT now(),
	seen_at timestamptz NOT NULL DEFAULT now(),
	stopped boolean NOT NULL DEFAULT FALSE,
	facts text NOT NULL DEFAULT '{}' -- rates and lags for screens, JSON
);

CREATE TABLE IF NOT EXISTS cluster_leader (
	one boolean PRIMARY KEY DEFAULT TRUE CHECK (one),
	cluster uuid NOT NULL DEFAULT gen_random_uuid(), -- names the cluster where several share a Redis
	node uuid,
	term bigint NOT NULL DEFAULT 0,
	until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO cluster_leader DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS cluster_key (       -- the same key is in the same pool on every node
	print varchar(64) PRIMARY KEY, -- fingerprint
	pool varchar(80) NOT NULL
);

CREATE TABLE IF NOT EXISTS cluster_job (
	job uuid PRIMARY KEY,
	home uuid NOT NULL,            -- the node that has its channels and cuts the chunks
	type varchar(50) NOT NULL,
	params text NOT NULL,
	want smallint NOT NULL DEFAULT 0,   -- 0 go on, 1 pause, 2 cancel
	wanted bigint NOT NULL DEFAULT 0,   -- grows with each change of want
	planned_to bytea,              -- the last key in a chunk; NULL: the walk begins
	planned bigint NOT NULL DEFAULT 0,
	is_planned boolean NOT NULL DEFAULT FALSE,
	ended boolean NOT NULL DEFAULT FALSE,
	created_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz
);
CREATE INDEX IF NOT EXISTS cluster_job_open ON cluster_job (created_at) WHERE NOT ended;

-- A row per node: nodes never wait for each other's.
CREATE TABLE IF NOT EXISTS cluster_count (
	job uuid NOT NULL REFERENCES cluster_job ON DELETE CASCADE,
	node uuid NOT NULL,
	done bigint NOT NULL DEFAULT 0,
	missing bigint NOT NULL DEFAULT 0,
	absent bigint NOT NULL DEFAULT 0,
	failed bigint NOT NULL DEFAULT 0,
	units bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (job, node)
);

CREATE TABLE IF NOT EXISTS work_chunk (
	id bigserial PRIMARY KEY,
	job uuid NOT NULL REFERENCES cluster_job ON DELETE CASCADE,
	seq int NOT NULL,
	n int NOT NULL,
	ids bytea NOT NULL,            -- 16 bytes each, in key order
	state smallint NOT NULL DEFAULT 0,  -- 0 ready, 1 leased, 2 done, 4 set aside
	epoch int NOT NULL DEFAULT 0,  -- the fencing token: one more with every claim
	owner uuid,
	lease_until timestamptz,
	lost smallint NOT NULL DEFAULT 0,   -- leases that ran out
	outcome bytea NOT NULL,        -- the done map, a byte for each id: 0 not done, 1 done, 2 missing, 3 absent, 4 failed
	n_left int NOT NULL,           -- zeros in it
	units_away int NOT NULL DEFAULT 0,  -- spent on it by others than the job's home
	published_at timestamptz,      -- when its pointer last entered the stream
	home_at timestamptz,           -- when the job's home had its results
	UNIQUE (job, seq)
) WITH (fillfactor = 60);
-- Neither holds a column that every renewal changes.
CREATE INDEX IF NOT EXISTS work_chunk_open ON work_chunk (job, id) WHERE state < 2;
CREATE INDEX IF NOT EXISTS work_chunk_aside ON work_chunk (job) WHERE state = 4;
CREATE INDEX IF NOT EXISTS work_chunk_away ON work_chunk (job, id) WHERE state = 2 AND home_at IS NULL;

CREATE TABLE IF NOT EXISTS quota_day (
	pool varchar(80) NOT NULL,
	bucket varchar(32) NOT NULL,
	day date NOT NULL,             -- Pacific
	granted bigint NOT NULL DEFAULT 0,
	exhausted_at timestamptz,      -- YouTube said so, whatever the book says
	PRIMARY KEY (pool, bucket, day)
);
CREATE TABLE IF NOT EXISTS quota_grant (
	grant_id uuid PRIMARY KEY,     -- made by the node: the same request twice is one grant
	pool varchar(80) NOT NULL,
	bucket varchar(32) NOT NULL,
	day date NOT NULL,
	node uuid NOT NULL,
	n bigint NOT NULL,             -- below zero: given back
	at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS quota_grant_day ON quota_grant (day, node);

-- A process takes up its node. False: another process lives on that node.
CREATE OR REPLACE FUNCTION tubeops_join(p_node uuid, p_boot uuid, p_name text, p_host text, p_version text,
	p_role text, p_patience interval) RETURNS boolean LANGUAGE sql AS $$
	WITH up AS (
		INSERT INTO cluster_node AS c (node, boot, name, host, version, role)
		VALUES (p_node, p_boot, p_name, p_host, p_version, p_role)
		ON CONFLICT (node) DO UPDATE SET boot = p_boot, name = p_name, host = p_host,
			version = p_version, role = p_role, stopped = FALSE, seen_at = clock_timestamp(),
			started_at = CASE WHEN c.boot = p_boot THEN c.started_at ELSE clock_timestamp() END
		WHERE c.boot = p_boot OR c.stopped OR c.seen_at < clock_timestamp() - p_patience
		RETURNING 1)
	SELECT count(*) > 0 FROM up
$$;

-- The advisory lock keeps two from asking at once, the lease outlives whoever holds it.
CREATE OR REPLACE FUNCTION tubeops_lead(p_node uuid, p_lease interval) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF NOT pg_try_advisory_xact_lock(8386654062926397556) THEN
		RETURN (SELECT node = p_node AND until > clock_timestamp() FROM cluster_leader);
	END IF;
	UPDATE cluster_leader SET term = term + (node IS DISTINCT FROM p_node)::int, node = p_node,
		until = clock_timestamp() + p_lease WHERE node = p_node OR until < clock_timestamp();
	RETURN FOUND;
END;
$$;

-- The next chunk of a job (p_chunk NULL), or this one. A lease that ran out counts as lost; at the
-- eighth the chunk is set aside for a person, for it may be what brings nodes down.
CREATE OR REPLACE FUNCTION tubeops_claim(p_node uuid, p_job uuid, p_chunk bigint, p_lease interval,
	p_slack interval) RETURNS SETOF work_chunk LANGUAGE plpgsql AS $$
DECLARE
	c work_chunk;
BEGIN
	LOOP
		SELECT w.* INTO c FROM work_chunk w JOIN cluster_job j ON j.job = w.job
		WHERE w.job = p_job AND (p_chunk IS NULL OR w.id = p_chunk) AND NOT j.ended AND j.want = 0
			AND (w.state = 0 OR w.state = 1 AND w.lease_until < clock_timestamp() - p_slack)
			AND w.state < 2
		ORDER BY w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED;
		IF NOT FOUND THEN
			RETURN;
		END IF;
		UPDATE work_chunk w SET state = CASE WHEN c.state = 1 AND c.lost >= 7 THEN 4 ELSE 1 END,
			lost = c.lost + c.state, epoch = c.epoch + 1, owner = p_node,
			lease_until = clock_timestamp() + p_lease
		WHERE w.id = c.id RETURNING w.* INTO c;
		IF c.state = 1 THEN
			RETURN NEXT c;
			RETURN;
		END IF;
	END LOOP;
END;
$$;

-- The chunks that are still this node's, with new leases.
CREATE OR REPLACE FUNCTION tubeops_renew(p_node uuid, p_chunks bigint[], p_epochs int[], p_lease interval)
	RETURNS SETOF bigint LANGUAGE sql AS $$
	UPDATE work_chunk w SET lease_until = clock_timestamp() + p_lease
	FROM unnest(p_chunks, p_epochs) AS mine (id, epoch)
	WHERE w.id = mine.id AND w.epoch = mine.epoch AND w.owner = p_node AND w.state = 1
	RETURNING w.id
$$;

-- Gives a chunk back; its epoch stays, so that what this owner still has to tell of it counts until
-- somebody claims it.
CREATE OR REPLACE FUNCTION tubeops_release(p_chunk bigint, p_epoch int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE work_chunk SET state = 0, owner = NULL, lease_until = NULL
	WHERE id = p_chunk AND epoch = p_epoch AND state = 1;
	RETURN FOUND;
END;
$$;

-- What became of some ids of a chunk, in the transaction that holds their rows. An old epoch changes
-- nothing; neither does telling it again. p_at: two bytes a position, p_outcome: a byte each.
CREATE OR REPLACE FUNCTION tubeops_mark(p_node uuid, p_chunk bigint, p_epoch int, p_at bytea, p_outcome bytea,
	p_units bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	c work_chunk;
	kinds bigint[] := '{0,0,0,0}';
	at int;
	kind int;
	fresh int := 0;
BEGIN
	SELECT w.* INTO c FROM work_chunk w WHERE w.id = p_chunk AND w.epoch = p_epoch AND w.state < 2
	FOR UPDATE;
	IF NOT FOUND THEN
		RETURN FALSE;
	END IF;
	FOR i IN 0 .. length(p_outcome) - 1 LOOP
		at := get_byte(p_at, 2 * i) * 256 + get_byte(p_at, 2 * i + 1);
		kind := get_byte(p_outcome, i);
		CONTINUE WHEN at >= c.n OR kind NOT BETWEEN 1 AND 4 OR get_byte(c.outcome, at) <> 0;
		c.outcome := set_byte(c.outcome, at, kind);
		kinds[kind] := kinds[kind] + 1;
		fresh := fresh + 1;
	END LOOP;
	IF fresh = 0 THEN
		RETURN TRUE;
	END IF;
	UPDATE work_chunk SET outcome = c.outcome, n_left = n_left - fresh,
		units_away = units_away + CASE WHEN p_node = (SELECT home FROM cluster_job WHERE job = c.job)
			THEN 0 ELSE p_units END,
		state = CASE WHEN n_left = fresh THEN 2 ELSE state END,
		lease_until = CASE WHEN n_left = fresh THEN NULL ELSE lease_until END WHERE id = p_chunk;
	INSERT INTO cluster_count AS n VALUES (c.job, p_node, kinds[1], kinds[2], kinds[3], kinds[4],
		p_units)
	ON CONFLICT (job, node) DO UPDATE SET done = n.done + excluded.done,
		missing = n.missing + excluded.missing, absent = n.absent + excluded.absent,
		failed = n.failed + excluded.failed, units = n.units + excluded.units;
	RETURN TRUE;
END;
$$;

-- The home of a job cuts its next chunk and moves its place in one step. p_seq keeps a second telling
-- of the same chunk from being another one.
CREATE OR REPLACE FUNCTION tubeops_plan(p_job uuid, p_seq int, p_ids bytea, p_to bytea) RETURNS boolean
	LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO work_chunk (job, seq, n, ids, outcome, n_left)
	VALUES (p_job, p_seq, length(p_ids) / 16, p_ids,
		decode(repeat('00', length(p_ids) / 16), 'hex'), length(p_ids) / 16)
	ON CONFLICT (job, seq) DO NOTHING;
	IF NOT FOUND THEN
		RETURN FALSE;
	END IF;
	UPDATE cluster_job SET planned_to = p_to, planned = planned + length(p_ids) / 16
	WHERE job = p_job;
	RETURN TRUE;
END;
$$;

-- Units for a node: what it has used without a grant is taken for granted (it is spent), of the rest
-- never more than there is below the limit, and not all of it while others live.
CREATE OR REPLACE FUNCTION tubeops_grant(p_grant uuid, p_node uuid, p_pool text, p_bucket text, p_day date,
	p_limit bigint, p_used bigint, p_want bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	q quota_day;
	got bigint;
	room bigint;
	nodes bigint;
BEGIN
	INSERT INTO quota_day VALUES (p_pool, p_bucket, p_day) ON CONFLICT DO NOTHING;
	SELECT * INTO q FROM quota_day WHERE pool = p_pool AND bucket = p_bucket AND day = p_day
	FOR UPDATE;
	SELECT n INTO got FROM quota_grant WHERE grant_id = p_grant;
	IF FOUND THEN
		RETURN got;
	END IF;
	SELECT greatest(count(*), 1) INTO nodes FROM cluster_node
	WHERE NOT stopped AND seen_at > clock_timestamp() - interval '1 minute';
	room := greatest(p_limit - q.granted - p_used, 0);
	IF q.exhausted_at IS NOT NULL THEN
		room := 0;
	END IF;
	got := p_used + least(p_want, greatest(least(room, 20), room / nodes));
	IF got > 0 THEN
		INSERT INTO quota_grant VALUES (p_grant, p_pool, p_bucket, p_day, p_node, got);
		UPDATE quota_day SET granted = granted + got
		WHERE pool = p_pool AND bucket = p_bucket AND day = p_day;
	END IF;
	RETURN got;
END;
$$;

-- Units that a node has not used and, by its own book on its disk, never will.
CREATE OR REPLACE FUNCTION tubeops_give_back(p_grant uuid, p_node uuid, p_pool text, p_bucket text, p_day date,
	p_n bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO quota_grant VALUES (p_grant, p_pool, p_bucket, p_day, p_node, -p_n)
	ON CONFLICT DO NOTHING;
	IF FOUND THEN
		UPDATE quota_day SET granted = granted - p_n
		WHERE pool = p_pool AND bucket = p_bucket AND day = p_day;
	END IF;
END;
$$;
