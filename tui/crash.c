#include "config.h"
#include "tui/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

enum { CRASH_SIGNALS = sizeof crash_signals / sizeof crash_signals[0], CRASH_STACK = 32768 };

/* A handler gets no argument, so what it needs has to be here. */
static struct crash {
	volatile sig_atomic_t armed;
	int fd, stderr_fd;
	struct termios saved;
	char reset[512];
	size_t len;
	struct sigaction before[CRASH_SIGNALS];
	stack_t stack_before;
	char stack[CRASH_STACK]; /* so that a stack overflow is handled too */
	bool at_exit;
} crash;

static void crash_restore(void)
{
	size_t done = 0;

	if (!crash.armed)
		return;
	crash.armed = 0;
	while (done < crash.len) {
		ssize_t n = write(crash.fd, crash.reset + done, crash.len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	tcsetattr(crash.fd, TCSANOW, &crash.saved);
	if (crash.stderr_fd >= 0)
		dup2(crash.stderr_fd, STDERR_FILENO);
}

/* Gives the signal to whoever had it before: the default ends the process with a core. */
static void crash_handle(int number)
{
	crash_restore();
	for (int i = 0; i < CRASH_SIGNALS; i++)
		if (crash_signals[i] == number)
			sigaction(number, &crash.before[i], NULL);
	raise(number);
}

void crash_arm(int fd, const struct termios *saved, const char *reset, size_t len, int stderr_fd)
{
	struct sigaction sa = {.sa_handler = crash_handle, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_sp = crash.stack, .ss_size = sizeof crash.stack};

	crash.fd = fd;
	crash.stderr_fd = stderr_fd;
	crash.saved = *saved;
	crash.len = len < sizeof crash.reset ? len : 0;
	memcpy(crash.reset, reset, crash.len);
	sigemptyset(&sa.sa_mask);
	sigaltstack(&stack, &crash.stack_before);
	for (int i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &sa, &crash.before[i]);
	if (!crash.at_exit)
		crash.at_exit = atexit(crash_restore) == 0;
	crash.armed = 1;
}

void crash_disarm(void)
{
	if (!crash.armed)
		return;
	crash.armed = 0;
	for (int i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &crash.before[i], NULL);
	if (!(crash.stack_before.ss_flags & SS_ONSTACK))
		sigaltstack(&crash.stack_before, NULL);
}
