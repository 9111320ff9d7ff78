#include "COpenSSLSetup.h"

#include <openssl/crypto.h>

/* By itself libcrypto frees what it holds when the process ends, while threads that read behind,
   such as a scrub, may still be hashing: they would crash. The system takes everything back anyway.
   This counts only before the first other call, so it is done when the program is loaded. */
__attribute__((constructor)) static void keep_until_the_end(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, 0);
}
