-- Quota book, version 3: what a cluster has granted to this node, of which `used` may be used.

ALTER TABLE bucket_day ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;
