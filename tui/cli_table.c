#include "config.h"
#include "tui/cli.h"

#include <string.h>

static const struct cli_option common_options[] = {
    {"data", "DIR", "data folder (default $XDG_DATA_HOME/tubeops or ~/.local/share/tubeops)"},
    {"env", "FILE", "file with settings (default ./.env if there is one)"},
    {"listen", "ADDR:PORT", "address of the REST server (default 127.0.0.1:5000)"},
    {"json", NULL, "print one JSON value and nothing else on standard output"},
    {"no-rest", NULL, "start no REST server"},
    {"verbose", NULL, "log everything, to standard error too"},
    {"help", NULL, "explain the program or a command"},
    {"version", NULL, "print the version"},
    {NULL, NULL, NULL},
};

static const struct cli_option serve_options[] = {
    {"start", "TYPE", "start a job of this type at once, with its default parameters"},
    {"role", "worker|dispatcher|all",
        "what this node does in a cluster (the setting CLUSTER_ROLE)"},
    {"background", NULL, "as a process of its own; leave when it listens"},
    {NULL, NULL, NULL},
};

static const struct cli_option import_options[] = {
    {"detach", NULL, "when another process does it: leave at once, it goes on there"},
    {NULL, NULL, NULL},
};

static const struct cli_option console_options[] = {
    {"start", "TYPE", "start a job of this type at once, with its default parameters"},
    {"read-only", NULL, "only look: no key changes anything"},
    {NULL, NULL, NULL},
};

static const struct cli_option attach_options[] = {
    {"token-file", "FILE", "with the node's API_TOKEN, for its user alone (default: API_TOKEN)"},
    {"ca-file", "FILE", "certificates to trust besides the system's"},
    {"read-only", NULL, "only look: no key changes anything"},
    {NULL, NULL, NULL},
};

static const struct cli_option demo_options[] = {
    {"scenario", "NAME",
        "campaign (default), cluster, busy, rest, empty, nokey, spent, postgres, redis, trouble or "
        "many"},
    {"read-only", NULL, "only look: no key changes anything"},
    {"ascii", NULL, "no line drawing, also where the locale has it"},
    {NULL, NULL, NULL},
};

static const struct cli_option screen_options[] = {
    {"size", "WxH", "columns and lines (default 80x24)"},
    {"scenario", "NAME", "of made-up data, as tubeops demo has it, instead of the data folder"},
    {"ascii", NULL, "no line drawing, also where the locale has it"},
    {"colours", "N", "with the colours of a terminal that has so many: 256, 16, 8, 0"},
    {"theme", "NAME", "with colours: auto, dark, light, high or mono"},
    {NULL, NULL, NULL},
};

static const struct cli_option run_options[] = {
    {"param", "NAME=VALUE", "set a parameter of the job by its name"},
    {"dry-run", NULL, "say what it would cost in units and days, and start nothing"},
    {"wait", NULL, "when the quota is spent, wait for the next day instead of leaving"},
    {"detach", NULL, "when another process does it: leave at once, it goes on there"},
    {NULL, NULL, NULL},
};

static const struct cli_option top_options[] = {
    {"b", NULL, "print, as always: the screen is tubeops without a command"},
    {"n", "COUNT", "so many times (default: until it is ended)"},
    {"d", "SECONDS", "from one time to the next, 0.1 at least (default 3)"},
    {NULL, NULL, NULL},
};

static const struct cli_option jobs_options[] = {
    {"status", "STATUS", "only jobs of this status"},
    {"limit", "N", "at most so many jobs (default 50)"},
    {NULL, NULL, NULL},
};

static const struct cli_option dead_options[] = {
    {"op", "OP", "only those that metadata, videos or discovery gave up"},
    {"job", "ID", "only those of one job"},
    {"reason", "REASON", "only those with this reason"},
    {"all", NULL, "retry or drop every one"},
    {"limit", "N", "list at most so many (default 50)"},
    {NULL, NULL, NULL},
};

static const struct cli_option schedules_options[] = {
    {"every", "TIME", "add: 90m, 6h, 2d …"},
    {"daily", "HH:MM", "add: at this time of day, UTC"},
    {"param", "NAME=VALUE", "add: a parameter of the job by its name"},
    {NULL, NULL, NULL},
};

static const struct cli_option keys_options[] = {
    {"name", "NAME", "name of the new key (or: tubeops keys add NAME)"},
    {"project", "NAME", "project of the key (add, group); keys of one project share its units"},
    {"quota", "N", "units a day of the new key's project (default 10000)"},
    {NULL, NULL, NULL},
};

