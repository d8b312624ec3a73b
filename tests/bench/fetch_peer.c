/*
 * fetch_peer - the named peer of the fetch benchmark: the same bodies, fetched by libcurl easy
 * handles and parsed by jansson on as many threads, nothing stored.
 *   fetch_peer URL_PREFIX URL_SUFFIX THREADS <ids (one a line, "channel_id" header allowed)
 * Prints {"channels":N,"calls":N,"seconds":S}.
 */
#include "config.h"

#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEER_IDS = 50, PEER_ID = 24 };

struct peer {
	const char *prefix, *suffix;
	char (*ids)[PEER_ID + 1];
	size_t n_ids;
	atomic_size_t next;
	atomic_size_t channels, calls, failed;
};

struct peer_body {
	char *text;
	size_t len, cap;
};

static size_t peer_write(char *p, size_t size, size_t n, void *arg)
{
	struct peer_body *b = arg;

	if (b->len + size * n + 1 > b->cap) {
		size_t cap = (b->len + size * n + 1) * 2;
		char *grown = realloc(b->text, cap);
		if (!grown)
			return 0;
		b->text = grown;
		b->cap = cap;
	}
	memcpy(b->text + b->len, p, size * n);
	b->len += size * n;
	return size * n;
}

/* What any client does with an item: looks at its texts and counts. */
static size_t peer_read_items(const json_t *root)
{
	json_t *items = json_object_get(root, "items");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *it = json_array_get(items, i), *sn = json_object_get(it, "snippet");
		json_t *st = json_object_get(it, "statistics");
		n += json_string_value(json_object_get(sn, "title")) != NULL;
		(void)json_string_value(json_object_get(sn, "description"));
		(void)json_string_value(json_object_get(st, "viewCount"));
		(void)json_string_value(json_object_get(st, "subscriberCount"));
	}
	return n;
}

static char *peer_url(const struct peer *p, size_t from, size_t n)
{
	size_t room = strlen(p->prefix) + n * (PEER_ID + 1) + strlen(p->suffix) + 1, at;
	char *url = malloc(room);

	if (!url)
		return NULL;
	at = (size_t)snprintf(url, room, "%s", p->prefix);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(url + at, room - at, "%s%s", i ? "," : "", p->ids[from + i]);
	snprintf(url + at, room - at, "%s", p->suffix);
	return url;
}

static void peer_one(struct peer *p, CURL *curl, struct peer_body *b, size_t from)
{
	size_t n = p->n_ids - from < PEER_IDS ? p->n_ids - from : PEER_IDS;
	char *url = peer_url(p, from, n);
	json_t *root = NULL;

	b->len = 0;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (url && curl_easy_perform(curl) == CURLE_OK)
		root = json_loadb(b->text, b->len, 0, NULL);
	if (root)
		atomic_fetch_add(&p->channels, peer_read_items(root));
	else
		atomic_fetch_add(&p->failed, 1);
	atomic_fetch_add(&p->calls, 1);
	json_decref(root);
	free(url);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct peer_body b = {NULL, 0, 0};
	CURL *curl = curl_easy_init();
	size_t from;

	if (!curl)
		return NULL;
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "fetch_peer (gzip)");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, peer_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &b);
	while ((from = atomic_fetch_add(&p->next, PEER_IDS)) < p->n_ids)
		peer_one(p, curl, &b, from);
	curl_easy_cleanup(curl);
	free(b.text);
	return NULL;
}

static int peer_read_ids(struct peer *p)
{
	char line[256];
	size_t cap = 0;

	while (fgets(line, sizeof line, stdin)) {
		if (strncmp(line, "UC", 2) != 0 || strlen(line) < PEER_ID)
			continue;
		if (p->n_ids == cap) {
			void *grown = realloc(p->ids, (cap ? cap * 2 : 65536) * sizeof p->ids[0]);
			if (!grown)
				return -1;
			p->ids = grown;
			cap = cap ? cap * 2 : 65536;
		}
		memcpy(p->ids[p->n_ids], line, PEER_ID);
		p->ids[p->n_ids++][PEER_ID] = '\0';
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct peer p = {0};
	pthread_t threads[256];
	struct timespec a, b;
	long n = argc == 4 ? strtol(argv[3], NULL, 10) : 0;

	if (n < 1 || n > 256 || peer_read_ids(&p) || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		fprintf(stderr, "usage: fetch_peer URL_PREFIX URL_SUFFIX THREADS <ids\n");
		return 2;
	}
	p.prefix = argv[1];
	p.suffix = argv[2];
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (long i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, peer_main, &p) != 0)
			return 1;
	for (long i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("{\"channels\":%zu,\"calls\":%zu,\"failed\":%zu,\"seconds\":%.3f}\n", p.channels,
	    p.calls, p.failed,
	    (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	free(p.ids);
	return p.failed ? 1 : 0;
}
