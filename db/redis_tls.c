/* TLS by OpenSSL on a socket that does not block: Debian 12's hiredis has none. Certificates and host
 * names are checked always; there is no switch. */
#include "config.h"
#include "db/redis_wire.h"
#include "engine/base/str.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct redis_tls {
	SSL_CTX *ctx;
	SSL *ssl;
	bool broken; /* no farewell to a peer that is gone */
};

/* OpenSSL's own words for what is uppermost in its queue; names of hosts at most. */
static const char *tls_words(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	return reason ? reason : "no reason given";
}

static enum err tls_set_up(struct redis_tls *t, const char *ca_file, struct errbuf *eb)
{
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx || !SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION))
		return err_set(eb, ERR_NOMEM, "TLS cannot be set up (%s)", tls_words());
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(
	    t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (!SSL_CTX_set_default_verify_paths(t->ctx))
		return err_set(eb, ERR_IO,
		    "the system's CA certificates cannot be read: install the package "
		    "ca-certificates");
	if (ca_file && !SSL_CTX_load_verify_locations(t->ctx, ca_file, NULL))
		return err_set(eb, ERR_INVALID,
		    "REDIS_CA: %s is no readable file with certificates in PEM form (%s)", ca_file,
		    tls_words());
	return ERR_OK;
}

/* What the certificate must say: an address among its addresses, a name among its names. */
static bool tls_set_host(SSL *ssl, const char *host)
{
	unsigned char address[16];
	char *name;
	bool ok;

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	name = str_dup(host); /* OpenSSL's macro casts const away; it takes a copy */
	ok = name && SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
	free(name);
	return ok;
}

struct redis_tls *redis_tls_new(int fd, const char *host, const char *ca_file, struct errbuf *eb)
{
	struct redis_tls *t = calloc(1, sizeof *t);

	if (!t) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	ERR_clear_error();
	if (!tls_set_up(t, ca_file, eb)) {
		t->ssl = SSL_new(t->ctx);
		if (t->ssl && SSL_set_fd(t->ssl, fd) == 1 && tls_set_host(t->ssl, host))
			return t;
		err_set(eb, ERR_INVALID, "TLS cannot be set up for this host (%s)", tls_words());
	}
	t->broken = true;
	redis_tls_free(t);
	return NULL;
}

void redis_tls_free(struct redis_tls *t)
{
	if (!t)
		return;
	ERR_clear_error();
	if (t->ssl && !t->broken)
		SSL_shutdown(t->ssl); /* one try; the socket does not block */
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	free(t);
}

static enum err tls_refuse_certificate(long result, struct errbuf *eb)
{
	bool unknown = result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	               result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	               result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	               result == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
	bool other =
	    result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH;

	return err_set(eb, ERR_DENIED, "its certificate was refused (%s): %s",
	    X509_verify_cert_error_string(result),
	    unknown ? "name the file of its CA by REDIS_CA, or install the package ca-certificates"
	    : other ? "write the host as the certificate names it"
	            : "check the certificate and this machine's clock");
}

/* What SSL_get_error says of a call that gave no bytes: 0 and events, or -1 and words. */
static int tls_judge(struct redis_tls *t, int code, short *events, struct errbuf *eb)
{
	int what = SSL_get_error(t->ssl, code);
	long verified = SSL_get_verify_result(t->ssl);

	if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE) {
		*events = what == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	t->broken = what != SSL_ERROR_ZERO_RETURN;
	if (what == SSL_ERROR_SSL && verified != X509_V_OK)
		tls_refuse_certificate(verified, eb);
	else if (what == SSL_ERROR_SSL &&
	         ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
		err_set(eb, ERR_UNAVAIL,
		    "TLS failed (%s): if the server has no TLS on this port, write redis://",
		    tls_words());
	else
		err_set(eb, ERR_UNAVAIL, "the server hung up");
	return -1;
}

int redis_tls_handshake(struct redis_tls *t, short *events, struct errbuf *eb)
{
	int code;

	ERR_clear_error();
	code = SSL_connect(t->ssl);
	return code == 1 ? 1 : tls_judge(t, code, events, eb);
}

ssize_t redis_tls_read(struct redis_tls *t, void *buf, size_t len, short *events, struct errbuf *eb)
{
	size_t n = 0;

	ERR_clear_error();
	return SSL_read_ex(t->ssl, buf, len, &n) ? (ssize_t)n : tls_judge(t, 0, events, eb);
}

ssize_t redis_tls_write(
    struct redis_tls *t, const void *buf, size_t len, short *events, struct errbuf *eb)
{
	size_t n = 0;

	ERR_clear_error();
	return SSL_write_ex(t->ssl, buf, len, &n) ? (ssize_t)n : tls_judge(t, 0, events, eb);
}
