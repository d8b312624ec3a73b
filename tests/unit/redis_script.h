/*
 * redis_script - a server on 127.0.0.1 that plays what a test wants of it, one connection after the
 * other: answers in pieces, silence, garbage, hanging up. Its thread plays, the test's thread starts and
 * stops it; between the two only what is said here.
 */
#ifndef TUBEOPS_TESTS_REDIS_SCRIPT_H
#define TUBEOPS_TESTS_REDIS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct redis_script;
/* Plays connection number n (from 0) on fd; the connection is closed when it returns. */
typedef void redis_script_fn(struct redis_script *s, int fd, int n);

struct redis_script *redis_script_start(redis_script_fn *play);
void redis_script_stop(struct redis_script *s);
int redis_script_port(const struct redis_script *s);
/* Connections that were accepted. */
int redis_script_connections(struct redis_script *s);
/* Waits until so many were played and closed. */
void redis_script_wait_closed(struct redis_script *s, int n);

/* For scripts. Reads until text has come; false: the other side hung up, or the test is over. */
bool redis_script_expect(struct redis_script *s, int fd, const char *text);
void redis_script_send(int fd, const void *bytes, size_t len);
void redis_script_say(int fd, const char *text);
/* Answers a client without password that logs in. */
bool redis_script_login(struct redis_script *s, int fd);
/* Says nothing until the client hangs up or the test is over. */
void redis_script_hang(struct redis_script *s, int fd);

#endif
