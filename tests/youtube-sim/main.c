/*
 * youtube-sim: behaves as the YouTube Data API v3 does, as far as its discovery document and
 * recorded replies show, over a made-up universe of channels. This file: options, and the few
 * things the program can do.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "channel.h"
#include "channel_text.h"
#include "ids.h"
#include "section.h"
#include "server.h"
#include "video.h"

#ifdef PACKAGE_VERSION
#define VERSION_TEXT PACKAGE_VERSION
#else
#define VERSION_TEXT "development"
#endif

#define STATUS_USAGE 2
#define MAX_CHANNELS (UINT64_C(1) << 39)
#define UNKNOWN_BASE (UINT64_C(1) << 60)

enum option_id {
	OPT_HELP = 256,
	OPT_VERSION,
	OPT_CHANNELS,
	OPT_SEED,
	OPT_ADOPT,
	OPT_PORT,
	OPT_HOST,
	OPT_KEYS,
	OPT_PROJECTS,
	OPT_QUOTA,
	OPT_LATENCY,
	OPT_FAULTS,
	OPT_REPLAY,
	OPT_REMEMBER,
	OPT_LOG,
	OPT_LOG_IDS,
	OPT_NOW,
	OPT_NO_GZIP,
	OPT_READY_FILE,
	OPT_THREADS,
	OPT_COUNT,
	OPT_FIRST,
	OPT_TITLES,
	OPT_UNKNOWN
};

struct options {
	uint64_t channels, seed, port, quota, now, threads, count, first, latency_low, latency_high;
	const char *adopt, *host, *keys, *projects, *faults, *replay, *log, *ready_file;
	bool has_now, has_count, log_ids, no_gzip, remember, titles, unknown;
};

static const char usage[] =
    "Usage: youtube-sim [OPTION]...                 serve until SIGTERM or SIGINT\n"
    "       youtube-sim ids --count K [OPTION]...   print channel ids as CSV\n"
    "       youtube-sim describe ID [OPTION]...     print one channel, or: terminated, unknown\n"
    "       youtube-sim edges ID [OPTION]...        print the channels its sections feature\n"
    "       youtube-sim edges - [OPTION]...         of the ids on stdin, as CSV, all that leads to "
    "a\n"
    "                                               channel, and whether it can be followed\n"
    "\n"
    "The universe:\n"
    "  --channels N        how many channels there are (default 1000)\n"
    "  --seed S            which universe (default 1)\n"
    "  --adopt FILE        the ids of a real list, one a line, are those of its first channels\n"
    "Serving:\n"
    "  --host ADDRESS      IPv4 address to listen on (default 127.0.0.1)\n"
    "  --port P            0 for any free port (default 8085)\n"
    "  --threads N         server threads (default 2)\n"
    "  --ready-file FILE   written with the port when listening\n"
    "  --keys A,B          API keys that work (default key-a)\n"
    "  --projects PA,PB    the project of each key (default: one each)\n"
    "  --quota U           units a project may use on a Pacific day, 0 for any (default 10000)\n"
    "  --latency MS        delay of every answer; LOW-HIGH for a range\n"
    "  --faults PLAN       what goes wrong, e.g. "
    "429minute:0.1,html502@7,stall@9-11,truncate:0.01,\n"
    "                      poison:UC...,delkey@5:KEY; --faults list names all\n"
    "  --replay DIR        answer with the recorded channels and videos of DIR/*.json\n"
    "  --remember          make each answer once and give it again from memory, for measuring\n"
    "  --log FILE          one JSON line a request     --log-ids  with what was asked for\n"
    "  --now EPOCH         where its clock starts      --no-gzip  never compress\n"
    "ids:\n"
    "  --count K           how many rows (default: all channels; beyond them they repeat)\n"
    "  --first I           start at channel I     --titles  a second column\n"
    "  --unknown           ids that are well formed and not in the universe\n"
    "  --help  --version\n";

static const struct option long_options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"channels", required_argument, NULL, OPT_CHANNELS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"adopt", required_argument, NULL, OPT_ADOPT},
    {"port", required_argument, NULL, OPT_PORT},
    {"host", required_argument, NULL, OPT_HOST},
    {"keys", required_argument, NULL, OPT_KEYS},
    {"projects", required_argument, NULL, OPT_PROJECTS},
    {"quota", required_argument, NULL, OPT_QUOTA},
    {"latency", required_argument, NULL, OPT_LATENCY},
    {"faults", required_argument, NULL, OPT_FAULTS},
    {"replay", required_argument, NULL, OPT_REPLAY},
    {"remember", no_argument, NULL, OPT_REMEMBER},
    {"log", required_argument, NULL, OPT_LOG},
    {"log-ids", no_argument, NULL, OPT_LOG_IDS},
    {"now", required_argument, NULL, OPT_NOW},
    {"no-gzip", no_argument, NULL, OPT_NO_GZIP},
    {"ready-file", required_argument, NULL, OPT_READY_FILE},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"count", required_argument, NULL, OPT_COUNT},
    {"first", required_argument, NULL, OPT_FIRST},
    {"titles", no_argument, NULL, OPT_TITLES},
    {"unknown", no_argument, NULL, OPT_UNKNOWN},
    {NULL, 0, NULL, 0},
};

static int fail(const char *what, const char *about)
{
	fprintf(stderr, "youtube-sim: %s%s%s\n", what, about ? ": " : "", about ? about : "");
	return STATUS_USAGE;
}

static bool read_latency(const char *text, struct options *o)
{
	const char *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);

	if (!slice_to_u64((struct slice){text, len}, 0, 3600000, &o->latency_low))
		return false;
	o->latency_high = o->latency_low;
	return dash == NULL ||
	       slice_to_u64(slice_of(dash + 1), o->latency_low, 3600000, &o->latency_high);
}

/* False: the value is not one. */
static bool take_number(struct options *o, int id, const char *text)
{
	struct slice s = slice_of(text ? text : "");

	switch (id) {
	case OPT_CHANNELS:
		return slice_to_u64(s, 0, MAX_CHANNELS, &o->channels);
	case OPT_SEED:
		return slice_to_u64(s, 0, UINT64_MAX, &o->seed);
	case OPT_PORT:
		return slice_to_u64(s, 0, 65535, &o->port);
	case OPT_QUOTA:
		return slice_to_u64(s, 0, INT64_MAX, &o->quota);
	case OPT_THREADS:
		return slice_to_u64(s, 1, 64, &o->threads);
	case OPT_NOW:
		o->has_now = true;
		return slice_to_u64(s, 0, UINT64_C(253402300799), &o->now);
	case OPT_COUNT:
		o->has_count = true;
		return slice_to_u64(s, 0, INT64_MAX, &o->count);
	case OPT_FIRST:
		return slice_to_u64(s, 0, INT64_MAX, &o->first);
	default:
		return read_latency(text ? text : "", o);
	}
}

