/* News for a service manager, on real sockets: by path and by abstract name, beats, and what is refused. */
#include "config.h"
#include "tui/notify.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <setjmp.h>
#include <cmocka.h>

struct manager {
	struct scratch scratch;
	int fd;
};

/* Listens at name ("@…": abstract) or at a path of its own, and says so in the environment. */
static void manager_listen(struct manager *m, const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len;

	if (!name)
		name = scratch_path(&m->scratch, "notify");
	len = strlen(name);
	assert_true(len < sizeof at.sun_path);
	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(m->fd >= 0);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&at,
	                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static int manager_setup(void **state)
{
	struct manager *m = calloc(1, sizeof *m);

	*state = m;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	if (!m)
		return -1;
	m->fd = -1;
	return scratch_open(&m->scratch);
}

static int manager_teardown(void **state)
{
	struct manager *m = *state;

	if (m->fd >= 0)
		close(m->fd);
	scratch_close(&m->scratch);
	free(m);
	return 0;
}

/* The next datagram is exactly this. */
static void assert_news(const struct manager *m, const char *wanted)
{
	char text[4096];
	ssize_t n = recv(m->fd, text, sizeof text - 1, MSG_DONTWAIT);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, wanted);
}

static struct notify *must_open(void)
{
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n = NULL;

	assert_int_equal(notify_open(&n, &eb), ERR_OK);
	return n;
}

static void check_news(struct manager *m, const char *name)
{
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n;

	manager_listen(m, name);
	n = must_open();
	assert_non_null(n);
	assert_int_equal(notify_send(n, &eb, "READY=1"), ERR_OK);
	assert_int_equal(notify_send(n, &eb, "STOPPING=1\nSTATUS=%d jobs", 2), ERR_OK);
	assert_news(m, "READY=1");
	assert_news(m, "STOPPING=1\nSTATUS=2 jobs");
	notify_close(n);
}

static void news_go_to_a_path(void **state)
{
	check_news(*state, NULL);
}

static void news_go_to_an_abstract_name(void **state)
{
	char name[64];

	snprintf(name, sizeof name, "@tubeops-test-%ld", (long)getpid());
	check_news(*state, name);
}

static void nobody_waits_for_news(void **state)
{
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n;

	(void)state;
	n = must_open();
	assert_null(n);
	assert_int_equal(notify_send(n, &eb, "READY=1"), ERR_OK);
	assert_int_equal(notify_every_ms(n), -1);
	assert_string_equal(notify_beat(n), "");
	notify_close(n);
}

static void check_watchdog(const char *usec, const char *pid, int every_ms, const char *beat)
{
	struct notify *n;

	setenv("WATCHDOG_USEC", usec, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	else
		unsetenv("WATCHDOG_PID");
	n = must_open();
	assert_int_equal(notify_every_ms(n), every_ms);
	assert_string_equal(notify_beat(n), beat);
	notify_close(n);
}

static void beats_are_three_times_as_often_as_the_watchdog_wants(void **state)
{
	char mine[32], other[32];

	snprintf(mine, sizeof mine, "%ld", (long)getpid());
	snprintf(other, sizeof other, "%ld", (long)getppid());
	manager_listen(*state, NULL);
	check_watchdog("3000000", NULL, 1000, "WATCHDOG=1\n");
	check_watchdog("3000000", mine, 1000, "WATCHDOG=1\n");
	check_watchdog("3000000", other, 10000, "");
	check_watchdog("600000000", mine, 10000, "WATCHDOG=1\n");
	check_watchdog("9223372036854775807", mine, 10000, "WATCHDOG=1\n");
	check_watchdog("1", mine, 50, "WATCHDOG=1\n");
	check_watchdog("0", mine, 10000, "");
	check_watchdog("soon", mine, 10000, "");
}

static void a_socket_that_is_none_is_refused_with_its_name(void **state)
{
	struct manager *m = *state;
	char longer[sizeof(struct sockaddr_un) + 16];
	const char *const bad[] = {"relative/path", longer, "/nonexistent/notify"};

	(void)m;
	memset(longer, 'x', sizeof longer - 1);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct errbuf eb = {.code = ERR_OK};
		struct notify *n = NULL;
		setenv("NOTIFY_SOCKET", bad[i], 1);
		assert_int_not_equal(notify_open(&n, &eb), ERR_OK);
		assert_null(n);
		assert_non_null(strstr(eb.text, "NOTIFY_SOCKET"));
	}
}

static void a_manager_that_went_away_is_an_error_of_the_sending(void **state)
{
	struct manager *m = *state;
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n;

	manager_listen(m, NULL);
	n = must_open();
	close(m->fd);
	m->fd = -1;
	assert_int_equal(notify_send(n, &eb, "WATCHDOG=1"), ERR_IO);
	notify_close(n);
}

static void news_have_an_end(void **state)
{
	struct manager *m = *state;
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n;

	manager_listen(m, NULL);
	n = must_open();
	assert_int_equal(notify_send(n, &eb, "STATUS=%5000d", 1), ERR_LIMIT);
	notify_close(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(news_go_to_a_path, manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(
	        news_go_to_an_abstract_name, manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(nobody_waits_for_news, manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(beats_are_three_times_as_often_as_the_watchdog_wants,
	        manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(
	        a_socket_that_is_none_is_refused_with_its_name, manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(a_manager_that_went_away_is_an_error_of_the_sending,
	        manager_setup, manager_teardown),
	    cmocka_unit_test_setup_teardown(news_have_an_end, manager_setup, manager_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
