/* The statements of db/staging*.c, one row each; included where STAGING_SQL is defined. */
STAGING_SQL(SQL_PART_BEGIN, "SAVEPOINT part")
STAGING_SQL(SQL_PART_KEEP, "RELEASE part")
STAGING_SQL(SQL_COUNTER_ADD, "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE "
                             "SET value = value + ?2")
STAGING_SQL(SQL_COUNTERS, "SELECT name, value FROM counter")
STAGING_SQL(SQL_COUNTER_GET, "SELECT value FROM counter WHERE name = ?1")

STAGING_SQL(SQL_RANK_ADD, "INSERT INTO channel_rank VALUES (?1, ?2) ON CONFLICT (prefix) DO UPDATE "
                          "SET n = n + ?2")
STAGING_SQL(SQL_RANK_GET, "SELECT n FROM channel_rank WHERE prefix = ?1")
STAGING_SQL(SQL_RANK_ROWS,
    "SELECT prefix, n FROM channel_rank WHERE prefix BETWEEN ?1 AND ?2 ORDER BY prefix")
STAGING_SQL(
    SQL_RANK_SUM, "SELECT coalesce(sum(n), 0) FROM channel_rank WHERE prefix BETWEEN ?1 AND ?2")
STAGING_SQL(SQL_RANK_COUNT, "SELECT count(*) FROM channel WHERE cid >= ?1 AND cid < ?2")
STAGING_SQL(SQL_RANK_AT, "SELECT cid FROM channel WHERE cid >= ?1 ORDER BY cid LIMIT 1 OFFSET ?2")
STAGING_SQL(SQL_RANK_MISSING, "SELECT EXISTS (SELECT 1 FROM channel) AND NOT EXISTS (SELECT 1 FROM "
                              "channel_rank)")

/* Feeds: parameters as in staging_feeds.c. */
#define FEED_DUE(column, op)                                                          \
	"(" column " = 0 OR (" column " = 2 AND NOT EXISTS (SELECT 1 FROM absence a " \
	"WHERE a.cid = c.cid AND a.op = " #op " AND a.last_day >= ?2)))"
#define FEED_BY_KEY(where) \
	"SELECT c.cid FROM channel c WHERE c.cid > ?1 AND " where " ORDER BY c.cid LIMIT ?3"
#define FEED_COUNTED(where) "SELECT count(*) FROM channel c WHERE " where
STAGING_SQL(SQL_FEED_METADATA, FEED_BY_KEY(FEED_DUE("metadata", 0)))
/* from the counters: 15 million rows need not be read */
STAGING_SQL(SQL_FEED_METADATA_COUNT,
    "SELECT (SELECT coalesce(sum(value), 0) FROM counter WHERE name IN ('metadata.pending', "
    "'metadata.absent'))"
    " - (SELECT count(*) FROM absence WHERE op = 0 AND days = 1 AND last_day >= ?2)")
/* ?4: of those with so many subscribers alone; 0: of all */
#define FEED_VIDEOS_OPEN "c.metadata = 1 AND " FEED_DUE("c.videos", 1)
#define FEED_VIDEOS_DUE                                                                \
	FEED_VIDEOS_OPEN " AND (?4 = 0 OR EXISTS (SELECT 1 FROM channel_meta s WHERE " \
	                 "s.cid = c.cid AND s.subscriber_count >= ?4))"
STAGING_SQL(SQL_FEED_VIDEOS, FEED_BY_KEY(FEED_VIDEOS_DUE))
STAGING_SQL(SQL_FEED_VIDEOS_COUNT, FEED_COUNTED(FEED_VIDEOS_DUE))
#define FEED_DISCOVERY_DUE                            \
	"c.metadata = 1 AND " FEED_DUE("c.discovery", \
	    2) " AND NOT EXISTS (SELECT 1 FROM found f WHERE f.cid = c.cid AND f.depth >= ?4)"
/* ?4 is 0: of the list of job ?5 */
#define FEED_DISCOVERY_OF(what, end)                                                     \
	"SELECT " what " FROM wanted w CROSS JOIN channel c ON c.cid = w.cid "           \
	"WHERE ?4 = 0 AND w.list = -?5 AND w.cid > ?1 AND c.metadata = 1 AND " FEED_DUE( \
	    "c.discovery", 2) " UNION ALL SELECT " what " FROM channel c "               \
	                      "WHERE ?4 > 0 AND c.cid > ?1 AND " FEED_DISCOVERY_DUE end
STAGING_SQL(SQL_FEED_DISCOVERY, FEED_DISCOVERY_OF("c.cid", " ORDER BY 1 LIMIT ?3"))
STAGING_SQL(
    SQL_FEED_DISCOVERY_COUNT, "SELECT sum(n) FROM (" FEED_DISCOVERY_OF("count(*) AS n", ")"))
/* what was fetched or missed long ago, and what was here and is now absent once: its second look */
#define FEED_REFRESH_META                                                                  \
	"SELECT m.cid AS cid, m.fetched_at AS t FROM channel_meta m "                      \
	"WHERE m.fetched_at < ?4 AND EXISTS (SELECT 1 FROM channel c WHERE c.cid = m.cid " \
	"AND c.metadata < 2)"
