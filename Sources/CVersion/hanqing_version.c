#pragma clang diagnostic ignored "-Wc23-extensions"

#include "hanqing_version.h"

// `./dev` writes the file before it builds, so that only this file is compiled anew.
#if __has_embed("../../.build/commit.txt")
const char hanqingCommit[] = {
#embed "../../.build/commit.txt"
    , 0};
#else
const char hanqingCommit[] = "unknown";
#endif