static bool take_option(struct options *o, int id, const char *text)
{
	switch (id) {
	case OPT_ADOPT:
		o->adopt = text;
		return true;
	case OPT_HOST:
		o->host = text;
		return true;
	case OPT_KEYS:
		o->keys = text;
		return true;
	case OPT_PROJECTS:
		o->projects = text;
		return true;
	case OPT_FAULTS:
		o->faults = text;
		return true;
	case OPT_REPLAY:
		o->replay = text;
		return true;
	case OPT_LOG:
		o->log = text;
		return true;
	case OPT_READY_FILE:
		o->ready_file = text;
		return true;
	case OPT_LOG_IDS:
		return o->log_ids = true;
	case OPT_NO_GZIP:
		return o->no_gzip = true;
	case OPT_REMEMBER:
		return o->remember = true;
	case OPT_TITLES:
		return o->titles = true;
	case OPT_UNKNOWN:
		return o->unknown = true;
	default:
		return take_number(o, id, text);
	}
}

/* A field of CSV with quotes doubled. */
static void add_csv(struct out *o, struct slice text)
{
	out_char(o, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"')
			out_char(o, '"');
		out_char(o, text.p[i]);
	}
	out_char(o, '"');
}

static int print_ids(const struct options *o, const struct universe *u)
{
	struct channel *c = channel_new();
	uint64_t count = o->has_count ? o->count : o->channels;
	char id[IDS_CHANNEL_LEN];
	struct out out;
	bool ok = c != NULL && (o->channels > 0 || o->unknown || count == 0);

	out_init(&out, 1 << 20);
	out_text(&out, o->titles ? "channel_id,title\n" : "channel_id\n");
	for (uint64_t i = 0; ok && i < count; i++) {
		uint64_t index =
		    o->unknown ? UNKNOWN_BASE + o->first + i : (o->first + i) % o->channels;

		universe_id(u, index, id);
		out_add(&out, id, sizeof id);
		if (o->titles) {
			channel_load(c, u, index);
			out_char(&out, ',');
			add_csv(&out, channel_plain_title(c));
		}
		out_char(&out, '\n');
		if (out.len < 1 << 16)
			continue;
		ok = fwrite(out.data, 1, out.len, stdout) == out.len;
		out_reset(&out);
	}
	ok = ok && !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len &&
	     fflush(stdout) == 0;
	out_done(&out);
	channel_free(c);
	return ok ? 0 : 1;
}

