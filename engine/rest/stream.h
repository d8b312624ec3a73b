/*
 * stream - a reply that is made while it is sent: what the server asks of events and exports, and
 * how they let it wait. The server knows of the connection; a stream does not.
 */
#ifndef TUBEOPS_REST_STREAM_H
#define TUBEOPS_REST_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct rest_stream;

struct rest_stream_ops {
	/*
	 * On the server's thread: up to max bytes. 0 with *end false: there is nothing yet, and
	 * pause was called (under the lock that the waker takes, so that no wake is lost).
	 * *broken: the reply cannot be brought to its end; the connection is cut.
	 */
	size_t (*read)(struct rest_stream *s, char *to, size_t max, bool *end, bool *broken);
	/* The connection has ended or the reply is sent: frees the stream. Never while paused. */
	void (*done)(struct rest_stream *s);
};

struct rest_stream {
	const struct rest_stream_ops *ops;
	size_t block; /* bytes that the server wants at a time at most */
	/* set by the server before the first read */
	void (*pause)(void *connection);
	void (*wake)(void *connection); /* any thread; once after each pause */
	void *connection;
};

#endif
