#include "config.h"
#include "tui/theme.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <string.h>

/* Named ones first, by the numbers that theme_find gives; then what they are with fewer colours. */
enum theme_kind {
	THEME_DARK,
	THEME_LIGHT,
	THEME_HIGH,
	THEME_MONO,
	THEME_DARK_16,
	THEME_LIGHT_16,
	THEME_HIGH_16,
	THEME_EIGHT,
	THEME_KINDS
};

static const char *const theme_names[] = {
    [THEME_DARK] = "dark",
    [THEME_LIGHT] = "light",
    [THEME_HIGH] = "high",
    [THEME_MONO] = "mono",
};

enum { THEME_NAMES = sizeof theme_names / sizeof theme_names[0] };

static const char *const role_words[ROLE_COUNT] = {
    [ROLE_NORMAL] = "normal",
    [ROLE_OK] = "ok",
    [ROLE_BUSY] = "busy",
    [ROLE_WARN] = "warn",
    [ROLE_ERROR] = "error",
    [ROLE_OFF] = "off",
    [ROLE_TITLE] = "title",
    [ROLE_KEY] = "key",
    [ROLE_RULE] = "rule",
};

/*
 * The palette of Okabe and Ito, so that no two meanings differ by red against green alone. The same
 * stands in assets/themes, which people copy and change; these are what there is without files.
 */
static const struct theme_style theme_table[THEME_KINDS][ROLE_COUNT] =
    {
        [THEME_DARK] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 35},
                [ROLE_BUSY] = {.colour = 74},
                [ROLE_WARN] = {.colour = 178},
                [ROLE_ERROR] = {.colour = 166, .bold = true},
                [ROLE_OFF] = {.colour = 244},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = 240},
            },
        [THEME_LIGHT] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 23},
                [ROLE_BUSY] = {.colour = 24},
                [ROLE_WARN] = {.colour = 94},
                [ROLE_ERROR] = {.colour = 130, .bold = true},
                [ROLE_OFF] = {.colour = 244},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = 248},
            },
        [THEME_HIGH] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 46},
                [ROLE_BUSY] = {.colour = 51},
                [ROLE_WARN] = {.colour = 226, .bold = true},
                [ROLE_ERROR] = {.colour = 208, .bold = true},
                [ROLE_OFF] = {.colour = 252},
                [ROLE_TITLE] = {.colour = 231, .bold = true},
                [ROLE_KEY] = {.colour = 231, .bold = true},
                [ROLE_RULE] = {.colour = 252},
            },
        [THEME_MONO] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = THEME_DEFAULT},
                [ROLE_BUSY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_WARN] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_ERROR] = {.colour = THEME_DEFAULT, .reverse = true},
                [ROLE_OFF] = {.colour = THEME_DEFAULT, .dim = true},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = THEME_DEFAULT, .dim = true},
            },
        [THEME_DARK_16] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 14},
                [ROLE_BUSY] = {.colour = 12},
                [ROLE_WARN] = {.colour = 11},
                [ROLE_ERROR] = {.colour = 9, .bold = true},
                [ROLE_OFF] = {.colour = THEME_DEFAULT, .dim = true},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = THEME_DEFAULT, .dim = true},
            },
        [THEME_LIGHT_16] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 6},
                [ROLE_BUSY] = {.colour = 4},
                [ROLE_WARN] = {.colour = 5},
                [ROLE_ERROR] = {.colour = 1, .bold = true},
                [ROLE_OFF] = {.colour = THEME_DEFAULT, .dim = true},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = THEME_DEFAULT, .dim = true},
            },
        [THEME_HIGH_16] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 10},
                [ROLE_BUSY] = {.colour = 14},
                [ROLE_WARN] = {.colour = 11, .bold = true},
                [ROLE_ERROR] = {.colour = 9, .bold = true},
                [ROLE_OFF] = {.colour = 15},
                [ROLE_TITLE] = {.colour = 15, .bold = true},
                [ROLE_KEY] = {.colour = 15, .bold = true},
                [ROLE_RULE] = {.colour = 15},
            },
        [THEME_EIGHT] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 6},
                [ROLE_BUSY] = {.colour = 4, .bold = true},
                [ROLE_WARN] = {.colour = 3},
                [ROLE_ERROR] = {.colour = 1, .bold = true},
                [ROLE_OFF] = {.colour = THEME_DEFAULT},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = THEME_DEFAULT},
            },
};

const char *role_word(enum role role)
{
	return role < ROLE_COUNT ? role_words[role] : "";
}

int theme_find(const char *name)
{
	for (int i = 0; name && i < THEME_NAMES; i++)
		if (strcmp(theme_names[i], name) == 0)
			return i;
	return THEME_AUTO;
}

const char *theme_name(int theme)
{
	return theme >= 0 && theme < THEME_NAMES ? theme_names[theme] : NULL;
}

static enum theme_level theme_level(int colours)
{
	return colours >= 256  ? THEME_256
	       : colours >= 16 ? THEME_16
	       : colours >= 8  ? THEME_8
	                       : THEME_NONE;
}

static enum theme_kind theme_kind_at(enum theme_kind named, enum theme_level level)
{
	if (named == THEME_MONO || level == THEME_NONE)
		return THEME_MONO;
	if (level == THEME_8)
		return THEME_EIGHT;
	return level == THEME_16 ? (enum theme_kind)(named + THEME_DARK_16) : named;
}

struct theme_style theme_style(enum role role, int colours, int theme, bool light)
{
	enum theme_kind kind = light ? THEME_LIGHT : THEME_DARK;

	if (theme >= 0 && theme < THEME_NAMES)
		kind = (enum theme_kind)theme;
	kind = theme_kind_at(kind, theme_level(colours));
	return theme_table[kind][role < ROLE_COUNT ? role : ROLE_NORMAL];
}

void theme_builtin(struct theme *out, int theme, bool light)
{
	enum theme_kind kind = light ? THEME_LIGHT : THEME_DARK;

	if (theme >= 0 && theme < THEME_NAMES)
		kind = (enum theme_kind)theme;
	*out = (struct theme){0};
	snprintf(out->name, sizeof out->name, "%s", theme_names[kind]);
	for (int i = 0; i < THEME_LEVELS; i++)
		memcpy(out->styles[i], theme_table[theme_kind_at(kind, (enum theme_level)i)],
		    sizeof out->styles[i]);
}

struct theme_style theme_look(const struct theme *t, enum role role, int colours)
{
	return t->styles[theme_level(colours)][role < ROLE_COUNT ? role : ROLE_NORMAL];
}

bool theme_is_light(const char *colorfgbg)
{
	const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
	int64_t background;

	if (!last || str_to_i64(last + 1, 0, 15, &background))
		return false;
	return background == 7 || background == 15;
}
