-- PostgreSQL, version 6: budgets of units of shared jobs, and what work chunks tell of their ids besides
-- what became of them.
ALTER TABLE cluster_job
	ADD COLUMN IF NOT EXISTS units bigint,          -- that it may spend in all; NULL: any
	ADD COLUMN IF NOT EXISTS units_granted bigint NOT NULL DEFAULT 0, -- of them: in nodes' hands or spent
	ADD COLUMN IF NOT EXISTS units_per_day bigint,  -- that it may spend on a Pacific day; NULL: any
	ADD COLUMN IF NOT EXISTS budget_day date,       -- the day that day_granted is of
	ADD COLUMN IF NOT EXISTS day_granted bigint NOT NULL DEFAULT 0;

-- 8 bytes for each id: when its uploads were walked (UTC seconds, 4 bytes), how many there are and how
-- the walk ended (db/cluster.h); zeros: nothing was told. NULL: of no id.
ALTER TABLE work_chunk ADD COLUMN IF NOT EXISTS facts bytea;

-- Units of a job's budget for a node: at least p_least where there are as many, and more where there
-- is plenty. What a lost answer granted stays granted: budgets are rather underspent. A node whose day
-- is over gets nothing of the next one's.
CREATE OR REPLACE FUNCTION tubeops_budget(p_job uuid, p_day date, p_least bigint, p_want bigint,
	OUT got bigint, OUT units_left bigint) LANGUAGE plpgsql AS $$
DECLARE
	j cluster_job;
	room bigint;
BEGIN
	got := 0;
	units_left := 0;
	SELECT * INTO j FROM cluster_job WHERE job = p_job FOR UPDATE;
	IF NOT FOUND OR j.ended THEN
		RETURN;
	END IF;
	IF p_day > j.budget_day THEN
		j.day_granted := 0;
	END IF;
	room := least(j.units - j.units_granted, CASE WHEN p_day < j.budget_day THEN 0
		ELSE j.units_per_day - j.day_granted END, 9223372036854775807);
	got := greatest(least(room, greatest(p_least, least(p_want, room / 8))), 0);
	units_left := CASE WHEN j.units IS NOT NULL THEN greatest(j.units - j.units_granted - got, 0) END;
	UPDATE cluster_job SET units_granted = units_granted + got,
		budget_day = greatest(j.budget_day, p_day), day_granted = j.day_granted + got
	WHERE job = p_job;
END;
$$;

-- A job whose budget is spent ends: chunks that nobody works at are done as they are, and those of which
-- nothing is done need not come home.
CREATE OR REPLACE FUNCTION tubeops_close(p_job uuid, p_slack interval) RETURNS void LANGUAGE sql AS $$
	UPDATE work_chunk w SET state = 2, lease_until = NULL,
		home_at = CASE WHEN w.n_left = w.n THEN clock_timestamp() END
	FROM cluster_job j
	WHERE w.job = p_job AND j.job = p_job AND j.units_granted >= j.units
		AND (w.state = 0 OR w.state = 1 AND w.lease_until < clock_timestamp() - p_slack)
		AND NOT EXISTS (SELECT 1 FROM work_chunk o WHERE o.job = p_job AND o.state = 1
			AND o.lease_until >= clock_timestamp() - p_slack)
$$;

-- As tubeops_mark, and 8 bytes of facts for each id.
CREATE OR REPLACE FUNCTION tubeops_mark(p_node uuid, p_chunk bigint, p_epoch int, p_at bytea, p_outcome bytea,
	p_units bigint, p_facts bytea) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	f bytea;
	at int;
BEGIN
	SELECT coalesce(facts, decode(repeat('00', 8 * n), 'hex')) INTO f FROM work_chunk
	WHERE id = p_chunk AND epoch = p_epoch AND state < 2 FOR UPDATE;
	IF NOT FOUND THEN
		RETURN FALSE;
	END IF;
	FOR i IN 0 .. length(p_outcome) - 1 LOOP
		at := get_byte(p_at, 2 * i) * 256 + get_byte(p_at, 2 * i + 1);
		CONTINUE WHEN 8 * at + 8 > length(f) OR 8 * i + 8 > length(p_facts);
		f := overlay(f PLACING substring(p_facts FROM 8 * i + 1 FOR 8) FROM 8 * at + 1);
	END LOOP;
	UPDATE work_chunk SET facts = f WHERE id = p_chunk;
	RETURN tubeops_mark(p_node, p_chunk, p_epoch, p_at, p_outcome, p_units);
END;
$$;
