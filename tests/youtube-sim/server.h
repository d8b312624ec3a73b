/*
 * server: the HTTP side, on libmicrohttpd with a pool of epoll threads. It turns a connection into
 * a struct ask, and a struct reply into bytes, whole or broken, at once or late.
 * Threads: start and stop from one thread.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "api.h"

struct server;

/* Borrows the api until server_stop. port 0: any free one. NULL: *why says what is wrong. */
struct server *server_start(
    struct api *api, const char *host, uint16_t port, unsigned threads, struct out *why);
uint16_t server_port(const struct server *s);
void server_stop(struct server *s);

#endif
