#ifndef FILE_FAULTS_H
#define FILE_FAULTS_H

// Makes chosen system calls on chosen files fail. A program that links this gets its own write,
// sync, truncate and rename in front of the C library's; they pass everything through until armed.

enum file_fault_call {
    file_fault_write = 0,
    file_fault_sync = 1,
    file_fault_truncate = 2,
    file_fault_rename = 3,
};

// The next such call on a file whose path ends with `suffix` fails with `error`. `done`: for a
// write, how many bytes are written before (less than all of them); for a rename, 1 if it happens
// although it fails.
void file_fault_arm(enum file_fault_call call, const char *suffix, int error, long done);

// Takes back what has not struck.
void file_fault_disarm(void);

#endif
