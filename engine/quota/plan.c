#include "config.h"
#include "engine/quota/plan.h"
#include "engine/base/str.h"

#include <string.h>

static const struct {
	const char *word;
	int share;
	double each;
} stages[STAGE_COUNT] = {
#define STAGE_ROW(name, word, share, each) [name] = {word, share, each},
    STAGE_LIST(STAGE_ROW)
#undef STAGE_ROW
};

static const char *const pace_words[] = {[PLAN_FAST] = "fast", [PLAN_EVEN] = "even"};

const char *stage_word(enum stage s)
{
	return (unsigned)s < STAGE_COUNT ? stages[s].word : "";
}

enum stage stage_find(const char *word)
{
	int s = 0;

	while (s < STAGE_COUNT && strcmp(stages[s].word, word) != 0)
		s++;
	return (enum stage)s;
}

double stage_default_units(enum stage s)
{
	return (unsigned)s < STAGE_COUNT ? stages[s].each : 0;
}

const char *plan_pace_word(enum plan_pace pace)
{
	return pace_words[pace == PLAN_EVEN];
}

bool plan_pace_parse(const char *word, enum plan_pace *out)
{
	for (int i = PLAN_FAST; i <= PLAN_EVEN; i++)
		if (strcmp(word, pace_words[i]) == 0) {
			*out = (enum plan_pace)i;
			return true;
		}
	return false;
}

void plan_default(struct plan *p)
{
	*p = (struct plan){.lend = true, .pace = PLAN_FAST};
	for (int s = 0; s < STAGE_COUNT; s++)
		p->share[s] = stages[s].share;
}

enum err plan_parse_shares(const char *text, struct plan *p, struct errbuf *eb)
{
	int share[STAGE_COUNT], sum = 0, s = 0;

	for (const char *at = text; s < STAGE_COUNT; s++) {
		size_t len = strcspn(at, ",");
		int64_t n;
		if (str_to_i64_n(at, len, 0, 100, &n))
			break;
		share[s] = (int)n;
		sum += share[s];
		at += len;
		if ((*at == ',') != (s + 1 < STAGE_COUNT))
			break;
		at += *at == ',';
	}
	if (s < STAGE_COUNT || sum != 100)
		return err_set(eb, ERR_INVALID,
		    "\"%.40s\": write the shares of metadata, videos, discovery and refresh in "
		    "percent, 100 in sum: 60,30,5,5",
		    text);
	memcpy(p->share, share, sizeof share);
	return ERR_OK;
}

/* The stage whose share was rounded down most. */
static int plan_most_cut(const double *wanted, const int *share, int but)
{
	int best = -1;

	for (int s = 0; s < STAGE_COUNT; s++)
		if (s != but &&
		    (best < 0 || wanted[s] - share[s] > wanted[best] - share[best] + 1e-9))
			best = s;
	return best;
}

void plan_set_share(struct plan *p, enum stage which, int percent)
{
	int others = 100 - p->share[which], left;
	double wanted[STAGE_COUNT];

	percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
	left = 100 - percent;
	for (int s = 0; s < STAGE_COUNT; s++) {
		if (s == (int)which)
			continue;
		/* when none of the others has anything, all get the same */
		wanted[s] = others > 0 ? (double)p->share[s] * (100 - percent) / others
		                       : (double)(100 - percent) / (STAGE_COUNT - 1);
		p->share[s] = (int)wanted[s];
		left -= p->share[s];
	}
	p->share[which] = percent;
	for (; left > 0; left--)
		p->share[plan_most_cut(wanted, p->share, (int)which)]++;
}

/* What those without work leave to the others; negative is nothing: they had borrowed. */
static double plan_pool(const struct plan *p, const struct plan_day *d)
{
	double pool = 0;

	for (int s = 0; s < STAGE_COUNT; s++)
		if (!d->work[s])
			pool += d->units * p->share[s] / 100 - d->spent[s];
	return p->lend && pool > 0 ? pool : 0;
}

void plan_divide(const struct plan *p, const struct plan_day *d, struct plan_part out[STAGE_COUNT])
{
	double pool = plan_pool(p, d);
	int shares = 0, n = 0;

	for (int s = 0; s < STAGE_COUNT; s++) {
		shares += d->work[s] ? p->share[s] : 0;
		n += d->work[s];
	}
	for (int s = 0; s < STAGE_COUNT; s++) {
		double own = d->units * p->share[s] / 100;
		double part = !d->work[s] ? 0 : shares ? (double)p->share[s] / shares : 1.0 / n;
		out[s].lent = pool * part;
		if (!d->work[s] && p->lend && n && own > d->spent[s])
			out[s].lent = d->spent[s] - own;
		out[s].allowed = own + out[s].lent;
		out[s].unspent = out[s].allowed - d->spent[s];
		out[s].unspent = out[s].unspent > 0 ? out[s].unspent : 0;
		out[s].left = out[s].unspent < d->left ? out[s].unspent : d->left;
	}
}

bool plan_may_spend(const struct plan_part *part, double spent, double cost)
{
	return spent + cost < part->allowed + 1 - 1e-6;
}

double plan_even_rate(double left, int64_t now, int64_t reset)
{
	return left > 0 && reset > now ? left / (double)(reset - now) : 0;
}

int64_t plan_pace_wait(
    struct plan_pacer *pacer, double left, int64_t now, int64_t reset, int64_t mono_ms, double cost)
{
	double gap_ms;

	if (pacer->minute != now / 60 || pacer->per_s <= 0) {
		pacer->minute = now / 60;
		pacer->per_s = plan_even_rate(left, now, reset);
	}
	if (pacer->per_s <= 0)
		return 0; /* nothing is left to be spread: others say so */
	gap_ms = cost / pacer->per_s * 1000;
	/* the rate may have grown since the last unit: nobody waits longer than it wants */
	if (pacer->next_ms > (double)mono_ms + gap_ms)
		pacer->next_ms = (double)mono_ms + gap_ms;
	if (pacer->next_ms > (double)mono_ms)
		return (int64_t)pacer->next_ms + 1;
	pacer->next_ms = (double)mono_ms + gap_ms;
	return 0;
}