static const struct cli_option enrich_options[] = {
    {"out", "FILE", "the new file; it appears when it is complete"},
    {"columns", "A,B,C", "columns to add (default: title, counts, country, language …, status)"},
    {"column", "NAME", "the column with the channels, by name or number from 1 (default: guessed)"},
    {"overwrite", NULL, "replace FILE if it exists"},
    {"partial", NULL, "write FILE even if the quota ends before all rows are fetched"},
    {"wait", NULL, "when the quota is spent, wait for the next day instead of leaving"},
    {NULL, NULL, NULL},
};

static const struct cli_option backup_options[] = {
    {"overwrite", NULL, "replace FILE if it exists"},
    {"without-keys", NULL, "leave out API keys that were added by tubeops keys add"},
    {NULL, NULL, NULL},
};

static const struct cli_option restore_options[] = {
    {"overwrite", NULL, "replace the folder's data; it is kept as *.before-restore"},
    {NULL, NULL, NULL},
};

static const struct cli_option export_options[] = {
    {"format", "csv|jsonl", "csv (default) or jsonl"},
    {"out", "FILE",
        "write to FILE, which appears when it is complete; FILE.gz and FILE.zst are packed "
        "(default: standard output)"},
    {"overwrite", NULL, "replace FILE if it exists"},
    {"columns", "A,B,C", "these columns in this order (default: all)"},
    {"state", "STATE", "channels: pending, done, absent, missing, failed; jobs: their status"},
    {"source", "SOURCE", "channels that came this way: migration, discovery, bulk_upload ..."},
    {"language", "CODE", "channels or videos in this language; en takes en-GB too"},
    {"country", "CODE", "channels of this country"},
    {"min-subscribers", "N", "channels with at least so many; hidden counts are left out"},
    {"max-subscribers", "N", "channels with at most so many"},
    {"channel", "ID", "this channel; its videos; its discoveries"},
    {"method", "METHOD", "discoveries of this method"},
    {"where", "FILTER",
        "rows that the filter language finds, such as 'subs>=10k lang=en', or 'state=failed' of "
        "jobs"},
    {"sort", "ORDER", "in this order of lists, such as subs:desc (default: by id)"},
    {"since", "DAY", "from this day or time on, UTC: see above"},
    {"until", "DAY", "before this day or time"},
    {NULL, NULL, NULL},
};

static const struct cli_option purge_options[] = {
    {"older-than", "DAYS", "delete what YouTube told longer ago; ids stay and are pending again"},
    {"dry-run", NULL, "say what would be deleted, and delete nothing"},
    {"yes", NULL, "do not ask"},
    {"readmit", NULL, "let an erased channel be imported and found again"},
    {NULL, NULL, NULL},
};

static const struct cli_option settings_options[] = {
    {"example", NULL, "as a file for --env, every setting behind a #"},
    {NULL, NULL, NULL},
};

static const struct cli_option help_options[] = {
    {"man", NULL, "the manual page, for man(1)"},
    {NULL, NULL, NULL},
};

