/*
 * gather - a SQLite VFS for the one connection that writes: what SQLite writes page by page goes to
 * the file in few large writes. A page of a WAL is two writes and a page of a checkpoint one more,
 * 4 KiB each; large ones take the kernel a fifth of the time and its writing to the disk half of it.
 *
 * Nothing else changes. A WAL's frames are held back inside a transaction only: the frame that
 * commits is recognized by its header and goes to the file, with all before it, before SQLite tells
 * anybody; none commits behind one that could not be written. Pages of a checkpoint are held back
 * until all are written, and an error is told by the sync behind them. That is so in a checkpoint
 * that has the lock for writing (SQLITE_CHECKPOINT_FULL and beyond) and that no reader stops; any other has
 * no sync, and its pages go out one by one. Whoever reads, syncs or cuts a file through it finds
 * everything written. What a read or write could not write is its error, and reading it stays one
 * until it has been written anew. A crash loses what SQLite would have lost: frames without their
 * commit.
 * (Frame headers: https://www.sqlite.org/fileformat2.html#the_write_ahead_log, locks: walformat.html.)
 *
 * It also asks the kernel to begin writing a long WAL to the disk early, so that the sync in front of
 * a checkpoint has little to wait for.
 *
 * Files are those of SQLite's own VFS. A file belongs to the thread of its connection.
 */
#ifndef TUBEOPS_DB_GATHER_H
#define TUBEOPS_DB_GATHER_H

/* Its name for sqlite3_open_v2, from any thread; NULL, SQLite's own VFS, when there is no memory. */
const char *gather_vfs_name(void);

#endif
