#include "config.h"
#include "engine/base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct secret {
	size_t len;
	size_t mapped; /* bytes of the private mapping that holds text */
	char *text;
	char print[SECRET_PRINT + 1];
};

/* A mapping of its own, because only whole pages can be kept out of a core dump. */
static char *secret_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, size, MADV_DONTDUMP);
	return p;
}

static bool secret_fingerprint(struct secret *s)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_Digest(s->text, s->len, sum, &n, EVP_sha256(), NULL) != 1)
		return false;
	for (size_t i = 0; i < SECRET_PRINT; i++)
		s->print[i] = hex[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
	return true;
}

struct secret *secret_new(const char *text, size_t len)
{
	struct secret *s = calloc(1, sizeof *s);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!s)
		return NULL;
	s->len = len;
	s->mapped = (len + 1 + page - 1) / page * page;
	s->text = secret_map(s->mapped);
	if (!s->text) {
		free(s);
		return NULL;
	}
	memcpy(s->text, text, len);
	if (!secret_fingerprint(s)) {
		secret_free(s);
		return NULL;
	}
	return s;
}

struct secret *secret_copy(const struct secret *s)
{
	return secret_new(s->text, s->len);
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	OPENSSL_cleanse(s->text, s->len);
	munmap(s->text, s->mapped);
	free(s);
}

const char *secret_print(const struct secret *s)
{
	return s->print;
}

const char *secret_reveal(const struct secret *s)
{
	return s->text;
}

size_t secret_length(const struct secret *s)
{
	return s->len;
}

bool secret_is_equal(const struct secret *s, const char *text, size_t len)
{
	/* a length is no secret here, its bytes are */
	return len == s->len && CRYPTO_memcmp(s->text, text, len) == 0;
}
