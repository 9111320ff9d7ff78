#pragma clang diagnostic ignored "-Wc23-extensions"

#include "hanqing_version.h"

// `./dev` writes the file before it builds, so that only this file is compiled anew.
#if __has_embed("../../.build/commit.txt")
static const char commit[] = {
#embed "../../.build/commit.txt"
    , 0};
#else
static const char commit[] = "unknown";
#endif

const char *hanqingCommit(void) { return commit; }
