#ifndef HANQING_VERSION_H
#define HANQING_VERSION_H

/// The commit that the program was built from, as `./dev` wrote it; "unknown" for other builds.
const char *hanqingCommit(void);

#endif
