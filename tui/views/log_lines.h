/*
 * log_lines - the lines that the Log view holds: read from GET /api/log piece by piece, newer ones as
 * they come and older ones, in the end those of the file, when they are scrolled to. Belongs to its
 * view; the screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_LOG_LINES_H
#define TUBEOPS_TUI_VIEWS_LOG_LINES_H

#include "engine/base/log.h"
#include "tui/view.h"

enum { LOG_HELD = 5000, LOG_SOURCES = 24 };

/* What is shown, as keys choose it; texts "": all. */
struct log_choice {
	enum log_level level; /* this one and worse */
	char source[16];
	char job[24];
	int minutes; /* of the past; 0: all */
};

struct log_held {
	uint64_t seq;  /* 0: it is of the file, */
	int64_t place; /* where it stands here */
	int64_t at_ms;
	enum log_level level;
	char source[16];
	char job[24]; /* J-1042; "" */
	char *text;   /* owned */
	bool apart;   /* not one with the line before it: that came later */
};

struct log_lines {
	struct log_held *held; /* oldest first; owned */
	size_t n, room;
	char sources[LOG_SOURCES][16]; /* seen so far, in their order */
	size_t n_sources;
	bool at_oldest; /* nothing older is to be had */
	int64_t
	    older; /* place in the file from which on lines are older; 0: memory's are not all here */
	int64_t newer;   /* behind this place lines were dropped at the end; 0: none, or memory's */
	uint64_t newest; /* looked at by the node so far */
	uint64_t dropped; /* that the file lacks */
	struct str about; /* what the lines were asked for: choice and filter */
	struct str path;  /* of the question under way; empty: none */
	enum log_asked { LOG_ASK_NEWEST, LOG_ASK_NEWER, LOG_ASK_OLDER } asked;
	int64_t asked_ms;
	char error[200]; /* "" when the last answer was one */
};

void log_lines_done(struct log_lines *l);
/* What is held goes when the newest lines are there. */
void log_lines_restart(struct log_lines *l);
/*
 * Takes the answer that came, and asks for what is missing by resource i of the view. older: lines
 * before the first are wanted too; newer: those after the last, where they had been dropped. filter:
 * of the list.
 */
void log_lines_update(struct log_lines *l, const struct view_ctx *c, struct view_state *st, int i,
    const struct log_choice *choice, const char *filter, bool older, bool newer);

#endif