#define FEED_REFRESH_GONE                                                                     \
	"SELECT a.cid, a.last_day * 86400 FROM absence a WHERE a.op = 0 AND a.last_day < ?2 " \
	"AND CASE WHEN a.days >= 2 THEN a.last_day * 86400 < ?4 "                             \
	"ELSE EXISTS (SELECT 1 FROM channel_meta m WHERE m.cid = a.cid) END"
STAGING_SQL(SQL_FEED_REFRESH,
    FEED_REFRESH_META " AND (m.fetched_at, m.cid) > (?6, ?1) UNION ALL " FEED_REFRESH_GONE
                      " AND (a.last_day * 86400, a.cid) > (?6, ?1) ORDER BY 2, 1 LIMIT ?3")
STAGING_SQL(SQL_FEED_REFRESH_COUNT,
    "SELECT count(*) FROM (" FEED_REFRESH_META " UNION ALL " FEED_REFRESH_GONE ")")
STAGING_SQL(SQL_REFRESH_IS_DUE, "SELECT EXISTS (" FEED_REFRESH_META
                                " AND m.cid = ?1) OR EXISTS (" FEED_REFRESH_GONE " AND a.cid = ?1)")
#define FEED_COUNTS_DUE                                         \
	"v.counted_at < ?4 AND coalesce(v.absent_day, 0) < ?2 " \
	"AND coalesce(v.vain_day, 0) < ?2"
STAGING_SQL(SQL_FEED_COUNTS, "SELECT DISTINCT v.channel FROM video v WHERE v.channel > ?1 "
                             "AND " FEED_COUNTS_DUE " ORDER BY v.channel LIMIT ?3")
STAGING_SQL(
    SQL_FEED_COUNTS_COUNT, "SELECT count(DISTINCT v.channel) FROM video v WHERE " FEED_COUNTS_DUE)
/* ?7: after this number, of those of rank ?6; the index handle_due is in this order */
#define FEED_NAMES_RANK "-((h.wanted << 40) + h.mentions)"
#define FEED_NAMES_PART(where)                                                                 \
	"SELECT h.id, " FEED_NAMES_RANK " FROM handle h WHERE " where " AND (" FEED_NAMES_RANK \
	", h.id) > (?6, ?7)"
#define FEED_NAMES_AGAIN "h.state = 3 AND h.checked_at < ?4"
STAGING_SQL(SQL_FEED_NAMES, FEED_NAMES_PART("h.state = 0") " UNION ALL " FEED_NAMES_PART(
                                FEED_NAMES_AGAIN) " ORDER BY 2, 1 LIMIT ?3")
STAGING_SQL(SQL_FEED_NAMES_COUNT,
    "SELECT count(*) FROM handle h WHERE h.state = 0 OR (" FEED_NAMES_AGAIN ")")

/* ?4 is a list; CROSS JOIN: it leads, whatever the planner believes about the tables' sizes */
#define FEED_WANTED_DUE                                                                   \
	"wanted w CROSS JOIN channel c ON c.cid = w.cid WHERE w.list = ?4 AND " FEED_DUE( \
	    "c.metadata", 0)
STAGING_SQL(
    SQL_FEED_WANTED, "SELECT w.cid FROM " FEED_WANTED_DUE " AND w.cid > ?1 ORDER BY w.cid LIMIT ?3")
STAGING_SQL(SQL_FEED_WANTED_COUNT, "SELECT count(*) FROM " FEED_WANTED_DUE)

/* ?4 is 1: of the list of job ?5, see staging_wanted.h; 0: of all channels */
#define FEED_FETCH(what, end, due)                                                        \
	"SELECT " what " FROM wanted w CROSS JOIN channel c ON c.cid = w.cid "            \
	"WHERE ?4 = 1 AND w.list = -?5 AND w.cid > ?1 AND " due " UNION ALL SELECT " what \
	" FROM channel c WHERE ?4 = 0 AND c.cid > ?1 AND " due end
STAGING_SQL(
    SQL_FEED_FETCH_METADATA, FEED_FETCH("c.cid", " ORDER BY 1 LIMIT ?3", FEED_DUE("c.metadata", 0)))
STAGING_SQL(SQL_FEED_FETCH_METADATA_COUNT,
    "SELECT sum(n) FROM (" FEED_FETCH("count(*) AS n", ")", FEED_DUE("c.metadata", 0)))
STAGING_SQL(SQL_FEED_FETCH_VIDEOS, FEED_FETCH("c.cid", " ORDER BY 1 LIMIT ?3", FEED_VIDEOS_OPEN))
STAGING_SQL(SQL_FEED_FETCH_VIDEOS_COUNT,
    "SELECT sum(n) FROM (" FEED_FETCH("count(*) AS n", ")", FEED_VIDEOS_OPEN))

STAGING_SQL(SQL_VIDEO_PUT,
    "INSERT INTO video (channel, vid, title, description, published_at, duration, duration_s,"
    " category, tags, thumbnail_url, view_count, like_count, comment_count, live_state,"
    " default_language, audio_language, language, language_source, language_confidence,"
    " privacy_status, made_for_kids, fetched_at, counted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23) "
    "ON CONFLICT (channel, vid) DO UPDATE SET title = ?3, description = ?4, published_at = ?5,"
    " duration = ?6, duration_s = ?7, category = ?8, tags = ?9, thumbnail_url = ?10,"
    " view_count = ?11, like_count = ?12, comment_count = ?13, live_state = ?14,"
    " default_language = ?15, audio_language = ?16, language = ?17, language_source = ?18,"
    " language_confidence = ?19, privacy_status = ?20, made_for_kids = ?21, fetched_at = ?22,"
    " counted_at = ?23, absent_day = NULL, vain_day = NULL WHERE fetched_at <= ?22")
