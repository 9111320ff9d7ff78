#pragma once

#include <stddef.h>
#include <stdint.h>

/// What reads an input; 0 keeps it for the corpus if it reached something new, -1 never does.
typedef int (*FuzzerInput)(const uint8_t *bytes, size_t count);

/// libFuzzer's loop, from compiler-rt: https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a
/// library". The build links it only where there is a fuzz program.
int LLVMFuzzerRunDriver(int *argc, char ***argv, FuzzerInput input);
