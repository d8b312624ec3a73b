-- PostgreSQL, version 5: what each node has used of each pool of units, for whoever looks at the whole
-- cluster. Nothing is decided by it: grants are quota_day's.
CREATE TABLE IF NOT EXISTS cluster_use (
	day date NOT NULL,             -- Pacific
	node uuid NOT NULL,
	pool varchar(80) NOT NULL,
	used bigint NOT NULL,          -- of the common bucket
	day_limit bigint NOT NULL,     -- as this node's settings have it
	PRIMARY KEY (day, node, pool)
);