STAGING_SQL(SQL_VIDEO_COUNTS,
    "UPDATE video SET view_count = ?3, like_count = ?4, comment_count = ?5,"
    " counted_at = max(counted_at, ?6), absent_day = NULL, vain_day = NULL "
    "WHERE channel = ?1 AND vid = ?2")
STAGING_SQL(SQL_VIDEO_ABSENT, "UPDATE video SET absent_day = ?3 WHERE channel = ?1 AND vid = ?2")
STAGING_SQL(SQL_VIDEO_VAIN,
    "UPDATE video SET vain_day = ?3 WHERE channel = ?1 AND (?2 IS NULL OR vid = ?2)")
STAGING_SQL(SQL_UPLOAD_LIST_PUT,
    "INSERT INTO upload_list (cid, listed, truncated, empty, at) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (cid) DO UPDATE SET listed = ?2, truncated = ?3, empty = ?4, at = ?5")
#define STAGING_VIDEO_SQL(where)                                                                 \
	"SELECT channel, vid, title, description, published_at, duration, duration_s, category," \
	" tags, thumbnail_url, view_count, like_count, comment_count, live_state,"               \
	" default_language, audio_language, language, language_source, language_confidence,"     \
	" privacy_status, made_for_kids, fetched_at, counted_at, absent_day FROM video "         \
	"WHERE " where
STAGING_SQL(SQL_VIDEOS_OF, STAGING_VIDEO_SQL("channel = ?1 AND vid >= ?2 ORDER BY vid LIMIT ?3"))
STAGING_SQL(
    SQL_VIDEOS_EACH, STAGING_VIDEO_SQL("(channel, vid) > (?1, ?2) ORDER BY channel, vid LIMIT ?3"))
STAGING_SQL(SQL_VIDEOS_COUNT, "SELECT count(*) FROM video WHERE channel = ?1")
STAGING_SQL(SQL_VIDEOS_DUE, "SELECT v.vid FROM video v WHERE v.channel = ?1 AND v.vid >= ?5 "
                            "AND " FEED_COUNTS_DUE " ORDER BY v.vid LIMIT ?3")
STAGING_SQL(SQL_VIDEOS_TOLD, "SELECT video_count FROM channel_meta WHERE cid = ?1")
STAGING_SQL(SQL_VIDEOS_PRICE,
    "SELECT coalesce(sum((n + 49) / 50), 0), coalesce(sum(n), 0) FROM (SELECT"
    " min(coalesce(m.video_count, ?5), ?5) AS n FROM channel c LEFT JOIN channel_meta m ON"
    " m.cid = c.cid WHERE " FEED_VIDEOS_DUE " ORDER BY c.cid LIMIT ?3)")
STAGING_SQL(SQL_COUNTS_PRICE,
    "SELECT count(*), count(DISTINCT v.channel) FROM video v WHERE " FEED_COUNTS_DUE)

STAGING_SQL(SQL_STATE_METADATA, "SELECT metadata FROM channel WHERE cid = ?1")
STAGING_SQL(SQL_STATE_VIDEOS, "SELECT videos FROM channel WHERE cid = ?1")
STAGING_SQL(SQL_STATE_DISCOVERY, "SELECT discovery FROM channel WHERE cid = ?1")
STAGING_SQL(SQL_DONE_METADATA, "UPDATE channel SET metadata = 1 WHERE cid = ?1 AND metadata = 0")
STAGING_SQL(SQL_DONE_VIDEOS, "UPDATE channel SET videos = 1 WHERE cid = ?1 AND videos = 0")
STAGING_SQL(SQL_DONE_DISCOVERY, "UPDATE channel SET discovery = 1 WHERE cid = ?1 AND discovery = 0")
STAGING_SQL(SQL_REOPEN_METADATA, "UPDATE channel SET metadata = 0 WHERE metadata = 1")
STAGING_SQL(SQL_REOPEN_VIDEOS, "UPDATE channel SET videos = 0 WHERE videos = 1")
STAGING_SQL(SQL_REOPEN_DISCOVERY, "UPDATE channel SET discovery = 0 WHERE discovery = 1")
STAGING_SQL(SQL_SET_METADATA, "UPDATE channel SET metadata = ?2 WHERE cid = ?1")
STAGING_SQL(SQL_SET_VIDEOS, "UPDATE channel SET videos = ?2 WHERE cid = ?1")
STAGING_SQL(SQL_SET_DISCOVERY, "UPDATE channel SET discovery = ?2 WHERE cid = ?1")

STAGING_SQL(SQL_ABSENCE_GET, "SELECT days, job FROM absence WHERE cid = ?1 AND op = ?2")
STAGING_SQL(SQL_ABSENCE_PUT,
    "INSERT INTO absence (cid, op, first_day, last_day, job) VALUES (?1, ?2, ?3, ?3, ?4) "
    "ON CONFLICT (cid, op) DO UPDATE SET days = days + (last_day < ?3),"
    " last_day = max(last_day, ?3), job = ?4")
