-- From tubeops_edges_in into channel_discoveries: the latest sight wins, and a row that would not
-- change is not rewritten. What only the first sight can tell (already_exists) stays. A source that
-- is not in channels has no id: NOT NULL refuses the row loudly.
INSERT INTO channel_discoveries (source_channel_id, discovered_channel_id, discovery_method,
	service_name, confidence_score, already_exists, times_seen, first_seen, last_seen, created_at)
SELECT c.id, i.target, i.method, i.service, i.confidence, i.known, i.seen, i.first_seen,
	i.last_seen, i.first_seen
FROM tubeops_edges_in i LEFT JOIN channels c ON c.channel_id = i.source
ON CONFLICT (source_channel_id, discovered_channel_id, discovery_method) DO UPDATE SET
	service_name = excluded.service_name, confidence_score = excluded.confidence_score,
	times_seen = excluded.times_seen,
	first_seen = least(channel_discoveries.first_seen, excluded.first_seen),
	last_seen = excluded.last_seen
WHERE excluded.last_seen >= coalesce(channel_discoveries.last_seen, '-infinity')
	AND ((channel_discoveries.service_name, channel_discoveries.confidence_score,
		channel_discoveries.times_seen, channel_discoveries.last_seen)
	IS DISTINCT FROM (excluded.service_name, excluded.confidence_score, excluded.times_seen,
		excluded.last_seen)
	OR excluded.first_seen < channel_discoveries.first_seen);

-- Channels that discovery brought know from which one. Whichever comes later, the edge or the channel
-- (postgres-outcome.sql), finds the other.
UPDATE channels SET discovered_from = s.id
FROM tubeops_edges_in i JOIN channels s ON s.channel_id = i.source
WHERE channels.channel_id = i.target AND NOT i.known AND channels.source = 'discovery'
	AND channels.discovered_from IS NULL AND s.id <> channels.id;
