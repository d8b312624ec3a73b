#include "config.h"
#include "db/redis_fault.h"

#include <string.h>

/* Sources: redis 7.0 (errors that a client may meet), Upstash's documentation (Troubleshooting). */
static const struct redis_state redis_states[] = {
    {"NOAUTH", REDIS_HALT, ERR_DENIED,
        "the server wants to be told one: write redis://user:password@host:port/0"},
    {"WRONGPASS", REDIS_HALT, ERR_DENIED,
        "check user and password, or the token; in a URL write / as %2F, : as %3A, @ as %40"},
    {"ERR invalid password", REDIS_HALT, ERR_DENIED, "check the password"},
    {"ERR Client sent AUTH", REDIS_HALT, ERR_DENIED,
        "the server has no password: leave it out of the URL"},
    {"ERR AUTH", REDIS_HALT, ERR_DENIED, "the server has no password: leave it out of the URL"},
    {"NOPERM", REDIS_HALT, ERR_DENIED,
        "give the user this right (ACL SETUSER), or use a token that may write"},
    {"DENIED", REDIS_HALT, ERR_DENIED, NULL}, /* protected mode: its words say what to do */
    {"LOADING", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"BUSY", REDIS_AGAIN, ERR_UNAVAIL, "a script keeps the server busy"},
    {"MASTERDOWN", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"NOREPLICAS", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"UNBLOCKED", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"TRYAGAIN", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"READONLY", REDIS_AGAIN, ERR_UNAVAIL,
        "this server is a replica: name the one that takes writes, unless it is about to change"},
    {"OOM", REDIS_HALT, ERR_LIMIT, "its memory is full: raise maxmemory or delete keys"},
    {"MISCONF", REDIS_HALT, ERR_IO, NULL}, /* cannot save: its words say what to do */
    {"NOGROUP", REDIS_NO_GROUP, ERR_NOTFOUND, NULL},
    {"BUSYGROUP", REDIS_GROUP_EXISTS, ERR_EXISTS, NULL},
    {"NOSCRIPT", REDIS_NO_SCRIPT, ERR_NOTFOUND, NULL},
    {"MOVED", REDIS_HALT, ERR_INVALID,
        "this is a node of a Redis Cluster, which is not served: name a single server"},
    {"ASK", REDIS_HALT, ERR_INVALID,
        "this is a node of a Redis Cluster, which is not served: name a single server"},
    {"CLUSTERDOWN", REDIS_HALT, ERR_INVALID,
        "this is a node of a Redis Cluster, which is not served: name a single server"},
    {"ERR DB index is out of range", REDIS_HALT, ERR_INVALID,
        "the server has fewer databases: write a smaller number behind the host"},
    {"ERR invalid DB index", REDIS_HALT, ERR_INVALID, NULL},
    {"ERR max number of clients reached", REDIS_AGAIN, ERR_UNAVAIL,
        "raise maxclients, or run fewer programs"},
    {"ERR max concurrent connections exceeded", REDIS_AGAIN, ERR_UNAVAIL,
        "run fewer programs, or take a larger plan"},
    {"ERR max requests limit exceeded", REDIS_HALT, ERR_QUOTA,
        "the month's requests of Upstash's plan are spent: take a larger plan, or REDIS_URL"},
    {"ERR max daily request limit exceeded", REDIS_HALT, ERR_QUOTA,
        "the day's requests of Upstash's plan are spent: take a larger plan, or REDIS_URL"},
    {"ERR max requests per second limit exceeded", REDIS_AGAIN, ERR_UNAVAIL, NULL},
    {"ERR DB capacity quota exceeded", REDIS_HALT, ERR_LIMIT,
        "Upstash's plan has no room left: delete keys, or take a larger plan"},
    {"ERR max request size exceeded", REDIS_REFUSED, ERR_LIMIT, NULL},
    {"ERR XReadGroup is cancelled", REDIS_PENDING_FULL, ERR_LIMIT,
        "acknowledge what was read before"},
    {"ERR unknown command", REDIS_REFUSED, ERR_INVALID,
        "this server does not know it: Redis 6.2 or later is wanted"},
};

static const struct redis_state redis_other = {"", REDIS_REFUSED, ERR_INVALID, NULL};

const struct redis_state *redis_state_find(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof redis_states / sizeof redis_states[0]; i++) {
		size_t n = strlen(redis_states[i].start);

		if (len >= n && memcmp(text, redis_states[i].start, n) == 0 &&
		    (len == n || strchr(" .,:<", text[n])))
			return &redis_states[i];
	}
	return &redis_other;
}
