#include "config.h"
#include "tui/caps.h"
#include "engine/base/settings.h"

#include <curses.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

enum err caps_check(struct errbuf *eb)
{
	const char *name = settings_environment("TERM");
	const char *cup;
	int why = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(eb, ERR_UNAVAIL,
		    "the console needs a terminal; use: tubeops serve, or tubeops status");
	if (!name || !*name || setupterm(name, STDOUT_FILENO, &why) != OK)
		return err_set(eb, ERR_UNAVAIL,
		    "the terminal \"%s\" is not known here; set TERM=xterm or TERM=vt100, or use: "
		    "tubeops status",
		    name ? name : "");
	cup = tigetstr("cup");
	if (!cup || cup == (char *)-1) {
		del_curterm(cur_term);
		return err_set(eb, ERR_UNAVAIL,
		    "the terminal \"%s\" cannot move its cursor; use: tubeops serve, or tubeops "
		    "status",
		    name);
	}
	del_curterm(cur_term);
	return ERR_OK;
}

/* Appends a capability without its "$<5>" delays. */
void caps_add(struct str *out, const char *name)
{
	const char *text = tigetstr(name);

	if (!text || text == (char *)-1)
		return;
	while (*text) {
		const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;
		if (!end)
			str_addc(out, *text++);
		else
			text = end + 1;
	}
}

/* A terminal that has the capability, or of a family known to have it. */
bool caps_has_paste(void)
{
	static const char *const families[] = {"xterm", "screen", "tmux", "rxvt", "foot", "kitty",
	    "alacritty", "konsole", "gnome", "vte"};
	const char *name = settings_environment("TERM");
	const char *cap = tigetstr("BE");

	if (cap && cap != (char *)-1)
		return true;
	for (size_t i = 0; name && i < sizeof families / sizeof families[0]; i++)
		if (strncmp(name, families[i], strlen(families[i])) == 0)
			return true;
	return false;
}
