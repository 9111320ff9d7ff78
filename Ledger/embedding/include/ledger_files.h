#ifndef LEDGER_FILES_H
#define LEDGER_FILES_H

#include <stddef.h>

/// A file of Ledger/, as it was when the program was built.
struct LedgerFile {
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

extern const struct LedgerFile *const ledgerFiles;
extern const size_t ledgerFileCount;

#endif
