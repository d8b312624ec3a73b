/* The settings as a file to begin with, made from their table. */
#include "config.h"
#include "tui/cli.h"

#include <stdio.h>
#include <string.h>

enum { PRINT_WIDTH = 96, PRINT_NAME = 256 };

const char *cli_dashes(const char *option)
{
	return option[0] && !option[1] ? "-" : "--";
}

/* A comment, in lines of at most PRINT_WIDTH columns. */
static void print_comment(const char *text)
{
	size_t at = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		if (at && at + 1 + len > PRINT_WIDTH) {
			putchar('\n');
			at = 0;
		}
		at += (size_t)printf("%s%.*s", at ? " " : "# ", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

/* What a value may be, where that is a number. */
static void print_range(const struct setting_info *info)
{
	if (info->type == SETTING_NUMBER || info->type == SETTING_DECIMAL)
		printf("# %lld to %lld\n", (long long)info->least, (long long)info->most);
	else if (info->type == SETTING_FLAG)
		printf("# 0 or 1\n");
	if (info->alias)
		printf("# also answers to %s\n", info->alias);
}

void cli_print_example(void)
{
	printf(
	    "# Settings of tubeops %s, as `tubeops settings --example` prints them. Take the # "
	    "away "
	    "from what\n"
	    "# you set. The environment and options come before this file. Keep it from others, as "
	    "it holds\n"
	    "# keys and passwords: chmod 600 .env\n",
	    PACKAGE_VERSION);
	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting_info *info = settings_info((enum setting)id);
		const char *hash = strchr(info->name, '#');
		putchar('\n');
		print_comment(info->help);
		print_range(info);
		/* the first of a numbered family */
		if (hash)
			printf("#%.*s1%s=%s\n", (int)(hash - info->name), info->name, hash + 1,
			    info->fallback);
		else
			printf("#%s=%s\n", info->name, info->fallback);
	}
}
