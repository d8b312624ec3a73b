/*
 * api_server - a small HTTP server that answers channels.list for the numbered channels of seed.h,
 * with scripted trouble, and counts what it was asked. A thread per connection; its numbers are
 * read and its script changed by any thread.
 */
#ifndef TUBEOPS_TESTS_API_SERVER_H
#define TUBEOPS_TESTS_API_SERVER_H

#include <stdbool.h>
#include <stdint.h>

enum { API_CHANNELS = 4096 };

enum api_trouble {
	API_UNAVAILABLE, /* 503 backendError */
	API_REFUSED,     /* 400 invalidParameter */
	API_SPENT,       /* 403 quotaExceeded */
	API_TORN         /* 200 and half a body */
};

struct api_server;

struct api_server *api_server_start(void);
void api_server_stop(struct api_server *a);
int api_server_port(const struct api_server *a);

/* The next n requests get this answer; n -1: all, 0: none. */
void api_server_trouble(struct api_server *a, enum api_trouble trouble, int n);
/* Requests that ask for this channel are refused with 400; -1: none. */
void api_server_bad(struct api_server *a, int number);
/* Channels whose number is a multiple of n do not exist; 0: all exist. */
void api_server_absent(struct api_server *a, int n);
void api_server_delay(struct api_server *a, int ms);

/* How often a channel was asked for and the request answered by 200. */
int api_server_served(struct api_server *a, uint32_t number);
/* Requests in all; and the largest number of ids in one. */
int api_server_requests(struct api_server *a);
int api_server_widest(struct api_server *a);

#endif