static int describe(const struct universe *u, const char *id)
{
	struct channel *c = channel_new();
	char etag[IDS_ETAG_LEN];
	struct jsonw w;
	struct out out;
	uint64_t index;
	bool ok = c != NULL;

	out_init(&out, 16 << 20);
	switch (universe_find(u, slice_of(id), &index)) {
	case UNIVERSE_UNKNOWN:
		out_text(&out, "unknown\n");
		break;
	case UNIVERSE_TERMINATED:
		out_text(&out, "terminated\n");
		break;
	case UNIVERSE_FOUND:
		ids_etag_write(index, universe_seed(u), etag);
		jsonw_init(&w, &out, true, NULL);
		if (ok)
			channel_load(c, u, index);
		ok = ok && channel_write(c, &w, CHANNEL_ALL_PARTS, slice_of(""), etag);
		jsonw_end(&w);
		break;
	}
	ok = ok && !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len &&
	     fflush(stdout) == 0;
	out_done(&out);
	channel_free(c);
	return ok ? 0 : 1;
}

/* The featured channels in the order of the sections, each once. */
static int print_edges(const struct universe *u, const char *id)
{
	uint64_t index, list[SECTION_MAX * SECTION_CHANNELS_MAX];
	unsigned n = 0, seen;
	char text[IDS_CHANNEL_LEN];

	if (universe_find(u, slice_of(id), &index) != UNIVERSE_FOUND)
		return fail("no channel that is alive", id);
	for (unsigned i = 0; i < section_count(u, index); i++)
		if (section_kind(u, index, i) == SECTION_MULTIPLE_CHANNELS)
			n += section_channels(u, index, i, list + n);
	for (unsigned i = 0; i < n; i++) {
		for (seen = 0; list[seen] != list[i]; seen++)
			continue;
		universe_id(u, list[i], text);
		if (seen == i)
			printf("%.*s\n", (int)sizeof text, text);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

static void print_edge(
    const struct universe *u, const char *from, const char *kind, uint64_t to, bool can_be_followed)
{
	char text[IDS_CHANNEL_LEN];

	universe_id(u, to, text);
	printf("%s,%s,%.*s,%d\n", from, kind, (int)sizeof text, text, can_be_followed);
}

/* Sections and descriptions. An id always leads on; a handle or a video only while there is one. */
static void print_all_edges_of(const struct universe *u, const char *id, uint64_t index)
{
	static const char *const kinds[] = {[CHANNEL_MENTION_ID] = "id",
	    [CHANNEL_MENTION_HANDLE] = "handle",
	    [CHANNEL_MENTION_BARE] = "bare",
	    [CHANNEL_MENTION_VIDEO] = "video"};
	struct channel_mention list[CHANNEL_MENTIONS_MAX];
	uint64_t featured[SECTION_CHANNELS_MAX];
	unsigned n = channel_text_mentions(u, index, list);

	for (unsigned i = 0; i < section_count(u, index); i++) {
		unsigned k = section_kind(u, index, i) == SECTION_MULTIPLE_CHANNELS
		                 ? section_channels(u, index, i, featured)
		                 : 0;
		while (k > 0)
			print_edge(u, id, "featured", featured[--k], true);
	}
	for (unsigned i = 0; i < n; i++) {
		struct video v = {list[i].channel, list[i].slot};
		print_edge(u, id, kinds[list[i].kind], list[i].channel,
		    list[i].kind == CHANNEL_MENTION_ID ||
		        (list[i].kind == CHANNEL_MENTION_VIDEO
		                ? video_is_shown(video_state(u, v))
		                : !universe_terminated(u, list[i].channel)));
	}
}

static int print_all_edges(const struct universe *u)
{
	char line[64];
	uint64_t index;

	printf("source,kind,target,can_be_followed\n");
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (universe_find(u, slice_of(line), &index) == UNIVERSE_FOUND)
			print_all_edges_of(u, line, index);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

/* The next piece of a comma list; false at the end. */
static bool next_name(const char **list, struct slice *name)
{
	if (*list == NULL || **list == '\0')
		return false;
	*name = (struct slice){*list, strcspn(*list, ",")};
	*list += name->len;
	if (**list == ',')
		++*list;
	return true;
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
		        s.p[i]) == NULL)
			return false;
	return s.len > 0;
}

static struct quota *make_quota(const struct options *o)
{
	struct quota *q = quota_new(o->quota);
	const char *keys = o->keys, *projects = o->projects;
	struct slice key, project;

	while (q != NULL && next_name(&keys, &key)) {
		bool own = !next_name(&projects, &project);

		if (is_name(key) && (own || is_name(project)) &&
		    quota_add_key(q, key, own ? NULL : &project))
			continue;
		quota_free(q);
		return NULL;
	}
	return q;
}

static int list_faults(void)
{
#define X(name, text) puts(text);
	FAULT_KINDS(X)
#undef X
	for (size_t i = 0; i < errors_count(); i++)
		puts(errors_at(i)->name);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Whoever waits for the file must never see half of it: write another one and rename it. */
static bool write_ready(const char *path, uint16_t port)
{
	struct out fresh;
	FILE *f = NULL;
	bool ok = false;

	if (path == NULL)
		return true;
	out_init(&fresh, 1 << 16);
	out_text(&fresh, path);
	out_add(&fresh, ".new", sizeof ".new");
	if (!fresh.failed)
		f = fopen(fresh.data, "we");
	if (f != NULL) {
		ok = fprintf(f, "%u\n", (unsigned)port) > 0;
		ok = fclose(f) == 0 && ok && rename(fresh.data, path) == 0;
	}
	out_done(&fresh);
	return ok;
}

static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max > 65536 ? 65536 : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Listens until a signal comes. The signals are blocked in every thread and taken here. */
static int serve_until_signal(const struct options *o, struct api *api)
{
	struct server *s;
	struct out why;
	sigset_t stop;
	int got, status = 0;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	out_init(&why, 4096);
	s = server_start(api, o->host, (uint16_t)o->port, (unsigned)o->threads, &why);
	if (s == NULL) {
		out_char(&why, '\0');
		fail(why.failed ? "cannot start" : why.data, NULL);
		out_done(&why);
		return 1;
	}
	out_done(&why);
	if (!write_ready(o->ready_file, server_port(s)))
		status = fail("cannot write", o->ready_file);
	if (status == 0) {
		printf(
		    "youtube-sim listening on http://%s:%u\n", o->host, (unsigned)server_port(s));
		fflush(stdout);
		sigwait(&stop, &got);
	}
	server_stop(s);
	return status;
}

static bool set_plan(const struct options *o, struct api *api)
{
	struct out why;
	bool ok;

	if (o->faults == NULL)
		return true;
	out_init(&why, 4096);
	ok = faults_set(api->faults, slice_of(o->faults), 0, &why);
	out_char(&why, '\0');
	if (!ok)
		fail(why.failed ? "bad --faults" : why.data, NULL);
	out_done(&why);
	return ok;
}

static int serve(const struct options *o, struct universe *u)
{
	struct api api = {.universe = u, .no_gzip = o->no_gzip, .log_ids = o->log_ids};
	sigset_t stop;
	int status = STATUS_USAGE;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	allow_many_files();
	atomic_init(&api.latency_low_ms, o->latency_low);
	atomic_init(&api.latency_high_ms, o->latency_high);
	api.quota = make_quota(o);
	api.faults = faults_new(o->seed);
	api.clock = simclock_new();
	api.workers = workers_new();
	if (api.quota == NULL)
		fail("--keys and --projects: names of letters, digits, - _ and ., no key twice",
		    NULL);
	else if (o->replay != NULL && (api.replay = replay_new(o->replay)) == NULL)
		fail("cannot read the folder", o->replay);
	else if (api.faults == NULL || api.clock == NULL || api.workers == NULL ||
	         (o->remember && (api.recall = recall_new()) == NULL))
		fail("out of memory", NULL);
	else if (!set_plan(o, &api))
		status = STATUS_USAGE;
	else if (o->log != NULL && (api.log = reqlog_new(o->log)) == NULL)
		fail("cannot write", o->log);
	else {
		if (o->has_now)
			simclock_set(api.clock, (int64_t)o->now);
		status = serve_until_signal(o, &api);
	}
	reqlog_free(api.log);
	recall_free(api.recall);
	replay_free(api.replay);
	workers_free(api.workers);
	simclock_free(api.clock);
	faults_free(api.faults);
	quota_free(api.quota);
	return status;
}

static int run(const struct options *o, const char *verb, const char *about)
{
	struct universe *u;
	int status;

	if (verb == NULL && o->faults != NULL && strcmp(o->faults, "list") == 0)
		return list_faults();
	u = universe_new(o->channels, o->seed);
	if (u == NULL)
		return fail("out of memory", NULL);
	if (o->adopt != NULL && !universe_adopt(u, o->adopt)) {
		universe_free(u);
		return fail(
		    "--adopt wants a file with a channel id a line, at most --channels of them",
		    o->adopt);
	}
	if (verb == NULL)
		status = serve(o, u);
	else if (strcmp(verb, "ids") == 0 && about == NULL)
		status = print_ids(o, u);
	else if (strcmp(verb, "describe") == 0 && about != NULL)
		status = describe(u, about);
	else if (strcmp(verb, "edges") == 0 && about != NULL)
		status = strcmp(about, "-") == 0 ? print_all_edges(u) : print_edges(u, about);
	else
		status = fail("unknown command; try --help", verb);
	universe_free(u);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {.channels = 1000,
	    .seed = 1,
	    .port = 8085,
	    .quota = 10000,
	    .threads = 2,
	    .host = "127.0.0.1",
	    .keys = "key-a"};
	int id;

	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (id == '?')
			return STATUS_USAGE;
		if (id == OPT_HELP || id == OPT_VERSION) {
			fputs(id == OPT_HELP ? usage : "youtube-sim " VERSION_TEXT "\n", stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		}
		if (!take_option(&o, id, optarg))
			return fail("not a value an option takes", optarg);
	}
	if (argc - optind > 2)
		return fail("too many words; try --help", NULL);
	return run(
	    &o, optind < argc ? argv[optind] : NULL, optind + 1 < argc ? argv[optind + 1] : NULL);
}
