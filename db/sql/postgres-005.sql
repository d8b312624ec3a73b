-- PostgreSQL, version 5: what each node has used of each pool of units, for whoever looks at the whole
-- cluster (nothing is decided by it: grants are quota_day's); jobs that one node asks of another.
CREATE TABLE IF NOT EXISTS cluster_use (
	day date NOT NULL,             -- Pacific
	node uuid NOT NULL,
	pool varchar(80) NOT NULL,
	used bigint NOT NULL,          -- of the common bucket
	day_limit bigint NOT NULL,     -- as this node's settings have it
	PRIMARY KEY (day, node, pool)
);

-- Jobs that somebody at one node wants another one to start, because the channels are there.
CREATE TABLE IF NOT EXISTS cluster_ask (
	job uuid PRIMARY KEY,          -- made by who asks: the same request twice is one job
	node uuid NOT NULL,            -- that is to start it
	type varchar(50) NOT NULL,
	params text NOT NULL,
	who varchar(64) NOT NULL,
	asked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS cluster_ask_node ON cluster_ask (node, asked_at);
