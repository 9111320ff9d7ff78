#ifndef HANQING_CPROCESS_H
#define HANQING_CPROCESS_H

// Swift sees no function with "..." in its declaration, such as prctl(2).

/// Whether the kernel will write no core file of this process: PR_SET_DUMPABLE.
int hanqing_forbid_dump(void);

/// Whether it would write one: PR_GET_DUMPABLE.
int hanqing_is_dumpable(void);

#endif
