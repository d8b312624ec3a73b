/*
 * settings - every setting of the program in one table: name, type, default, range, help. The
 * parser, help texts and doctor print from it. Values come from the
 * default, the .env file, the environment and flags, in rising order; each knows where it came
 * from. Filled once at start by one thread, read-only afterwards. The only place that reads the
 * environment. A name with # stands for a family numbered from 1 (YOUTUBE_API_KEY_#).
 */
#ifndef TUBEOPS_BASE_SETTINGS_H
#define TUBEOPS_BASE_SETTINGS_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#include <stddef.h>
#include <stdint.h>

/* id, name, other name it also answers to, type, default, least, most, help */
#define SETTING_LIST(X)                                                                            \
	X(SET_DATABASE_URL, "DATABASE_URL", NULL, SECRET_TEXT, "", 0, 0,                           \
	    "PostgreSQL to sync to, as postgresql://user:password@host:port/name; empty: none")    \
	X(SET_REDIS_URL, "REDIS_URL", NULL, SECRET_TEXT, "", 0, 0,                                 \
	    "Redis for several machines, as redis://user:password@host:port/number, or rediss:// " \
	    "for TLS; empty: none")                                                                \
	X(SET_UPSTASH_REDIS_URL, "UPSTASH_REDIS_URL", "UPSTASH_REDIS_REST_URL", SECRET_TEXT, "",   \
	    0, 0,                                                                                  \
	    "Upstash's https:// address; with its token it is preferred to REDIS_URL; its "        \
	    "rediss:// address serves as well")                                                    \
	X(SET_UPSTASH_REDIS_REST_TOKEN, "UPSTASH_REDIS_REST_TOKEN", NULL, SECRET_TEXT, "", 0, 0,   \
	    "Upstash's token; may stand in the address instead, as https://:token@host")           \
	X(SET_REDIS_CA, "REDIS_CA", NULL, TEXT, "", 0, 0,                                          \
	    "file with certificates (PEM) of CAs that Redis' certificate may come from besides "   \
	    "the system's; empty: none")                                                           \
	X(SET_API_KEY, "YOUTUBE_API_KEY_#", NULL, SECRET_TEXT, "", 0, 0,                           \
	    "YouTube Data API keys, numbered from 1")                                              \
	X(SET_API_KEY_QUOTA, "YOUTUBE_API_KEY_#_QUOTA", NULL, NUMBER, "10000", 1, 1000000000,      \
	    "units a day of the key's project")                                                    \
	X(SET_API_KEY_PROJECT, "YOUTUBE_API_KEY_#_PROJECT", NULL, TEXT, "", 0, 0,                  \
	    "project of the key; keys of one project share its units; empty: one of its own")      \
	X(SET_YOUTUBE_API_BASE, "YOUTUBE_API_BASE", NULL, TEXT, "https://youtube.googleapis.com",  \
	    0, 0, "where the YouTube Data API is; plain http only on this machine")                \
	X(SET_BATCH_SIZE, "DEFAULT_BATCH_SIZE", NULL, NUMBER, "1000", 1, 100000,                   \
	    "channels that a job takes from the backlog at a time")                                \
	X(SET_MAX_VIDEOS, "MAX_VIDEOS_PER_CHANNEL", NULL, NUMBER, "25", 1, 20000,                  \
	    "newest videos fetched per channel")                                                   \
	X(SET_RATE_DELAY, "API_RATE_LIMIT_DELAY", NULL, DECIMAL, "0.1", 0, 60,                     \
	    "least seconds between two calls with one key")                                        \
	X(SET_SECRET_KEY, "SECRET_KEY", NULL, SECRET_TEXT, "", 0, 0,                               \
	    "accepted for the original's sake; nothing here signs sessions")                       \
	X(SET_ENVIRONMENT, "ENVIRONMENT", NULL, TEXT, "development", 0, 0,                         \
	    "name of this installation, only reported")                                            \
	X(SET_WORKERS, "WORKER_CONCURRENCY", "CELERY_CONCURRENCY", NUMBER, "8", 1, 256,            \
	    "worker threads that call the API")                                                    \
	X(SET_WORKER_MEMORY, "CELERY_WORKER_MAX_MEMORY_PER_CHILD", NULL, NUMBER, "0", 0,           \
	    1073741824, "KiB that a worker may hold after a chunk before it begins anew; 0: any")  \
	X(SET_WORKER_TASKS, "CELERY_WORKER_MAX_TASKS_PER_CHILD", NULL, NUMBER, "0", 0, 1000000000, \
	    "chunks after which a worker begins anew; 0: never")                                   \
	X(SET_WORKER_STUCK, "WORKER_STUCK_AFTER", NULL, NUMBER, "300", 1, 86400,                   \
	    "seconds without any progress after which a worker is replaced")                       \
	X(SET_API_TOKEN, "API_TOKEN", NULL, SECRET_TEXT, "", 0, 0,                                 \
	    "bearer token that REST callers must send; needed to listen beyond this machine")      \
	X(SET_API_TOKEN_READ, "API_TOKEN_READ", NULL, SECRET_TEXT, "", 0, 0,                       \
	    "bearer token of REST callers who may look and change nothing")                        \
	X(SET_TLS_CERT, "TLS_CERT_FILE", "TLS_CERT", TEXT, "", 0, 0,                               \
	    "PEM file with the REST server's certificate; with TLS_KEY_FILE it talks HTTPS alone") \
	X(SET_TLS_KEY, "TLS_KEY_FILE", "TLS_KEY", TEXT, "", 0, 0,                                  \
	    "PEM file with the key of TLS_CERT_FILE, without a password")                          \
	X(SET_REST_CONNECTIONS, "REST_CONNECTIONS", NULL, NUMBER, "1024", 8, 65536,                \
	    "connections that the REST server holds; three quarters of them may be event streams") \
	X(SET_REST_PER_ADDRESS, "REST_PER_ADDRESS", NULL, NUMBER, "128", 1, 65536,                 \
	    "connections that one address may have")                                               \
	X(SET_REST_RATE, "REST_RATE", NULL, NUMBER, "200", 0, 1000000,                             \
	    "requests a second that one address may send, 0: any; on this machine only when set")  \
	X(SET_REST_TIMEOUT, "REST_TIMEOUT", NULL, NUMBER, "30", 1, 3600,                           \
	    "seconds that a REST client may take for its headers, or make no progress for")        \
	X(SET_LISTEN, "LISTEN", NULL, TEXT, "127.0.0.1:5000", 0, 0,                                \
	    "address and port of the REST server")                                                 \
	X(SET_REST_BULK, "REST_BULK_LIMIT", NULL, NUMBER, "1024", 1, 1048576,                      \
	    "MiB that the body of a bulk upload over REST may have")                               \
	X(SET_IMPORT_ROOT, "IMPORT_ROOT", NULL, TEXT, "", 0, 0,                                    \
	    "folder below which REST callers may name files to import; empty: none")               \
	X(SET_IMPORT_MEMORY, "IMPORT_MEMORY", NULL, NUMBER, "192", 16, 65536,                      \
	    "MiB that an import may use for sorting")                                              \
	X(SET_IMPORT_PASSWORD, "IMPORT_PASSWORD", "MYSQL_PWD", SECRET_TEXT, "", 0, 0,              \
	    "password of the database to import from, for URLs that hold none")                    \
	X(SET_MIGRATE_HOSTS, "MIGRATE_HOSTS", NULL, TEXT, "", 0, 0,                                \
	    "database hosts that REST callers may import from, as HOST or HOST:PORT with commas "  \
	    "between; empty: none")                                                                \
	X(SET_CLUSTER, "CLUSTER", NULL, FLAG, "0", 0, 1,                                           \
	    "share one backlog with other nodes (not used by this version yet)")                   \
	X(SET_DISCOVERY_PROVIDERS, "DISCOVERY_PROVIDERS", NULL, TEXT, "", 0, 0,                    \
	    "files that describe external services for discovery, separated by commas; empty: "    \
	    "none is asked")                                                                       \
	X(SET_PROVIDER_KEY, "PROVIDER_KEY_#", NULL, SECRET_TEXT, "", 0, 0,                         \
	    "keys of such services, numbered from 1, as their files name them")                    \
	X(SET_NODE_NAME, "NODE_NAME", NULL, TEXT, "local", 0, 0, "this node's name on screens")    \
	X(SET_REFRESH_DAYS, "REFRESH_AFTER_DAYS", NULL, NUMBER, "30", 1, 3650,                     \
	    "age in days after which `refresh` fetches data again")                                \
	X(SET_MAX_ATTEMPTS, "MAX_ATTEMPTS", NULL, NUMBER, "5", 1, 100,                             \
	    "tries of one chunk before its channels are set aside as failed")                      \
	X(SET_PLAN_SHARES, "PLAN_SHARES", NULL, TEXT, "60,30,5,5", 0, 0,                           \
	    "percent of each day's units for metadata, videos, discovery and refresh, until "      \
	    "`tubeops plan share` says otherwise")                                                 \
	X(SET_PLAN_LEND, "PLAN_LEND", NULL, FLAG, "1", 0, 1,                                       \
	    "a stage without work lends its share to the others, until `tubeops plan lend` says "  \
	    "otherwise")                                                                           \
	X(SET_PLAN_PACE, "PLAN_PACE", NULL, TEXT, "fast", 0, 0,                                    \
	    "fast, or even: units spread over the day, until `tubeops plan pace` says otherwise")  \
	X(SET_ON_HANGUP, "ON_HANGUP", NULL, TEXT, "auto", 0, 0,                                    \
	    "what the console does when its terminal is gone: headless (goes on without a "        \
	    "screen), stop, or auto: headless while jobs are open, else stop")                     \
	X(SET_LOG_LEVEL, "LOG_LEVEL", NULL, TEXT, "info", 0, 0, "error, warning, info or debug")   \
	X(SET_LOG_FILE, "LOG_FILE", NULL, TEXT, "", 0, 0,                                          \
	    "log file; empty: tubeops.log in the data folder; none: no file")                      \
	X(SET_LOG_FORMAT, "LOG_FORMAT", NULL, TEXT, "text", 0, 0, "text or json (JSON Lines)")     \
	X(SET_LOG_RING, "LOG_RING", NULL, NUMBER, "50000", 100, 1000000,                           \
	    "lines of the log kept in memory for screens and REST")                                \
	X(SET_ALERT_WEBHOOK, "ALERT_WEBHOOK", NULL, SECRET_TEXT, "", 0, 0,                         \
	    "address that alerts which need a person, and ends of jobs, are posted to as JSON; "   \
	    "empty: none")                                                                         \
	X(SET_DATA, "TUBEOPS_DATA", NULL, TEXT, "", 0, 0,                                          \
	    "data folder; empty: tubeops in XDG_DATA_HOME or ~/.local/share")

