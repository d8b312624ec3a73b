/*
 * ids: the text forms of ids and etags. A channel id is "UC" and 22 base64url characters that hold
 * 128 bits and four zero bits, so its last character is A, Q, g or w. Pure functions, any thread.
 */
#ifndef SIM_IDS_H
#define SIM_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDS_CHANNEL_LEN 24
#define IDS_ETAG_LEN 27
#define IDS_VIDEO_LEN 11

struct bits128 {
	uint64_t hi;
	uint64_t lo;
};

/* Writes 24 characters and no NUL. */
void ids_channel_write(struct bits128 bits, char *to);
/* "UC" and 22 base64url characters, whatever the last one is. */
bool ids_channel_shaped(const char *p, size_t len);
/* False also for a well-shaped id with bits beyond the 128th. */
bool ids_channel_read(const char *p, size_t len, struct bits128 *bits);
/* 11 characters of a video id, no NUL. */
void ids_video_write(uint64_t bits, char *to);
/* False when it is no 11 characters, or has bits beyond the 64th. */
bool ids_video_read(const char *p, size_t len, uint64_t *bits);
/* base64url without padding of 3n bytes, and back; false when a character is none of it. */
void ids_base64_write(const char *p, size_t triples, char *to);
bool ids_base64_read(const char *p, size_t quads, char *to);
/* 27 characters (160 bits and two zero bits), no NUL. */
void ids_etag_write(uint64_t a, uint64_t b, char *to);
/* n base64url characters derived from h. */
void ids_noise_write(uint64_t h, char *to, size_t n);
/* The project's one bit mixer: a bijection of 64 bits. */
uint64_t ids_mix(uint64_t x);
/* A hash of any bytes. */
uint64_t ids_hash(const char *p, size_t len, uint64_t seed);

#endif
