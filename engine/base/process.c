#include "config.h"
#include "engine/base/process.h"

#include "engine/base/str.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PROCESS_TEXT = 4096 };

static bool process_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

/* "VmRSS:	   1234 kB" in /proc/self/status; -1 when there is no such line. */
static int64_t process_status(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	char digits[24];
	int64_t v;
	size_t n;

	if (!at)
		return -1;
	at += strlen(name);
	at += strspn(at, " \t");
	n = strspn(at, "0123456789");
	if (!n || n >= sizeof digits)
		return -1;
	memcpy(digits, at, n);
	digits[n] = '\0';
	return str_to_i64(digits, 0, INT64_MAX / 1024, &v) ? -1 : v;
}

static int64_t process_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int64_t n = 0;

	if (!dir)
		return -1;
	for (const struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n - 1; /* the one for looking */
}

static int64_t process_cpu_ms(void)
{
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use) != 0)
		return -1;
	return (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 +
	       (int64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
}

void process_read(struct process_numbers *out)
{
	char text[PROCESS_TEXT];
	struct rlimit limit;

	*out = (struct process_numbers){process_cpu_ms(), -1, -1, process_files(), -1};
	if (process_file("/proc/self/status", text, sizeof text)) {
		out->rss_bytes = process_status(text, "\nVmRSS:");
		if (out->rss_bytes > 0)
			out->rss_bytes *= 1024;
		out->threads = process_status(text, "\nThreads:");
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		out->files_limit = (int64_t)limit.rlim_cur;
}

int64_t process_disk_free(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
}

char *process_user(char *buf, size_t size)
{
	char text[PROCESS_TEXT];
	struct passwd row, *found = NULL;

	if (getpwuid_r(geteuid(), &row, text, sizeof text, &found) == 0 && found)
		snprintf(buf, size, "%s", found->pw_name);
	else
		snprintf(buf, size, "uid %u", (unsigned)geteuid());
	return buf;
}

void process_thread(const char *name, int way)
{
#ifdef __linux__
	prctl(PR_SET_NAME, name);
	/* 0 is the calling thread there, the whole process elsewhere */
	if (way)
		setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + way);
#else
	(void)name;
	(void)way;
#endif
}
