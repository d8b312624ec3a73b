/* The readers of CSV and plain lists: what they give and at which line. */
#include "config.h"
#include "tests/unit/source_fixture.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void test_plain(void **state)
{
	check(*state, "channel_id,title\n" A ",One\n" B ",Two\n", "2|" A "|One|-\n3|" B "|Two|-\n");
	/* no line end at the end, CRLF, byte order mark, blank lines */
	check(*state,
	    "\xEF\xBB\xBF"
	    "channel_id,title\r\n" A ",One\r\n\r\n   \r\n" B ",Two",
	    "2|" A "|One|-\n5|" B "|Two|-\n");
	/* lines of an old Macintosh */
	check(*state, "channel_id,title\r" A ",One\r" B ",Two\r", "2|" A "|One|-\n3|" B "|Two|-\n");
	/* short and long rows, empty fields */
	check(*state, "channel_id,title,description\n" A "\n" B ",,d,more\n,t,\n",
	    "2|" A "|-|-\n3|" B "||d\n4||t|\n");
	check(*state, "", "");
	check(*state, "channel_id,title\n", "");
	check(*state, "\n\n\n", "");
}

static void test_columns(void **state)
{
	struct fixture *f = *state;

	check(f, "title,x,Channel Id\nOne,1," A "\n", "2|" A "|One|-\n");
	check(f, "About;NAME;channelId\nwords;One;" A "\n", "2|" A "|One|words\n");
	check(
	    f, "Id\tTitle\tStatus\n" A "\tOne, two; three\tSeed\n", "2|" A "|One, two; three|-\n");
	/* Takeout: the id beats the URL */
	check(f,
	    "Channel Id,Channel Url,Channel Title\n" A ",http://www.youtube.com/channel/" A
	    ",One\n",
	    "2|" A "|One|-\n");
	check(f, "name,url\nOne,https://www.youtube.com/channel/" A "\n",
	    "2|https://www.youtube.com/channel/" A "|One|-\n");
	/* an id column of somebody's database does not hide the one with channels */
	check(f, "id,name,url\n1,One,https://www.youtube.com/@one\n",
	    "2|https://www.youtube.com/@one|One|-\n");
	/* a bad row first does not change the column */
	check(f, "channel_id,handle\nbad,@a\n" A ",@b\n" B ",@c\n",
	    "2|bad|-|-\n3|" A "|-|-\n4|" B "|-|-\n");
}

static void test_headerless(void **state)
{
	struct fixture *f = *state;

	check(f, A ",One\n" B ",Two\n", "1|" A "|One|-\n2|" B "|Two|-\n");
	check(f, "12,One," A "\n13,Two," B "\n", "1|" A "|One|-\n2|" B "|Two|-\n");
	check(f, A ",1200,One\n" B ",7,Two\n", "1|" A "|One|-\n2|" B "|Two|-\n");
	/* a header in unknown words is read as a row: it will be reported, not lost */
	check(f, "Kanal-ID,Kanaltitel\n" A ",One\n", "1|Kanal-ID|Kanaltitel|-\n2|" A "|One|-\n");
	check(f, "UCbad,Nought\n" A ",One\n", "1|UCbad|Nought|-\n2|" A "|One|-\n");
}

static void add_many(struct str *s, char c, size_t n)
{
	char *to = str_room(s, n);

	assert_non_null(to);
	memset(to, c, n);
	str_grown(s, n);
}

/* The head that is looked at ends within a long row: what is missing of it is not held against tabs. */
static void test_long_head(void **state)
{
	struct fixture *f = *state;
	struct str text;

	str_init(&text, (size_t)1024 * 1024);
	for (int i = 0; i < 3; i++) {
		add_many(&text, 'x', 30000);
		str_adds(&text, "\t" A "\n");
	}
	assert_int_equal(text.err, ERR_OK);
	put_file(f, str_get(&text), text.len);
	read_path(f, f->path, "csv", 1000);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(f->rows, 3);
	assert_memory_equal(str_get(&f->seen), "1|" A "|xxx", 30);
	str_done(&text);
}

/* Several ids a line and nothing else: each is a row. A line of empty fields hides no other. */
static void test_many(void **state)
{
	struct fixture *f = *state;

	check(f, A "," B "\n" C ",\n,,\n" B "," A "\n",
	    "1|" A "|-|-\n1|" B "|-|-\n2|" C "|-|-\n4|" B "|-|-\n4|" A "|-|-\n");
	check(f, A ";" B "\n;", "1|" A "|-|-\n1|" B "|-|-\n");
}