static const struct cli_command commands[] = {
    {.name = "console",
        .args = "",
        .help = "the console (needs a terminal); also without any command",
        .options = console_options,
        .log = CLI_LOG_FILE,
        .signals = true,
        .screen = true,
        .run = cmd_console},
    {.name = "attach",
        .args = "[URL]",
        .help = "the console of another node, or of the process that works on the data folder",
        .more = "URL is that node's REST server, such as https://host:8443; its certificate is "
                "checked. Leaving ends\n"
                "this console alone. A lost connection is tried again; actions are refused "
                "meanwhile. A second console\n"
                "on one data folder is attached by itself.",
        .options = attach_options,
        .most_args = 1,
        .signals = true,
        .screen = true,
        .run = cmd_attach},
    {.name = "demo",
        .args = "",
        .help = "the console on made-up data: no network, no keys, no data folder",
        .options = demo_options,
        .bare = true,
        .run = cmd_demo},
    {.name = "screen",
        .args = "VIEW",
        .help = "print one view of the console as text",
        .more = "VIEW is dash, jobs, keys, workers, channels, discovery, log, alerts, store, help, "
                "or a page:\n"
                "job:J-1001, and job:J-1001:2 for its third tab.",
        .options = screen_options,
        .least_args = 1,
        .most_args = 1,
        .run = cmd_screen},
    {.name = "serve",
        .args = "",
        .help = "work and answer REST calls, without a screen, until SIGTERM",
        .options = serve_options,
        .more = "Interrupted jobs go on by themselves. SIGTERM or SIGINT drains and leaves; a "
                "second one is\n"
                "quicker. SIGHUP opens the log file anew. With --background the process goes on by "
                "itself, with its\n"
                "messages in the log; its pid and address are printed, and tubeops stop ends it.",
        .log = CLI_LOG_FILE_AND_STDERR,
        .signals = true,
        .run = cmd_serve},
    {.name = "stop",
        .args = "",
        .help = "end the process that works on the data folder, as SIGTERM does, and wait for it",
        .more =
            "Calls in flight end, all results are kept, jobs go on at the next start. It ends a "
            "console as well\n"
            "as tubeops serve. That nothing works there is no failure.",
        .signals = true,
        .run = cmd_stop},
    {.name = "import",
        .args = "FILE|-|URL",
        .help = "import channel ids and leave; - is standard input",
        .more =
            "FILE is CSV, a plain list, JSON or JSON Lines, as it is or packed by gzip or zstd. "
            "URL "
            "names a table:\n"
            "mysql://USER:PASSWORD@HOST:PORT/DATABASE?table=channels&column=channel_id or "
            "postgresql://… with\n"
            "title=, description=, ssl-mode=, ssl-ca=, schema=. Keep the password from other users "
            "of this machine\n"
            "by IMPORT_PASSWORD in the environment or .env instead; it is stored nowhere.\n"
            "Lines that hold no channel id are counted, the first 100 are shown with the "
            "reason, and all are\n"
            "kept in a file of rejects. They do not make the import fail. Beside a running console "
            "or serve the\n"
            "import is done there, and this command watches it; Ctrl-C ends the watching alone.",
        .options = import_options,
        .job_type = "migration",
        .least_args = 1,
        .most_args = 1,
        .log = CLI_LOG_FILE,
        .signals = true,
        .run = cmd_import},
    {.name = "run",
        .args = "TYPE",
        .help = "run one job to its end",
        .more = "An open job of the same type and parameters is continued. At the end stands the "
                "reconciliation:\n"
                "requested = done + missing + failed + pending. Exit status 3: stopped because the "
                "quota is\n"
                "spent; run the same command again after midnight Pacific time, or give --wait. "
                "Beside a running\n"
                "console or serve the job is done there and goes on by itself; this command "
                "watches it, and Ctrl-C\n"
                "ends the watching alone.",
        .options = run_options,
        .job_type = "*",
        .least_args = 1,
        .most_args = 1,
        .log = CLI_LOG_FILE,
        .signals = true,
        .run = cmd_run},
    {.name = "enrich",
        .args = "IN.csv|- --out OUT.csv",
        .help = "give a CSV file back with metadata columns added to its rows",
        .more =
            "Rows and columns stay as they are, byte for byte; short rows are filled up with "
            "empty cells. Fetched\n"
            "is what staging lacks of this file's channels, and nothing else. Columns are those "
            "of an export of\n"
            "channels, and: topics, hidden_subscribers, etag, status (done, pending, absent, "
            "missing, failed,\n"
            "invalid, unresolved). A name that the header has already begins with yt_. Exit "
            "status 3: stopped\n"
            "because the quota is spent; the same command goes on tomorrow where this one "
            "ended.",
        .options = enrich_options,
        .least_args = 1,
        .most_args = 1,
        .log = CLI_LOG_FILE,
        .signals = true,
        .run = cmd_enrich},
    {.name = "status",
        .args = "",
        .help = "how things stand; exit status 1 when something needs a person",
        .run = cmd_status},
    {.name = "top",
        .args = "",
        .help = "the same numbers again and again, with open jobs and their rates",
        .more = "For logs and terminals without a screen. With --json it prints a line of status a "
                "time.",
        .options = top_options,
        .signals = true,
        .screen = true,
        .run = cmd_top},
    {.name = "jobs",
        .args = "[ID] [ACTION]",
        .help = "list jobs, show one, or pause, resume, cancel or retry it",
        .more = "ID is a number (1001), J-1001 or a UUID. When another process owns the data "
                "folder, actions go\n"
                "to its REST server.",
        .options = jobs_options,
        .most_args = 2,
        .run = cmd_jobs},
    {.name = "dead",
        .args = "[list|retry|drop] [ID…]",
        .help = "dead letters: channels that were given up, and why",
        .more = "retry makes them pending; drop forgets the letters, their channels stay failed. "
                "Both want to know\n"
                "which: channel ids, --job, --op, --reason or --all.",
        .options = dead_options,
        .most_args = 1000,
        .run = cmd_dead},
    {.name = "schedules",
        .args = "[list|add|enable|disable|remove|run] [NAME] [TYPE]",
        .help = "jobs that start again and again, and the program's own tasks",
        .more = "tubeops schedules add nightly refresh --daily 08:10. Schedules act while `serve` "
                "or the console\n"
                "is open; a time that was missed is made up for once.",
        .options = schedules_options,
        .job_type = "*",
        .most_args = 3,
        .run = cmd_schedules},
    {.name = "plan",
        .args = "[share|pace|lend|target] [STAGE] [VALUE]",
        .help =
            "how each day's units are divided, and when each stage will be done; or change that",
        .more = "tubeops plan share videos 40      percent of the day; the other stages give way\n"
                "tubeops plan pace even            spread units over the day; fast: as fast as "
                "they go\n"
                "tubeops plan lend off             keep the shares of stages without work unspent\n"
                "tubeops plan target videos 2026-12-31  by which day a stage is wanted\n"
                "Stages are metadata, videos, discovery, refresh. A stage whose share of today is "
                "spent "
                "waits for midnight\n"
                "Pacific time, unless another has no work: then it may spend that share too.",
        .most_args = 3,
        .log = CLI_LOG_FILE,
        .run = cmd_plan},
    {.name = "keys",
        .args = "list|add|enable|disable|remove|test [NAME]",
        .help = "list, add, enable, disable, remove or test YouTube API keys",
        .more = "add reads the key from the terminal without showing it, or from standard input; a "
                "key is never\n"
                "given as an argument, because everybody on the machine can read those.",
        .options = keys_options,
        .least_args = 1,
        .most_args = 2,
        .log = CLI_LOG_FILE,
        .run = cmd_keys},
    {.name = "export",
        .args = "channels|videos|discoveries|jobs",
        .help = "write channels, videos, discoveries or jobs as CSV or JSON Lines",
        .more = "All filters given must hold. --since and --until look at when channels were "
                "fetched, videos published,\n"
                "discoveries last seen, jobs created. CSV is RFC 4180, with | between the items of "
                "a list. A text that a\n"
                "spreadsheet would run as a formula gets a ' in front: one that begins with = + or "
                "a tab, and one with\n"
                "- or @ if it also holds ( | ! or =. JSON Lines hold every text as it is.",
        .options = export_options,
        .least_args = 1,
        .most_args = 1,
        .signals = true,
        .run = cmd_export},
    {.name = "backup",
        .args = "FILE",
        .help = "copy the data folder's databases into one file, also while another process works",
        .more =
            "The copy is that of one moment. It holds all channels, metadata, jobs and the book "
            "of units, and API\n"
            "keys that were added by tubeops keys add (not those of settings): keep it as you "
            "keep quota.db, or\n"
            "give --without-keys. Settings and logs are not in it.",
        .options = backup_options,
        .least_args = 1,
        .most_args = 1,
        .signals = true,
        .run = cmd_backup},
    {.name = "restore",
        .args = "FILE",
        .help = "make a data folder from a backup",
        .more = "The file is checked to its last byte before anything is changed. PostgreSQL gets "
                "all rows again. Units\n"
                "that the replaced folder spent stay spent.",
        .options = restore_options,
        .least_args = 1,
        .most_args = 1,
        .signals = true,
        .run = cmd_restore},
    {.name = "sync",
        .args = "",
        .help = "push what PostgreSQL does not have yet, and leave",
        .log = CLI_LOG_FILE,
        .signals = true,
        .run = cmd_sync},
    {.name = "purge",
        .args = "[CHANNEL]",
        .help = "delete a channel and all that hangs on it, or all data of some age",
        .more = "CHANNEL is an id, a URL or a known @handle. An erased channel stays away: no "
                "import and no\n"
                "discovery brings it back until it is readmitted. PostgreSQL follows with the next "
                "sync. What is\n"
                "deleted is overwritten in the file; copies that you made are yours to delete. "
                "Asks first on a terminal.",
        .options = purge_options,
        .most_args = 1,
        .log = CLI_LOG_FILE,
        .signals = true,
        .run = cmd_purge},
    {.name = "doctor",
        .args = "",
        .help = "check every part and setting, say what is wrong and how to mend it",
        .run = cmd_doctor},
    {.name = "health",
        .args = "",
        .help = "ask the process at work on the data folder whether it is well (GET /health)",
        .more = "Exit status 1: it does not answer, or there is none. For health checks of "
                "containers and the like.",
        .run = cmd_health},
    {.name = "settings",
        .args = "",
        .help = "list all settings with their defaults",
        .options = settings_options,
        .bare = true,
        .run = cmd_settings},
    {.name = "completions",
        .args = "bash|zsh|fish",
        .help = "print completions for a shell",
        .least_args = 1,
        .most_args = 1000,
        .bare = true,
        .run = cmd_completions},
    {.name = "help",
        .args = "[COMMAND]",
        .help = "explain the program or a command",
        .options = help_options,
        .most_args = 1,
        .bare = true,
        .run = cmd_help},
    {.name = "version", .args = "", .help = "print the version", .bare = true, .run = cmd_version},
    {.name = NULL},
};

const struct cli_command *cli_commands(void)
{
	return commands;
}

const struct cli_command *cli_command_find(const char *name)
{
	const struct cli_command *c = commands;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name ? c : NULL;
}

const struct cli_option *cli_common_options(void)
{
	return common_options;
}
