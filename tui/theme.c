#include "config.h"
#include "tui/theme.h"
#include "engine/base/str.h"

#include <string.h>

enum theme_kind { THEME_DARK, THEME_LIGHT, THEME_HIGH, THEME_MONO, THEME_EIGHT, THEME_KINDS };

/* Those that can be asked for by name; THEME_EIGHT is what dark, light and high are with 8 colours. */
static const char *const theme_names[] = {
    [THEME_DARK] = "dark",
    [THEME_LIGHT] = "light",
    [THEME_HIGH] = "high",
    [THEME_MONO] = "mono",
};

enum { THEME_NAMES = sizeof theme_names / sizeof theme_names[0] };

/* The palette of Okabe and Ito, so that no two meanings differ by red against green alone. */
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
        [THEME_EIGHT] =
            {
                [ROLE_NORMAL] = {.colour = THEME_DEFAULT},
                [ROLE_OK] = {.colour = 2},
                [ROLE_BUSY] = {.colour = 6},
                [ROLE_WARN] = {.colour = 3},
                [ROLE_ERROR] = {.colour = 1, .bold = true},
                [ROLE_OFF] = {.colour = THEME_DEFAULT},
                [ROLE_TITLE] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_KEY] = {.colour = THEME_DEFAULT, .bold = true},
                [ROLE_RULE] = {.colour = THEME_DEFAULT},
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
};

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

struct theme_style theme_style(enum role role, int colours, int theme, bool light)
{
	enum theme_kind kind = light ? THEME_LIGHT : THEME_DARK;

	if (theme >= 0 && theme < THEME_NAMES)
		kind = (enum theme_kind)theme;
	if (colours < 8)
		kind = THEME_MONO;
	else if (colours < 256 && kind != THEME_MONO)
		kind = THEME_EIGHT;
	return theme_table[kind][role < ROLE_COUNT ? role : ROLE_NORMAL];
}

bool theme_is_light(const char *colorfgbg)
{
	const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
	int64_t background;

	if (!last || str_to_i64(last + 1, 0, 15, &background))
		return false;
	return background == 7 || background == 15;
}
