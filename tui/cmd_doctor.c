#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"

#include <stdio.h>
#include <string.h>

enum { DOCTOR_JSON_LIMIT = 4 * 1024 * 1024 };

struct doctor {
	const struct cli *c;
	struct str json;
	int worst;
	int broken;
};

static void doctor_line(void *arg, int level, const char *part, const char *text)
{
	static const char *const words[] = {"ok", "note", "broken"};
	struct doctor *d = arg;
	int at = level < 0 ? 0 : level > 2 ? 2 : level;

	d->worst = at > d->worst ? at : d->worst;
	d->broken += at == 2;
	if (!d->c->json) {
		printf("%-7s %-12s %s\n", words[at], part, text);
		return;
	}
	str_adds(&d->json, d->json.len > 1 ? ",{\"level\":" : "{\"level\":");
	cli_add_json(&d->json, words[at], strlen(words[at]));
	str_adds(&d->json, ",\"part\":");
	cli_add_json(&d->json, part, strlen(part));
	str_adds(&d->json, ",\"text\":");
	cli_add_json(&d->json, text, strlen(text));
	str_addc(&d->json, '}');
}

enum cli_exit cmd_doctor(struct cli *c)
{
	struct engine_config cfg = cli_engine_config(c, ENGINE_LOOK);
	struct doctor d = {.c = c};

	str_init(&d.json, DOCTOR_JSON_LIMIT);
	str_addc(&d.json, '[');
	engine_doctor(&cfg, doctor_line, &d);
	if (c->json)
		printf("%s]\n", str_get(&d.json));
	else if (d.broken)
		printf("\n%d broken\n", d.broken);
	else
		printf("\nnothing is broken\n");
	str_done(&d.json);
	return d.worst == 2 ? CLI_FAILED : CLI_DONE;
}
