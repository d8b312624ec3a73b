/*
 * mysql - the driver that reads a table of MySQL or MariaDB, by libmariadb's calls that do not
 * block: each wait is bounded and ends early when the stop flag rises. The session is UTF-8
 * (utf8mb4) and may only read. ssl-mode: disabled, preferred (the default without ssl-ca),
 * required, verify-ca, verify-identity (the default with ssl-ca; both verify all, which is as fine
 * as libmariadb has it). Belongs to one thread.
 */
#ifndef TUBEOPS_DB_SOURCES_MYSQL_H
#define TUBEOPS_DB_SOURCES_MYSQL_H

#include "db/sources/table.h"

extern const struct table_driver mysql_driver;

#endif
