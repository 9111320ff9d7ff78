#ifndef HANQING_COPENSSL_SHIM_H
#define HANQING_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

/* A macro too much for the importer: RFC 4514, but characters beyond ASCII stay as they are. */
static const unsigned long hanqingNameFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

#endif