static void test_quotes(void **state)
{
	struct fixture *f = *state;

	check(f, "channel_id,title,x\n" A ",\"One, two\",1\n" B ",\"say \"\"hi\"\"\",2\n",
	    "2|" A "|One, two|-\n3|" B "|say \"hi\"|-\n");
	check(f, "channel_id,title\n\"" A "\",\"\"\r\n\"" B "\" ,\"\"\"\"\n",
	    "2|" A "||-\n3|" B "|\"|-\n");
	/* quoted newlines: the next row's line counts them */
	check(f, "channel_id,title\n" A ",\"One\ntwo\r\nthree\"\n" B ",Two\n",
	    "2|" A "|One\ntwo\r\nthree|-\n5|" B "|Two|-\n");
	/* quotes inside a field, written by somebody who did not double them */
	check(f, "channel_id,title\n" A ",\"a \"b\" c\"\n" B ",5\" disk\n",
	    "2|" A "|a \"b\" c|-\n3|" B "|5\" disk|-\n");
	check(f, "channel_id,\"ti\"\"tle\"\n" A ",One\n", "2|" A "|-|-\n");
}

static void test_unclosed(void **state)
{
	struct fixture *f = *state;
	struct str text;

	/* found out by the quote of a later field, or by the end of the file */
	check(f, "channel_id,title\n" A ",\"One\n" B ",\"Two, too\"\n" C ",Three\n",
	    "2!a quote is not closed\n3|" B "|Two, too|-\n4|" C "|Three|-\n");
	check(f, "channel_id,title\n" A ",\"One\n" B ",Two\n" C ",Three",
	    "2!a quote is not closed\n3|" B "|Two|-\n4|" C "|Three|-\n");
	check(f, "channel_id,title\n" A ",One\n" B ",\"Two",
	    "2|" A "|One|-\n3!a quote is not closed\n");
	check(f, "channel_id,title\n" A ",\"a \"b\n" B ",Two\n",
	    "2!a quote is not closed\n3|" B "|Two|-\n");

	/* in a large file only its own line is lost */
	str_init(&text, (size_t)16 * 1024 * 1024);
	str_adds(&text, "channel_id,title\n" A ",\"One\n");
	for (int i = 0; i < 100000; i++)
		str_adds(&text, B ",Two\n");
	assert_int_equal(text.err, ERR_OK);
	put_file(f, str_get(&text), text.len);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(f->rows, 100001);
	assert_memory_equal(str_get(&f->seen), "2!a quote is not closed\n3|" B "|Two|-\n", 56);
	str_done(&text);
}

static void test_bad_bytes(void **state)
{
	struct fixture *f = *state;
	static const char nul[] = "channel_id,title\n" A ",O\0ne\n" B ",Two\n" C ",\"T\0\"\n";
	static const char list[] = A "\nU\0C\n" B "\n";
	static const char utf16[] = "\xFF\xFE"
	                            "c\0h\0";

	check_n(f, NULL, nul, sizeof nul - 1, "2!a NUL byte\n3|" B "|Two|-\n4!a NUL byte\n");
	check_n(f, NULL, list, sizeof list - 1, "1|" A "|-|-\n2!a NUL byte\n3|" B "|-|-\n");
	/* wrong UTF-8 is not the reader's business */
	check(f, "channel_id,title\n" A ",\xFF\xC3\n", "2|" A "|\xFF\xC3|-\n");
	put_file(f, utf16, sizeof utf16 - 1);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_INVALID);
	assert_non_null(strstr(f->eb.text, "iconv"));
}

static void test_long_fields(void **state)
{
	struct fixture *f = *state;
	struct str text;
	static const size_t blocks[] = {0, 65536, 100000};

	str_init(&text, (size_t)32 * 1024 * 1024);
	str_adds(&text, "channel_id,title\n" A ",");
	add_many(&text, 'x', SOURCE_FIELD_MAX + 1);
	str_adds(&text, "\n" B ",\"");
	add_many(&text, 'y', SOURCE_FIELD_MAX + 1);
	str_adds(&text, "\"\n" C ",");
	add_many(&text, 'z', (size_t)6 * 1024 * 1024);
	str_adds(&text, "\n" A ",\"");
	add_many(&text, 'w', SOURCE_FIELD_MAX);
	str_adds(&text, "\"\n" B ",Two\n");
	put_file(f, str_get(&text), text.len);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		const char *seen;
		read_path(f, f->path, NULL, blocks[i]);
		seen = str_get(&f->seen);
		assert_int_equal(f->err, ERR_OK);
		assert_int_equal(f->rows, 5);
		assert_non_null(
		    strstr(seen, "2!a field is longer than 1 MiB\n3!a field is longer "
		                 "than 1 MiB\n4!a field is longer than 1 MiB\n5|" A "|ww"));
		assert_non_null(strstr(seen, "w|-\n6|" B "|Two|-\n"));
	}
	str_done(&text);
}

