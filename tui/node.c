#include "config.h"
#include "tui/node.h"
#include "engine/base/str.h"

#include <string.h>

const struct snapshot *node_snapshot(struct node *n)
{
	return n->ops->snapshot(n);
}

uint64_t node_send(struct node *n, const struct command *c)
{
	return n->read_only ? 0 : n->ops->send(n, c);
}

uint64_t node_ask(struct node *n, int slot, const char *method, const char *path, const char *body)
{
	return n->ops->ask(n, slot, method, path, body);
}

bool node_take(struct node *n, struct node_answer *a)
{
	return n->ops->take(n, a);
}

int node_wake_fd(struct node *n)
{
	return n->ops->wake_fd(n);
}

void node_link(struct node *n, struct node_link *out)
{
	*out = (struct node_link){.state = NODE_LINK_HERE};
	if (n->ops->link)
		n->ops->link(n, out);
}

void node_again(struct node *n)
{
	if (n->ops->again)
		n->ops->again(n);
}

void node_close(struct node *n)
{
	if (n)
		n->ops->close(n);
}

void node_add_query(struct str *out, const char *text)
{
	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;
		if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
		    (ch >= 'A' && ch <= 'Z') || strchr("-_.~", ch))
			str_addc(out, (char)ch);
		else
			str_addf(out, "%%%02X", ch);
	}
}
