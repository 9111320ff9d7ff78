/* What libcrypto is told before anything else: see setup.c. Nothing is called. */
