/*
 * postgres_table - the driver that reads a table of PostgreSQL, such as channels of the original
 * system, page by page through a cursor of a transaction that may only read. Belongs to one thread.
 */
#ifndef TUBEOPS_DB_SOURCES_POSTGRES_TABLE_H
#define TUBEOPS_DB_SOURCES_POSTGRES_TABLE_H

#include "db/sources/table.h"

extern const struct table_driver postgres_driver;

#endif
