#include "config.h"
#include "tui/theme.h"
#include "engine/base/str.h"

#include <string.h>

enum theme_kind { THEME_DARK, THEME_LIGHT, THEME_EIGHT, THEME_MONO, THEME_KINDS };

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

struct theme_style theme_style(enum role role, int colours, bool light)
{
	enum theme_kind kind = light ? THEME_LIGHT : THEME_DARK;

	if (colours < 8)
		kind = THEME_MONO;
	else if (colours < 256)
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