static void test_borders(void **state)
{
	struct fixture *f = *state;
	static const char csv[] = A ",\"O \"\"n\"\"\ne\r\n, \" \r\n\r\n" B ",\"open\r\n" C
	                            ",\"a \"b\" c\"\r\n" A ",N\0L\r\n" B ",\"\"\r\n" C ",end";
	static const char list[] = "@a\r\n\r\n" B "\r\n@\0\n" C;

	check_borders(f, "channel_id,title\r\n", A ",filler\r\n", csv, sizeof csv - 1,
	    "|filler|-\n1988|" A "|O \"n\"\ne\r\n, |-\n1992!a quote is not closed\n1993|" C
	    "|a \"b\" c|-\n1994!a NUL byte\n1995|" B "||-\n1996|" C "|end|-\n");
	check_borders(f, "", A "\r\n", list, sizeof list - 1,
	    "|" A "|-|-\n2522|@a|-|-\n2524|" B "|-|-\n2525!a NUL byte\n2526|" C "|-|-\n");
}

static void test_no_column(void **state)
{
	struct fixture *f = *state;

	put_file(f, "a,b\nc,d\n", 8);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_INVALID);
	assert_non_null(strstr(f->eb.text, "channel_id"));
	assert_non_null(strstr(f->eb.text, "a,b"));
	read_path(f, f->path, "xml", 0);
	assert_int_equal(f->err, ERR_INVALID);
	read_path(f, "/nonexistent/list.csv", NULL, 0);
	assert_int_equal(f->err, ERR_NOTFOUND);
	read_path(f, "/tmp", NULL, 0);
	assert_int_equal(f->err, ERR_INVALID);
}

static void test_list(void **state)
{
	struct fixture *f = *state;

	check(f, A "\r\n\n  \n@some.one\nhttps://www.youtube.com/c/Name",
	    "1|" A "|-|-\n4|@some.one|-|-\n5|https://www.youtube.com/c/Name|-|-\n");
	assert_string_equal(f->format, "list");
	check(f, "\n\"Channel ID\"\n" A "\n", "3|" A "|-|-\n");
	check(f, "nonsense\n" A "\n", "1|nonsense|-|-\n2|" A "|-|-\n");
	check_n(f, "list", A ",x\n", 27, "1|" A ",x|-|-\n");
}

/* A pipe that gives one byte at a time. */
struct dribble {
	int fd;
	const char *text;
};

static void *dribble_main(void *arg)
{
	struct dribble *d = arg;

	for (const char *p = d->text; *p; p++)
		if (write(d->fd, p, 1) != 1)
			break;
	close(d->fd);
	return NULL;
}

static void test_pipe(void **state)
{
	struct fixture *f = *state;
	struct dribble d = {.text = "channel_id,title\r\n" A ",\"On\"\"e\nx\"\r\n" B ",Two\r\n"};
	pthread_t thread;
	int fds[2], keep = dup(STDIN_FILENO);

	assert_int_equal(pipe(fds), 0);
	d.fd = fds[1];
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	close(fds[0]);
	assert_int_equal(pthread_create(&thread, NULL, dribble_main, &d), 0);
	read_path(f, "-", NULL, 0);
	pthread_join(thread, NULL);
	if (keep >= 0) {
		dup2(keep, STDIN_FILENO);
		close(keep);
	}
	assert_int_equal(f->err, ERR_OK);
	assert_string_equal(str_get(&f->seen), "2|" A "|On\"e\nx|-\n4|" B "|Two|-\n");
}

static void test_stop(void **state)
{
	struct fixture *f = *state;
	atomic_bool stop = true;
	struct source_config cfg = {.path = f->path, .stop = &stop};
	struct source *s = NULL;

	put_file(f, A "\n", 25);
	assert_int_equal(source_open(&s, &cfg, &f->eb), ERR_CANCELLED);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SOURCE_TEST(test_plain),
	    SOURCE_TEST(test_columns),
	    SOURCE_TEST(test_headerless),
	    SOURCE_TEST(test_long_head),
	    SOURCE_TEST(test_many),
	    SOURCE_TEST(test_quotes),
	    SOURCE_TEST(test_unclosed),
	    SOURCE_TEST(test_bad_bytes),
	    SOURCE_TEST(test_long_fields),
	    SOURCE_TEST(test_borders),
	    SOURCE_TEST(test_no_column),
	    SOURCE_TEST(test_list),
	    SOURCE_TEST(test_pipe),
	    SOURCE_TEST(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