STAGING_SQL(SQL_ABSENCE_DROP, "DELETE FROM absence WHERE cid = ?1 AND op = ?2")

STAGING_SQL(SQL_SUMS_LOOK,
    "SELECT c.metadata, c.videos, m.fetched_at, m.subscriber_count FROM channel c "
    "LEFT JOIN channel_meta m ON m.cid = c.cid WHERE c.cid = ?1")
STAGING_SQL(SQL_SUMS_META, "SELECT 1 FROM channel_meta WHERE cid = ?1")
STAGING_SQL(
    SQL_SUMS_ADD, "INSERT INTO sums VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET n = n + ?3")
STAGING_SQL(SQL_SUMS_OF, "SELECT key, n FROM sums WHERE kind = ?1")
STAGING_SQL(SQL_SUMS_FETCHED,
    "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE key = ?1 - 1), 0) "
    "FROM sums WHERE kind = 1 AND key < ?1")
STAGING_SQL(SQL_PLAN_PUT, "INSERT INTO plan VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")
STAGING_SQL(SQL_PLAN, "SELECT name, value FROM plan")

STAGING_SQL(SQL_META_PUT,
    "INSERT INTO channel_meta (cid, title, description, custom_url, published_at, country,"
    " default_language, thumbnail_url, banner_url, subscriber_count, hidden_subscribers,"
    " video_count, view_count, privacy_status, made_for_kids, keywords, topics, language,"
    " language_source, language_confidence, etag, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) "
    "ON CONFLICT (cid) DO UPDATE SET title = ?2, description = ?3, custom_url = ?4,"
    " published_at = ?5, country = ?6, default_language = ?7, thumbnail_url = ?8,"
    " banner_url = ?9, subscriber_count = ?10, hidden_subscribers = ?11, video_count = ?12,"
    " view_count = ?13, privacy_status = ?14, made_for_kids = ?15, keywords = ?16, topics = ?17,"
    " language = ?18, language_source = ?19, language_confidence = ?20, etag = ?21,"
    " fetched_at = ?22 WHERE fetched_at <= ?22")

/* The same again, ?23 its id: a statement touches the indexes of the columns that it names. */
#define META_AGAIN(indexed)                                                                     \
	"UPDATE channel_meta SET description = ?3, published_at = ?5, default_language = ?7,"   \
	" thumbnail_url = ?8, banner_url = ?9, hidden_subscribers = ?11, privacy_status = ?14," \
	" made_for_kids = ?15, keywords = ?16, topics = ?17, language_source = ?19,"            \
	" language_confidence = ?20, etag = ?21, fetched_at = ?22" indexed                      \
	" WHERE id = ?23 AND fetched_at <= ?22"
STAGING_SQL(SQL_META_SAME, META_AGAIN(""))
STAGING_SQL(SQL_META_VIEWS, META_AGAIN(", video_count = ?12, view_count = ?13"))
STAGING_SQL(
    SQL_META_COUNTS, META_AGAIN(", video_count = ?12, view_count = ?13, subscriber_count = ?10"))
STAGING_SQL(SQL_META_OLD,
    "SELECT c.metadata, c.videos, m.fetched_at, m.subscriber_count, m.id, m.video_count,"
    " m.view_count, m.title, m.custom_url, m.country, m.language FROM channel c "
    "LEFT JOIN channel_meta m ON m.cid = c.cid WHERE c.cid = ?1")

STAGING_SQL(SQL_DEAD_PUT,
    "INSERT INTO dead_letter VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (cid, op) DO UPDATE "
    "SET reason = ?3, message = ?4, attempts = attempts + ?5, job = ?6, at = ?7")
STAGING_SQL(SQL_DEAD_DROP, "DELETE FROM dead_letter WHERE cid = ?1 AND op = ?2")
#define DEAD_WHERE                                                                              \
	" FROM dead_letter WHERE (?1 < 0 OR op = ?1) AND (?2 = 0 OR job = ?2) AND (?3 IS NULL " \
	"OR reason = ?3) AND (?4 IS NULL OR cid = ?4) "
STAGING_SQL(SQL_DEAD_PAGE, "SELECT cid, op" DEAD_WHERE "LIMIT ?5")
STAGING_SQL(SQL_DEAD_EACH, "SELECT cid, op, reason, message, attempts, job, at" DEAD_WHERE
                           "ORDER BY at DESC, cid LIMIT ?5")
STAGING_SQL(SQL_DEAD_REASONS, "SELECT op, reason, count(*)" DEAD_WHERE
                              "GROUP BY op, reason ORDER BY count(*) DESC, op, reason")

#define STAGING_CHANNEL_SQL(where)                                                               \
	"SELECT c.cid, o.source, c.title, t.description, o.created_at, c.metadata, c.videos,"    \
	" c.discovery, m.fetched_at, m.title, m.description, m.custom_url, m.published_at,"      \
	" m.country, m.default_language, m.thumbnail_url, m.banner_url, m.subscriber_count,"     \
	" m.hidden_subscribers, m.video_count, m.view_count, m.privacy_status, m.made_for_kids," \
	" m.keywords, m.topics, m.language, m.language_source, m.language_confidence, m.etag "   \
	"FROM channel c JOIN origin o ON o.id = c.origin LEFT JOIN channel_text t ON t.cid = "   \
	"c.cid "                                                                                 \
	"LEFT JOIN channel_meta m ON m.cid = c.cid WHERE " where