enum setting {
#define SETTING_ENUM(id, name, alias, type, def, least, most, help) id,
	SETTING_LIST(SETTING_ENUM)
#undef SETTING_ENUM
	    SET_COUNT
};

enum setting_type {
	SETTING_TEXT,
	SETTING_SECRET_TEXT,
	SETTING_NUMBER,
	SETTING_DECIMAL,
	SETTING_FLAG
};

struct setting_info {
	const char *name;
	const char *alias; /* NULL: none */
	enum setting_type type;
	const char *fallback;
	int64_t least, most; /* of numbers */
	const char *help;
};

struct settings;

/*
 * Reads env_path (NULL: ./.env if there is one; else it must exist) and the environment.
 * ERR_INVALID with file, line, name and range for the first bad value.
 */
enum err settings_load(struct settings **out, const char *env_path, struct errbuf *eb) MUST_CHECK;
void settings_free(struct settings *s);
/* Sets one by name with the highest rank; origin such as "--listen" is shown, and borrowed. */
enum err settings_set(struct settings *s, const char *name, const char *value, const char *origin,
    struct errbuf *eb) MUST_CHECK;

/* n: number in a family, 0 for plain settings. Never NULL; borrowed. Not for secrets. */
const char *settings_text(const struct settings *s, enum setting id, int n);
int64_t settings_number(const struct settings *s, enum setting id, int n);
double settings_decimal(const struct settings *s, enum setting id, int n);
bool settings_flag(const struct settings *s, enum setting id);
/* NULL when empty or not set; borrowed. */
const struct secret *settings_secret(const struct settings *s, enum setting id, int n);
bool settings_is_set(const struct settings *s, enum setting id, int n);
/* "default", "environment", ".env:12", "--listen". */
const char *settings_origin(const struct settings *s, enum setting id, int n);
/* The highest number in use in a family, 0 when there is none. */
int settings_family_max(const struct settings *s, enum setting id);
/* One row of the table, for help texts and doctor. */
const struct setting_info *settings_info(enum setting id);
/* $XDG_DATA_HOME/tubeops or $HOME/.local/share/tubeops, or TUBEOPS_DATA. Returns owned or NULL. */
char *settings_data_dir(const struct settings *s);
/* Environment for those who may not ask it themselves (TERM, NO_COLOR …); borrowed or NULL. */
const char *settings_environment(const char *name);

#endif
