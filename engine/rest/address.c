#include "config.h"
#include "engine/rest/address.h"
#include "engine/base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Splits at the last colon; brackets of an IPv6 address are taken off. host is owned. */
static bool address_split(const char *text, char **host, int64_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	bool brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';

	*host = NULL;
	if (!len || str_to_i64(colon + 1, 0, 65535, port) || colon[1] == '+' || colon[1] == '-')
		return false;
	*host = brackets ? str_dup_n(text + 1, len - 2) : str_dup_n(text, len);
	/* without brackets nobody can say where an IPv6 address ends */
	return *host && (brackets || !strchr(*host, ':'));
}

static bool address_fill(const char *host, int64_t port, struct rest_address *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (str_is_equal_nocase(host, "localhost"))
		host = "127.0.0.1";
	*out = (struct rest_address){.size = 0};
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(&out->at, &v4, sizeof v4);
		out->size = sizeof v4;
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(&out->at, &v6, sizeof v6);
		out->size = sizeof v6;
	}
	return out->size != 0;
}

enum err rest_address_parse(const char *text, struct rest_address *out, struct errbuf *eb)
{
	char *host;
	int64_t port = 0;
	bool ok = address_split(text, &host, &port) && address_fill(host, port, out);

	free(host);
	if (!ok)
		return err_set(eb, ERR_INVALID,
		    "cannot listen on \"%.100s\": write ADDRESS:PORT, such as 127.0.0.1:5000, "
		    "[::1]:5000 or "
		    "localhost:5000 (of names only localhost)",
		    text);
	return ERR_OK;
}

bool rest_address_is_loopback(const struct rest_address *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->at.ss_family == AF_INET) {
		memcpy(&v4, &a->at, sizeof v4);
		return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
	}
	memcpy(&v6, &a->at, sizeof v6);
	return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool rest_host_is_local(const char *host)
{
	static const char *const local[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');
	size_t len = strlen(host);
	bool found = false;
	int64_t port;
	char *name;

	if (colon && (!bracket || colon > bracket)) {
		if (str_to_i64(colon + 1, 0, 65535, &port))
			return false;
		len = (size_t)(colon - host);
	}
	name = str_dup_n(host, len);
	for (size_t i = 0; name && i < sizeof local / sizeof local[0]; i++)
		found = found || str_is_equal_nocase(name, local[i]);
	free(name);
	return found;
}

bool rest_origin_is_local(const char *origin)
{
	const char *host = strstr(origin, "://");

	return host && rest_host_is_local(host + 3);
}