STAGING_SQL(SQL_CHANNELS_EACH, STAGING_CHANNEL_SQL("c.cid > ?1 ORDER BY c.cid LIMIT ?2"))
STAGING_SQL(SQL_CHANNELS_OF_ORIGIN,
    STAGING_CHANNEL_SQL("c.cid > ?1 AND c.origin = ?3 ORDER BY c.cid LIMIT ?2"))
STAGING_SQL(SQL_CHANNEL_GET, STAGING_CHANNEL_SQL("c.cid = ?1 LIMIT ?2"))
STAGING_SQL(SQL_META_TRAITS,
    "SELECT subscriber_count, keywords, topics, language FROM channel_meta WHERE cid = ?1")

STAGING_SQL(SQL_JOB_ADD,
    "INSERT INTO job (no, uuid, type, status, reason, params, total, created_ms, weight) VALUES "
    "(max(coalesce((SELECT max(no) FROM job), 1000), coalesce((SELECT value FROM counter WHERE "
    "name "
    "= 'job_no'), 0)) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
STAGING_SQL(SQL_JOB_STATUS, "SELECT status FROM job WHERE no = ?1")
STAGING_SQL(SQL_JOB_PUT,
    "UPDATE job SET status = ?2, reason = ?3, until = ?4, total = ?5, started_ms = ?6,"
    " completed_ms = ?7, worked_ms = ?8 WHERE no = ?1")
STAGING_SQL(SQL_JOB_COUNT,
    "UPDATE job SET processed = processed + ?2 + ?3 + ?4 + ?5, done = done + ?2,"
    " missing = missing + ?3, absent = absent + ?4, failed = failed + ?5, units = units + ?6,"
    " total = CASE WHEN total < 0 THEN total ELSE max(total, processed + ?2 + ?3 + ?4 + ?5) END,"
    " day_units = CASE WHEN day = ?7 THEN day_units ELSE 0 END + ?6, day = ?7 WHERE no = ?1")
STAGING_SQL(SQL_JOB_NUMBER_ADD,
    "INSERT INTO job_number VALUES (?1, ?2, ?3) ON CONFLICT (job, name) "
    "DO UPDATE SET value = value + ?3")
STAGING_SQL(SQL_JOB_NUMBERS, "SELECT name, value FROM job_number WHERE job = ?1 ORDER BY name")
#define STAGING_JOB_SQL                                                                          \
	"SELECT no, uuid, type, status, reason, until, params, total, processed, done, missing," \
	" absent, failed, units, created_ms, started_ms, completed_ms, worked_ms, weight, day,"  \
	" day_units FROM job "
STAGING_SQL(
    SQL_JOBS_EACH, STAGING_JOB_SQL "WHERE ?1 IS NULL OR status = ?1 ORDER BY no DESC LIMIT ?2")
STAGING_SQL(SQL_JOB_GET, STAGING_JOB_SQL "WHERE no = ?1")
STAGING_SQL(SQL_JOB_RESULT, "SELECT result FROM job WHERE no = ?1")
STAGING_SQL(SQL_JOB_RESULT_PUT, "UPDATE job SET result = ?2 WHERE no = ?1")
STAGING_SQL(SQL_JOB_FIND, "SELECT no FROM job WHERE uuid = ?1")
STAGING_SQL(SQL_JOBS_INTERRUPT_EVENTS,
    "INSERT INTO job_event (job, seq, at_ms, last_ms, kind, text) SELECT no, "
    "(SELECT coalesce(max(seq), 0) + 1 FROM job_event WHERE job = no), ?1, ?1, 'interrupted', "
    "'its process ended without stopping: found at the next start' "
    "FROM job WHERE status = 'running'")
STAGING_SQL(SQL_JOBS_INTERRUPT,
    "UPDATE job SET status = 'interrupted', reason = 'the process ended while it was at work' "
    "WHERE status = 'running'")

STAGING_SQL(SQL_OUTBOX_WALKING, "SELECT count(*) FROM outbox WHERE kind = 1 AND key IS NULL")
STAGING_SQL(SQL_OUTBOX_ADD, "INSERT INTO outbox (kind, num, key) VALUES (?1, ?2, ?3)")
STAGING_SQL(SQL_OUTBOX_MARKS, "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = 9 AND num = ?1)")
STAGING_SQL(SQL_OUTBOX_MARK, "SELECT num, key FROM outbox WHERE seq = ?1 AND kind = 9")
STAGING_SQL(SQL_OUTBOX_PAGE, "SELECT seq, kind, num, key FROM outbox ORDER BY seq LIMIT ?1")
STAGING_SQL(
    SQL_OUTBOX_DONE, "DELETE FROM outbox WHERE seq = ?1 OR (seq < ?1 AND kind NOT IN (1, 2))")
STAGING_SQL(SQL_OUTBOX_CLEAR, "DELETE FROM outbox WHERE kind <> 7")
STAGING_SQL(SQL_OUTBOX_ALL_JOBS,
    "INSERT INTO outbox (kind, num) SELECT 1, 0 UNION ALL SELECT 4, no FROM job")
STAGING_SQL(SQL_OUTBOX_WALKED, "UPDATE outbox SET key = ?2 WHERE seq = ?1")

STAGING_SQL(SQL_ORIGIN_ADD, "INSERT INTO origin (source, label, created_at) VALUES (?1, ?2, ?3)")
STAGING_SQL(
    SQL_ORIGIN_DONE, "UPDATE origin SET read = ?2, added = ?3, finished_at = ?4 WHERE id = ?1")
STAGING_SQL(SQL_UNRESOLVED_PUT,
    "INSERT INTO unresolved (kind, name, title, origin, line) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT DO NOTHING")

STAGING_SQL(SQL_SCHEDULES,
    "SELECT name, type, params, rule, n, enabled, own, next_at, last_at, note "
    "FROM schedule ORDER BY name")
STAGING_SQL(SQL_SCHEDULE_ADD,
    "INSERT INTO schedule (name, type, params, rule, n) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT DO NOTHING")
STAGING_SQL(SQL_SCHEDULE_ENABLE, "UPDATE schedule SET enabled = ?2, next_at = 0 WHERE name = ?1")
STAGING_SQL(SQL_SCHEDULE_SET,
    "UPDATE schedule SET next_at = ?2, note = CASE WHEN ?3 THEN ?4 ELSE note END,"
    " last_at = CASE WHEN ?3 THEN ?3 ELSE last_at END WHERE name = ?1")
STAGING_SQL(SQL_SCHEDULE_REMOVE, "DELETE FROM schedule WHERE name = ?1")

STAGING_SQL(SQL_WANTED_OPEN, "INSERT INTO wanted_list (name, made_at) VALUES (?1, ?2) "
                             "ON CONFLICT (name) DO UPDATE SET made_at = ?2 RETURNING id")
STAGING_SQL(SQL_WANTED_GIVE, "INSERT OR IGNORE INTO wanted (list, cid) VALUES (-?1, ?2)")
STAGING_SQL(SQL_WANTED_CLEAR,
    "DELETE FROM wanted WHERE (list, cid) IN (SELECT list, cid FROM wanted "
    "WHERE list = (SELECT id FROM wanted_list WHERE name = ?1) ORDER BY cid LIMIT ?2)")
STAGING_SQL(SQL_WANTED_DROP, "DELETE FROM wanted_list WHERE name = ?1")

STAGING_SQL(SQL_CHANNEL_BY_NAME,
    "SELECT cid FROM handle WHERE kind = ?1 AND name = ?2 AND state = 1 UNION ALL "
    "SELECT cid FROM (SELECT cid FROM channel_meta WHERE ?1 = 'handle' AND "
    "custom_url = '@' || ?2 COLLATE NOCASE ORDER BY fetched_at DESC LIMIT 1) LIMIT 1")
/* Discovery: edges, found channels, rules, terms; names. */
STAGING_SQL(SQL_CHANNEL_HAS, "SELECT 1 FROM channel WHERE cid = ?1")
STAGING_SQL(SQL_EDGE_ADD,
    "INSERT OR IGNORE INTO edge (source, target, method, service, confidence, seen, known,"
    " first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
STAGING_SQL(SQL_EDGE_AGAIN,
    "UPDATE edge SET service = ?4, confidence = max(confidence, ?5), seen = seen + ?6,"
    " first_seen = min(first_seen, ?8), last_seen = max(last_seen, ?9) "
    "WHERE source = ?1 AND target = ?2 AND method = ?3")
#define EDGE_COLUMNS                                                                   \
	"SELECT source, target, method, service, confidence, seen, known, first_seen," \
	" last_seen FROM edge "
STAGING_SQL(SQL_EDGES_FROM, EDGE_COLUMNS "WHERE source = ?1 ORDER BY target, method")
STAGING_SQL(SQL_EDGES_TO, EDGE_COLUMNS "WHERE target = ?1 ORDER BY source, method")
STAGING_SQL(SQL_EDGES_EACH, EDGE_COLUMNS "WHERE source > ?1 ORDER BY source, target, method")
STAGING_SQL(SQL_EDGE_GET, EDGE_COLUMNS "WHERE source = ?1 AND target = ?2 AND method = ?3")
STAGING_SQL(SQL_EDGE_HAS, "SELECT 1 FROM edge WHERE source = ?1 AND target = ?2 LIMIT 1")
STAGING_SQL(SQL_EDGES_DEGREE, "SELECT count(DISTINCT target) FROM edge WHERE source = ?1")
STAGING_SQL(
    SQL_CHANNEL_ADD, "INSERT OR IGNORE INTO channel (cid, title, origin) VALUES (?1, ?2, ?3)")
STAGING_SQL(SQL_CHANNEL_FOUND,
    "INSERT OR IGNORE INTO channel (cid, title, origin, metadata) VALUES (?1, ?2, ?3, ?4)")
STAGING_SQL(SQL_FOUND_PUT, "INSERT OR IGNORE INTO found (cid, source, depth, job) "
                           "VALUES (?1, ?2, ?3, ?4)")
STAGING_SQL(
    SQL_FOUND_NEARER, "UPDATE found SET source = ?2, depth = ?3 WHERE cid = ?1 AND depth > ?3")
STAGING_SQL(SQL_FOUND_DEPTH, "SELECT depth FROM found WHERE cid = ?1")
STAGING_SQL(SQL_ORIGIN_FIND, "SELECT id FROM origin WHERE source = ?1 AND label = ?2")
STAGING_SQL(SQL_RULE_PUT, "INSERT OR REPLACE INTO discovery_rule (job, cid, allow) "
                          "VALUES (?1, ?2, ?3)")
STAGING_SQL(SQL_RULE_GET, "SELECT allow FROM discovery_rule WHERE job = ?1 AND cid = ?2")
STAGING_SQL(SQL_RULES_HAVE, "SELECT 1 FROM discovery_rule WHERE job = ?1 AND allow = ?2 LIMIT 1")
STAGING_SQL(SQL_MENTIONED_VIDEO_PUT,
    "INSERT OR REPLACE INTO mentioned_video (vid, channel, at) VALUES (?1, ?2, ?3)")
STAGING_SQL(SQL_MENTIONED_VIDEO_GET, "SELECT channel, at FROM mentioned_video WHERE vid = ?1")
STAGING_SQL(SQL_VIDEO_TEXTS, "SELECT title, description FROM video WHERE channel = ?1 "
                             "ORDER BY published_at DESC LIMIT ?2")
STAGING_SQL(SQL_TERM_CHANNEL_ADD, "INSERT OR IGNORE INTO term_channel (term, cid) VALUES (?1, ?2)")
STAGING_SQL(SQL_TERM_ADD, "INSERT INTO term (id, channels) VALUES (?1, ?2) "
                          "ON CONFLICT (id) DO UPDATE SET channels = channels + ?2")
STAGING_SQL(SQL_TERM_COUNT, "SELECT channels FROM term WHERE id = ?1")
STAGING_SQL(SQL_TERM_CHANNELS, "SELECT cid FROM term_channel WHERE term = ?1 LIMIT ?2")
STAGING_SQL(SQL_HANDLE_GET,
    "SELECT state, cid, mentions, checked_at FROM handle WHERE kind = ?1 AND name = ?2")
STAGING_SQL(SQL_HANDLE_BY_URL,
    "SELECT cid, fetched_at FROM channel_meta WHERE custom_url = ?1 COLLATE NOCASE LIMIT 1")
STAGING_SQL(SQL_HANDLE_PUT,
    "INSERT INTO handle (kind, name, state, cid, mentions, checked_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind, name) DO UPDATE SET "
    "mentions = mentions + ?5, checked_at = max(checked_at, ?6), "
    "state = CASE ?3 WHEN 0 THEN state ELSE ?3 END, cid = CASE ?3 WHEN 0 THEN cid ELSE ?4 END")
STAGING_SQL(
    SQL_UNRESOLVED_GET, "SELECT title, origin FROM unresolved WHERE kind = ?1 AND name = ?2")
STAGING_SQL(SQL_UNRESOLVED_DROP, "DELETE FROM unresolved WHERE kind = ?1 AND name = ?2")

STAGING_SQL(SQL_TARGET_NOTE_PUT, "INSERT INTO target_note VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
                                 "(cid, what) DO UPDATE SET state = ?3, at = ?4 WHERE at <= ?4")
STAGING_SQL(
    SQL_TARGET_NOTE_AT, "SELECT at FROM target_note WHERE cid = ?1 AND what = ?2 AND state = ?3")
STAGING_SQL(SQL_TARGET_NOTE_DROP, "DELETE FROM target_note WHERE cid = ?1 AND what = ?2")
STAGING_SQL(SQL_SIGHTING_ADD, "INSERT OR IGNORE INTO sighting VALUES (?1, ?2, ?3)")
STAGING_SQL(
    SQL_SIGHTING_AGAIN, "UPDATE sighting SET at = max(at, ?3) WHERE target = ?1 AND source = ?2")
STAGING_SQL(SQL_SIGHTINGS_COUNT, "SELECT count(*) FROM sighting WHERE target = ?1")
STAGING_SQL(SQL_SIGHTINGS_OF, "SELECT source, at FROM sighting WHERE target = ?1 ORDER BY source")
STAGING_SQL(SQL_SIGHTINGS_PRUNE, "DELETE FROM sighting WHERE at < ?1")
STAGING_SQL(SQL_ERASED_GET, "SELECT 1 FROM erased WHERE cid = ?1")

/* Names that imports wait for. */
STAGING_SQL(SQL_NAMES_PAGE, "SELECT kind, name FROM unresolved WHERE (kind, name) > (?1, ?2) "
                            "ORDER BY kind, name LIMIT ?3")
STAGING_SQL(
    SQL_NAMES_RENAME, "UPDATE OR IGNORE unresolved SET name = ?3 WHERE kind = ?1 AND name = ?2")
STAGING_SQL(SQL_NAMES_REASON, "UPDATE unresolved SET reason = ?3 WHERE kind = ?1 AND name = ?2")
STAGING_SQL(SQL_NAMES_WANT, "INSERT INTO handle (kind, name, state, mentions, checked_at, wanted) "
                            "VALUES (?1, ?2, 0, 0, 0, 1) "
                            "ON CONFLICT (kind, name) DO UPDATE SET wanted = 1")
STAGING_SQL(SQL_NAMES_WAITING,
    "SELECT max(0, (SELECT count(*) FROM unresolved WHERE reason IS NULL)"
    " - (SELECT count(*) FROM handle WHERE state IN (0, 4) AND wanted > 0))"
    " + (SELECT count(*) FROM handle WHERE state = 4)")
STAGING_SQL(SQL_NAMES_RETRY, "UPDATE handle SET state = 0 WHERE state = 4")
STAGING_SQL(SQL_NAMES_FAILED, "UPDATE handle SET state = 4 WHERE id = ?1")
STAGING_SQL(SQL_NAMES_GET, "SELECT kind, name FROM handle WHERE id = ?1")
STAGING_SQL(SQL_NAMES_ANY, "SELECT EXISTS (SELECT 1 FROM unresolved) OR "
                           "EXISTS (SELECT 1 FROM handle WHERE state = 0)")
STAGING_SQL(SQL_NAMES_IS_WANTED,
    "SELECT 1 FROM unresolved WHERE kind = ?1 AND name = ?2 UNION ALL "
    "SELECT 1 FROM handle WHERE kind = ?1 AND name = ?3 AND state IN (0, 3, 4) LIMIT 1")

/* Jobs of long ago. */
STAGING_SQL(SQL_JOBS_FORGET, "DELETE FROM job WHERE status IN ('completed', 'failed', 'cancelled') "
                             "AND completed_ms < ?1 AND no < (SELECT max(no) FROM job)")
STAGING_SQL(SQL_JOB_FORGET,
    "DELETE FROM job WHERE no = ?1 AND status IN ('completed', 'failed', 'cancelled')")
STAGING_SQL(SQL_JOB_NO_KEEP, "INSERT INTO counter VALUES ('job_no', ?1) ON CONFLICT (name) DO "
                             "UPDATE SET value = max(value, ?1)")
STAGING_SQL(SQL_JOB_WEIGH, "UPDATE job SET weight = ?2 WHERE no = ?1")
STAGING_SQL(SQL_JOBS_FORGET_NUMBERS, "DELETE FROM job_number WHERE job NOT IN (SELECT no FROM job)")
STAGING_SQL(SQL_JOBS_FORGET_WANTED,
    "DELETE FROM wanted WHERE list < 0 AND -list NOT IN (SELECT no FROM job)")
STAGING_SQL(
    SQL_JOBS_FORGET_RULES, "DELETE FROM discovery_rule WHERE job NOT IN (SELECT no FROM job)")
STAGING_SQL(SQL_JOBS_FORGET_EVENTS, "DELETE FROM job_event WHERE job NOT IN (SELECT no FROM job)")
STAGING_SQL(SQL_JOBS_FORGET_ERRORS, "DELETE FROM job_error WHERE job NOT IN (SELECT no FROM job)")

/* What happened to jobs. */
STAGING_SQL(SQL_JOB_EVENT_FOLD,
    "UPDATE job_event SET n = n + ?6, last_ms = ?5 WHERE job = ?1 AND seq = "
    "(SELECT max(seq) FROM job_event WHERE job = ?1 AND kind = ?2) "
    "AND text = ?3 AND last_ms >= ?4")
STAGING_SQL(
    SQL_JOB_EVENT_LARGER, "SELECT 1 FROM job_event WHERE job = ?1 AND kind = ?2 AND n >= ?3")
STAGING_SQL(SQL_JOB_EVENT_DROP_KIND, "DELETE FROM job_event WHERE job = ?1 AND kind = ?2")
STAGING_SQL(SQL_JOB_EVENT_ADD,
    "INSERT INTO job_event (job, seq, at_ms, last_ms, n, kind, text, who) VALUES (?1, "
    "(SELECT coalesce(max(seq), 0) + 1 FROM job_event WHERE job = ?1), ?2, ?3, ?4, ?5, ?6, ?7)")
STAGING_SQL(SQL_JOB_EVENT_TRIM,
    "DELETE FROM job_event WHERE job = ?1 AND seq <= "
    "(SELECT seq FROM job_event WHERE job = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)")
STAGING_SQL(SQL_JOB_EVENTS,
    "SELECT at_ms, last_ms, n, kind, text, who FROM job_event WHERE job = ?1 ORDER BY seq")
STAGING_SQL(SQL_JOB_ERROR_ADD,
    "INSERT INTO job_error (job, reason, seen, retried, recovered, last_ms) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (job, reason) DO UPDATE SET seen = seen + ?3, "
    "retried = retried + ?4, recovered = recovered + ?5, last_ms = max(last_ms, ?6)")
STAGING_SQL(SQL_JOB_ERRORS, "SELECT reason, seen, retried, recovered, last_ms FROM job_error "
                            "WHERE job = ?1 ORDER BY seen DESC, reason")

/* Sums of discovery; hour 0: all time. */
STAGING_SQL(SQL_NUMBER_ADD, "INSERT INTO discovery_number (hour, name, value) VALUES (?1, ?2, ?3) "
                            "ON CONFLICT (hour, name) DO UPDATE SET value = value + ?3")
STAGING_SQL(SQL_NUMBERS_TRIM, "DELETE FROM discovery_number WHERE hour > 0 AND hour < ?1")
STAGING_SQL(SQL_NUMBERS_ALL, "SELECT hour, name, value FROM discovery_number WHERE hour = 0")
STAGING_SQL(SQL_NUMBERS_HOURS,
    "SELECT hour, name, value FROM discovery_number WHERE hour >= ?1 AND hour > 0 ORDER BY hour")
